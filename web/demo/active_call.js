// The one call that the page is in, from the press of a button to its end.
import { Chat } from "./chat.js";
import { Details } from "./details.js";
import { unlessAnswered } from "./media.js";
import { OwnMedia } from "./own_media.js";
import { get, tell } from "./page.js";
import { RemoteMedia } from "./remote_media.js";
import { STATES } from "./sentences.js";

const RING_TIME = 60_000; // milliseconds until a call that nobody answers ends
const SLOW = 12_000; // milliseconds of connecting, after which the page says what may be wrong

const TEXT_NOTE = "Text only. Turn on your microphone or your camera whenever you like.";
const NO_DIGITS = "Six digits to compare have not been agreed on yet.";
const NO_DIGITS_AT_ALL =
  "The other side does not agree on six digits to compare: nothing shows whether somebody sits between you.";
const DIGITS_TIME = 10_000; // milliseconds of being connected in which digits are agreed on
const DIGITS_HELP = "Compare by voice: if somebody sits between you, they differ, but for one case in a million.";
const SLOW_NOTE = "No way to the other side was found yet. A firewall may be between you, which a relay (TURN) would help with.";

export class ActiveCall {
  peer;
  /** @type {"video" | "text"} */ kind;
  /** @type {import("./call.js").Call | null} */ call = null;
  /** Whether it was ever connected. */
  wasConnected = false;
  #own;
  #remote;
  /** @type {Chat | null} */ #chat = null;
  /** @type {Details | null} */ #details = null;
  #onEnd;
  /** Why we hang up, if it is not for the button. @type {string | undefined} */ #reason;
  #ended = false;
  #timers = new Set();
  #since = 0;
  #sealed;
  #listening = new AbortController();

  /**
   * @param {string} peer @param {"video" | "text"} kind
   * @param {{sealed: boolean, onEnd: (end: {reason: string, message?: string}) => void}} options
   */
  constructor(peer, kind, { sealed, onEnd }) {
    this.peer = peer;
    this.kind = kind;
    this.#sealed = sealed;
    this.#onEnd = onEnd;
    tell(get("call-title"), peer);
    tell(get("call-state"), kind === "text" ? STATES.calling : "Asking for camera and microphone…");
    get("call-time").hidden = true;
    get("security").hidden = true;
    this.#showDigits("");
    get("details-button").disabled = true;
    get("stage").toggleAttribute("data-waiting", true);
    Chat.clear();
    this.#own = new OwnMedia(() => this.#mediaChanged());
    this.#remote = new RemoteMedia(peer, () => this.#layout());
    this.#remote.note(`Calling ${peer}…`);
    const on = (id, type, act) =>
      get(id).addEventListener(type, act, { signal: this.#listening.signal });
    on("hang-up", "click", () => this.hangUp());
    on("details-button", "click", () => this.#details?.toggle());
    on("message-form", "submit", (event) => {
      event.preventDefault();
      if (this.#chat?.say(get("message").value)) get("message").value = "";
    });
    this.#layout();
  }

  /**
   * Makes the call when camera and microphone are there, or have let us wait long enough.
   * @param {(options: {stream: MediaStream, media: boolean}) => import("./call.js").Call} make
   */
  async begin(make) {
    if (this.kind === "video") {
      const media = this.#own.open("both");
      await new Promise((resolve) => {
        media.finally(resolve);
        unlessAnswered(media, () => resolve(undefined));
      });
    }
    if (this.#ended) return;
    let call;
    try {
      call = make({ stream: this.#own.stream, media: true });
    } catch {
      return this.#end("failed"); // a browser makes only so many connections
    }
    if (call.state === "ended") return this.#end(call.reason ?? "failed");
    this.#take(call);
  }

  hangUp() {
    if (this.call) this.call.hangUp();
    else this.#end("hung-up");
  }

  /** @param {import("./call.js").Call} call */
  #take(call) {
    this.call = call;
    this.#own.attach(call);
    call.addEventListener("track", ({ detail }) => this.#remote.add(detail.track));
    call.addEventListener("state", () => this.#stateChanged());
    call.addEventListener("digits", ({ detail }) => this.#showDigits(detail.digits));
    call.addEventListener("ended", ({ detail }) => this.#end(detail.reason, detail.message));
    call.pc.addEventListener("connectionstatechange", () => this.#watchIdentity());
    if (call.state === "calling" && this.kind === "video") this.#receive();
    // In a call that we answer the channel comes with the description of the other side.
    call.pc.addEventListener("signalingstatechange", () => this.#openChat());
    this.#openChat();
    this.#details = new Details(call);
    get("details-button").disabled = false;
    this.#stateChanged();
    this.#after(RING_TIME, () => {
      if (call.state === "calling") this.#giveUp("unanswered");
    });
  }

  // Video and sound of the other side are wanted also by who has none.
  #receive() {
    const { pc } = this.call;
    for (const kind of ["audio", "video"]) {
      const sent = pc.getSenders().some(({ track }) => track?.kind === kind);
      if (!sent) pc.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  #openChat() {
    if (this.#chat || !this.call.channel) return;
    this.#chat = new Chat(this.call.channel, this.peer, {
      onMedia: (media) => this.#remote.told(media),
      onOpen: () => this.#chat?.sayMedia(this.#own.sends),
    });
  }

  #stateChanged() {
    const { state } = this.call;
    if (state === "ended") return;
    tell(get("call-state"), STATES[state]);
    get("stage").toggleAttribute("data-waiting", state !== "connected");
    this.#remote.note(this.#noteOf(state));
    if (state === "connecting") {
      this.#after(SLOW, () => {
        if (this.call?.state === "connecting") this.#remote.note(SLOW_NOTE);
      });
    }
    if (state === "connected") this.#connected();
  }

  #noteOf(state) {
    if (state === "calling") return `Calling ${this.peer}…`;
    if (state !== "connected") return STATES[state];
    return this.kind === "text" ? TEXT_NOTE : "";
  }

  #connected() {
    if (!this.wasConnected) {
      this.wasConnected = true;
      this.#since = Date.now();
      Chat.note(`You are connected with ${this.peer}.`);
      this.#tick();
      this.#after(DIGITS_TIME, () => {
        if (this.call.digits === "") tell(get("six-digits-help"), NO_DIGITS_AT_ALL);
      });
    }
    get("sealed").hidden = !this.#sealed;
    get("security").hidden = false;
  }

  /** @param {string} digits empty before they are agreed on */
  #showDigits(digits) {
    tell(get("six-digits"), digits.replace(/^.../, "$& "));
    tell(get("six-digits-help"), digits === "" ? NO_DIGITS : DIGITS_HELP);
  }

  #tick() {
    const seconds = Math.floor((Date.now() - this.#since) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    tell(get("call-time"), `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`);
    get("call-time").hidden = false;
    this.#after(1000, () => this.#tick());
  }

  // A path was found, and at its other end is somebody who does not prove to have the key that was
  // announced. Once they have, a failure is one of the network.
  #watchIdentity() {
    if (this.wasConnected) return;
    const { connectionState, iceConnectionState, sctp } = this.call.pc;
    const reached = ["connected", "completed"].includes(iceConnectionState);
    if (connectionState !== "failed" || !(reached || sctp?.transport?.state === "failed")) return;
    this.#giveUp("impostor");
  }

  #giveUp(reason) {
    this.#reason = reason;
    this.call.hangUp();
  }

  #mediaChanged() {
    this.#chat?.sayMedia(this.#own.sends);
    this.#layout();
  }

  // Who talks by text alone has more of the page for it, until somebody is to be seen.
  #layout() {
    const seen = this.#own?.sends.video || this.#remote?.showsVideo;
    get("call-view").dataset.kind = this.kind === "text" && !seen ? "text" : "video";
  }

  #after(milliseconds, act) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #end(reason, message) {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#listening.abort();
    this.#own.close();
    this.#remote.close();
    this.#details?.stop();
    this.#onEnd({ reason: this.#reason ?? reason, message });
  }
}
