// One call: a peer connection, and the messages with which two of them agree.
//
// What is done to the connection is done one after the other, in the order in which it was asked
// for or heard (`#queue`): so nothing ever finds it in the middle of a negotiation, and what is
// sealed keeps its order though sealing takes its time.

import { fragmentInUse, summarize } from "./call_stats.js";
import { fingerprintsOf, fragmentOf, offerOf } from "./descriptions.js";
import { ShortAuthentication } from "./short_authentication.js";

/** An event with what it is about, as CustomEvent, which some runtimes lack. */
export class HeliographEvent extends Event {
  /** @param {string} type @param {any} [detail] */
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

/** @typedef {import("./call_stats.js").CallStats} CallStats */

/**
 * Why a call is over. `hung-up`: by this side; `left`: by the other; `gone`: its connection has
 * ended; `busy`, `unavailable`, `no-call`, `too-many-calls`, `bad-name`: as the protocol has it;
 * `replaced`: the other party called anew; `sealing`: a body could not be opened; `failed`: a
 * description could not be used, or has another fingerprint than the first one, or the six digits
 * were not agreed on as they have to be; `offline`: this side has logged out, or was closed for
 * good.
 * @typedef {"hung-up" | "left" | "gone" | "busy" | "unavailable" | "no-call" | "too-many-calls"
 *   | "bad-name" | "replaced" | "sealing" | "failed" | "offline"} EndReason
 */

/**
 * `calling`: not answered yet; `ringing`: waits for accept() or busy(); `connecting`: answered;
 * `connected`; `reconnecting`: the media are interrupted, and another path is looked for; `ended`.
 * @typedef {"calling" | "ringing" | "connecting" | "connected" | "reconnecting" | "ended"
 *   } CallState
 */

/**
 * @typedef {object} CallOptions
 * @property {MediaStream} [stream] whose tracks are sent from the beginning
 * @property {boolean} [channel] whether there is a data channel: true unless said otherwise
 * @property {boolean} [media] whether to make room for a voice and a picture when connected, so
 *   that replaceTrack() needs no negotiation when they come later: false unless said otherwise
 * @property {RTCConfiguration} [configuration] in addition to the client's
 */

/**
 * Seals the bodies of one call: see sealing.js.
 * @typedef {object} SealedCall
 * @property {(type: string, body: unknown) => Promise<unknown>} seal
 * @property {(type: string, body: unknown) => Promise<any>} open throws what cannot be opened
 */

/**
 * Has the keys of a passphrase: see Sealer in sealing.js.
 * @typedef {{call(self: string, peer: string, id: string): SealedCall}} Sealing
 */

/**
 * What a call needs of its client.
 * @typedef {object} Link
 * @property {string} name
 * @property {(message: object) => void} send
 * @property {(call: Call) => void} over
 * @property {() => Sealing | undefined} seal asked once, when the call is made or taken
 * @property {RTCConfiguration} configuration
 * @property {typeof globalThis.RTCPeerConnection} RTCPeerConnection
 * @property {Pick<Crypto, "getRandomValues" | "subtle">} crypto
 * @property {(run: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/** So long an interruption may mend itself before another path is looked for. */
const INTERRUPTION = 4000; // milliseconds
/** And so much longer the polite side leaves that to the other. */
const COURTESY = 4000; // milliseconds
/** Until another path that was agreed on has to be in use. */
const IN_USE = 5000; // milliseconds
/** Until an offer that nobody heard is said again. */
const SAID_AGAIN = 2000; // milliseconds
/** More than that of a call that nobody has accepted is not kept. */
const MAX_UNREAD = 256; // messages

/** @param {any} body */
const looksSealed = (body) => typeof body === "object" && body !== null && "v" in body;

/**
 * A call with one other user. Events, each with its `detail`:
 *
 * - `state`: `{state}`, a {@link CallState}
 * - `track`: `{track, streams}`, as of RTCTrackEvent
 * - `channel`: `{channel}`, the data channel, which is open now
 * - `digits`: `{digits}`, six of them, which are the same on both sides unless somebody sits
 *   between the two
 * - `ended`: `{reason, message}`, an {@link EndReason}; `message` is a sentence for `sealing` and
 *   `failed`
 */
export class Call extends EventTarget {
  /** The name of the other party. @type {string} */
  peer;
  /** When both call each other at once, one side takes the id of the other. @type {string} */
  id;
  /** Whether this side gives way when both make an offer at once. @type {boolean} */
  polite;
  /** @type {RTCPeerConnection} */
  pc;
  /**
   * Negotiated, with the id 0 on both sides; null before the call is accepted.
   * @type {RTCDataChannel | null}
   */
  channel = null;
  /** The six digits to compare; empty before they are agreed on, which takes a data channel. */
  digits = "";
  /** @type {CallState} */
  state;
  /** @type {EndReason | undefined} */
  reason;
  /** Whether what the other party has offered is sealed; known while it rings. */
  sealed = false;

  /** @type {Link} */ #link;
  /** @type {Sealing | undefined} */ #sealing;
  /** @type {SealedCall | undefined} */ #seal;
  #queue = Promise.resolve();
  #outbox = Promise.resolve();
  /** Heard before accept(). @type {any[]} */ #unread = [];
  /** Heard before the remote description was set. @type {RTCIceCandidateInit[]} */ #early = [];
  /** The fingerprints with which the other party has begun. */ #agreed = "";
  /**
   * Of the tracks that may come later, if there is to be room, and the transceivers for them.
   * @type {{streams: MediaStream[], taken: Set<RTCRtpTransceiver>} | undefined}
   */
  #room;
  /** By the names alone: whoever relays could tell both sides that they are polite. */ #commits;
  /** @type {any} */ #interruption;
  /** @type {any} */ #confirmation;
  /** @type {any} */ #again;
  /** @type {import("./call_stats.js").Sample | undefined} */ #sample;

  /**
   * Made by HeliographClient.
   * @param {Link} link
   * @param {{peer: string, id: string, polite: boolean, incoming: boolean}} what
   * @param {CallOptions} options
   */
  constructor(link, { peer, id, polite, incoming }, options = {}) {
    super();
    this.#link = link;
    this.peer = peer;
    this.id = id;
    this.polite = polite;
    this.#commits = !polite;
    this.state = incoming ? "ringing" : "calling";
    this.pc = new link.RTCPeerConnection({ ...link.configuration, ...options.configuration });
    this.pc.addEventListener("negotiationneeded", () => this.#run(() => this.#offer()));
    this.pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate) this.#say("candidate", candidate);
    });
    this.pc.addEventListener("connectionstatechange", () => this.#connectionChanged());
    this.pc.addEventListener("track", ({ track, streams }) =>
      this.dispatchEvent(new HeliographEvent("track", { track, streams })),
    );
    if (incoming) return;
    this.#useSealing(link.seal());
    this.#begin(options);
  }

  /**
   * Takes a call that rings.
   * @param {CallOptions} [options]
   */
  accept(options = {}) {
    if (this.state !== "ringing") return;
    if (options.configuration) {
      this.pc.setConfiguration({ ...this.#link.configuration, ...options.configuration });
    }
    this.#useSealing(this.#link.seal());
    this.#become("connecting");
    const [offer, ...others] = this.#unread.splice(0);
    this.#run(() => this.#hear(offer, options));
    for (const message of others) this.#run(() => this.#hear(message));
  }

  /** Refuses a call that rings. */
  busy() {
    if (this.state !== "ringing") return;
    this.#link.send({ type: "busy", to: this.peer, call: this.id });
    this.end("hung-up");
  }

  /** Ends the call, or refuses it. */
  hangUp() {
    if (this.state === "ended") return;
    this.#link.send({ type: "leave", to: this.peer, call: this.id });
    this.end("hung-up");
  }

  /**
   * Sends a track from now on, which is negotiated.
   * @param {MediaStreamTrack} track
   * @param {...MediaStream} streams
   */
  addTrack(track, ...streams) {
    return this.pc.addTrack(track, ...streams);
  }

  /**
   * Sends another track in the place of the one of this kind, without a negotiation if there is
   * one already; null sends nothing.
   * @param {"audio" | "video"} kind
   * @param {MediaStreamTrack | null} track
   * @param {...MediaStream} streams
   */
  async replaceTrack(kind, track, ...streams) {
    const transceiver = this.pc
      .getTransceivers()
      .find(
        ({ sender, receiver, currentDirection, direction }) =>
          (sender.track?.kind ?? receiver.track.kind) === kind &&
          currentDirection !== "stopped" &&
          direction.startsWith("send"),
      );
    if (transceiver) await transceiver.sender.replaceTrack(track);
    else if (track) this.addTrack(track, ...streams);
  }

  /** Looks for another path, as is done by itself when the connection is interrupted. */
  restartIce() {
    if (this.state !== "ended") this.pc.restartIce();
  }

  /** The DTLS fingerprints that were agreed on, empty before. */
  fingerprints() {
    return { local: fingerprintsOf(this.pc.localDescription), remote: this.#agreed };
  }

  /** Rates are those since the call before. @returns {Promise<CallStats>} */
  async stats() {
    const { sample, stats } = summarize(await this.pc.getStats(), this.#sample);
    this.#sample = sample;
    return stats;
  }

  // For the client.

  /** A message of the other party. @param {any} message @internal */
  receive(message) {
    if (message.type === "leave") return this.end(message.reason ?? "left");
    if (message.type === "busy") return this.end("busy");
    if (this.state !== "ringing") return this.#run(() => this.#hear(message));
    if (message.type === "offer") {
      this.sealed = looksSealed(message.offer);
      this.#unread = [];
    }
    if (this.#unread.length < MAX_UNREAD) this.#unread.push(message);
  }

  /**
   * Both have called: the other party's call takes the place of this one.
   * @param {any} message @internal
   */
  giveWay(message) {
    this.id = message.call;
    this.#useSealing(this.#sealing); // whose keys are the call's own
    this.receive(message);
  }

  /** The server has refused what was said. @param {EndReason} reason @internal */
  refused(reason) {
    // Not that of the connection: Firefox calls it connecting while an offer waits for its answer.
    if (this.state !== "connected") return this.end(reason);
    // The media go on without the server: it may have begun anew, and the other party may be on
    // its way back.
    this.#link.clearTimeout(this.#again);
    this.#again = this.#link.setTimeout(() => this.#run(() => this.#offerAgain()), SAID_AGAIN);
  }

  /** The session is a new one, in which the server does not know the call yet. @internal */
  renew() {
    if (this.state === "ringing") return;
    this.#run(async () => {
      if (this.#offerAgain()) return;
      if (this.pc.connectionState !== "connected") this.#restartAfter(0);
      if (!this.polite) await this.#offer();
    });
  }

  /** @param {EndReason} reason @param {string} [message] @internal */
  end(reason, message) {
    if (this.state === "ended") return;
    this.reason = reason;
    for (const timer of [this.#interruption, this.#confirmation, this.#again]) {
      this.#link.clearTimeout(timer);
    }
    this.pc.close();
    this.#link.over(this);
    this.#become("ended");
    this.dispatchEvent(new HeliographEvent("ended", { reason, message }));
  }

  /** @param {CallOptions} options */
  #begin({ stream, channel = true, media = false }) {
    if (channel) {
      const made = this.pc.createDataChannel("heliograph", { negotiated: true, id: 0 });
      made.addEventListener("open", () =>
        this.dispatchEvent(new HeliographEvent("channel", { channel: made })),
      );
      this.channel = made;
      if (this.#link.crypto?.subtle) this.#authenticate();
    }
    for (const track of stream?.getTracks() ?? []) {
      this.pc.addTrack(track, /** @type {MediaStream} */ (stream));
    }
    if (media) this.#room = { streams: stream ? [stream] : [], taken: new Set() };
  }

  /**
   * Takes the room that was offered. Only the impolite side makes some, and not before there is a
   * connection: in an offer that is taken back it would be left over, and browsers do not agree on
   * how to get rid of it.
   */
  #makeRoom() {
    const room = this.#room;
    if (!room) return;
    const usable = this.pc
      .getTransceivers()
      .filter(
        ({ direction, currentDirection }) =>
          direction !== "stopped" && currentDirection !== "stopped",
      );
    for (const kind of ["audio", "video"]) {
      const present = usable.filter(({ receiver }) => receiver.track.kind === kind);
      if (present.some((one) => room.taken.has(one))) continue;
      // Those without an id are left over from an offer that was taken back, or not offered yet.
      let found = present.find(({ mid }) => mid !== null);
      if (found) found.direction = "sendrecv";
      else if (present.length === 0 && !this.polite && this.state === "connected") {
        found = this.pc.addTransceiver(kind, { streams: room.streams });
      }
      if (found) room.taken.add(found);
    }
  }

  /**
   * Agrees on the six digits as soon as there is a way to the other party: by then each has shown
   * to have the key of its fingerprint.
   */
  #authenticate() {
    const channel = this.pc.createDataChannel("heliograph digits", { negotiated: true, id: 1 });
    channel.binaryType = "arraybuffer";
    /** @type {ShortAuthentication} */
    let exchange;
    /** @param {() => Promise<{say?: Uint8Array<ArrayBuffer>, digits?: string}>} step */
    const run = (step) =>
      this.#run(async () => {
        const { say, digits = "" } = await step().catch((error) => {
          const why = "the six digits were not agreed on as they have to be";
          const who = "as if somebody sat between you";
          throw new Error(`The call with ${this.peer} has ended: ${why}, ${who}.`, {
            cause: error,
          });
        });
        if (channel.readyState !== "open") return;
        if (say) channel.send(say);
        if (digits === "") return;
        this.digits = digits;
        this.dispatchEvent(new HeliographEvent("digits", { digits }));
      });
    channel.addEventListener("open", () =>
      run(async () => {
        const is = { ...this.fingerprints(), commits: this.#commits };
        exchange = new ShortAuthentication(is, this.#link.crypto);
        return { say: await exchange.begin() };
      }),
    );
    channel.addEventListener("message", ({ data }) => run(async () => exchange.receive(data)));
  }

  /** @param {CallState} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new HeliographEvent("state", { state }));
  }

  /** @param {() => unknown} step */
  #run(step) {
    this.#queue = this.#queue.then(async () => {
      if (this.state === "ended") return;
      try {
        await step();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  /** @param {any} error */
  #failed(error) {
    if (this.state === "ended") return;
    this.#link.send({ type: "leave", to: this.peer, call: this.id });
    this.end(error.name === "SealingError" ? "sealing" : "failed", error.message);
  }

  /**
   * Says a body, sealed if there is a passphrase, after those before it.
   * @param {"offer" | "answer" | "candidate"} type @param {any} body
   */
  #say(type, body) {
    const id = this.id;
    const seal = this.#seal;
    const plain = body.toJSON?.() ?? body;
    this.#outbox = this.#outbox.then(async () => {
      try {
        const said = seal ? await seal.seal(type, plain) : plain;
        if (this.state === "ended" || this.id !== id) return;
        this.#link.send({ type, to: this.peer, call: id, [type]: said });
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  /** @param {Sealing | undefined} sealing */
  #useSealing(sealing) {
    this.#sealing = sealing;
    this.#seal = sealing?.call(this.#link.name, this.peer, this.id);
  }

  // Perfect negotiation

  async #offer() {
    // Otherwise the connection asks again when it is stable.
    if (this.state === "ringing" || this.pc.signalingState !== "stable") return;
    const id = this.id;
    await this.pc.setLocalDescription();
    if (this.id === id) this.#say("offer", offerOf(this.pc));
  }

  /** Says the offer once more that waits for its answer, if one does. */
  #offerAgain() {
    if (this.pc.signalingState !== "have-local-offer") return false;
    this.#say("offer", offerOf(this.pc));
    return true;
  }

  /** @param {any} message @param {CallOptions} [accepted] */
  async #hear(message, accepted) {
    const body = await this.#opened(message.type, message[message.type]);
    if (message.type === "candidate") return this.#addCandidate(body);

    if (message.type === "answer") {
      if (this.pc.signalingState !== "have-local-offer") return;
      const before = fragmentOf(this.pc.remoteDescription);
      await this.#setRemote(body);
      if (this.state === "calling") this.#become("connecting");
      if (before !== "" && before !== fragmentOf(body)) this.#confirmPath();
    } else {
      const collides = this.pc.signalingState !== "stable";
      if (collides && !this.polite) return;
      await this.#setRemote(body); // takes an offer of our own back
      if (accepted) this.#begin(accepted);
      this.#makeRoom();
      await this.pc.setLocalDescription();
      this.#say("answer", this.pc.localDescription);
      if (this.state === "calling") this.#become("connecting");
    }
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
  }

  /**
   * A connection keeps its certificate as long as it lasts. Another one is that of somebody who
   * takes the place of the other party after the six digits were compared.
   * @param {RTCSessionDescriptionInit} description
   */
  async #setRemote(description) {
    const shown = fingerprintsOf(description);
    if (shown !== "" && this.#agreed !== "" && shown !== this.#agreed) {
      const why = "what is said now comes with the fingerprint of another certificate";
      throw new Error(`The call with ${this.peer} has ended: ${why} than at its beginning.`);
    }
    await this.pc.setRemoteDescription(description);
    if (shown !== "") this.#agreed = shown;
  }

  /** @param {string} type @param {any} body */
  async #opened(type, body) {
    if (this.#seal) return this.#seal.open(type, body);
    if (!looksSealed(body)) return body;
    const error = new Error(`What ${this.peer} says is sealed, and there is no passphrase here.`);
    error.name = "SealingError";
    throw error;
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #addCandidate(candidate) {
    if (this.pc.remoteDescription === null) {
      if (this.#early.length < MAX_UNREAD) this.#early.push(candidate);
      return;
    }
    try {
      await this.pc.addIceCandidate(candidate);
    } catch {
      // One path less: of an offer that was not taken, or of a kind that is not known here.
    }
  }

  /**
   * If both sides made an offer at once, one would be taken back: Chromium can lose the picture of
   * the other side by that. So the polite one waits whether the other does it.
   * @param {number} delay
   */
  #restartAfter(delay) {
    this.#link.clearTimeout(this.#interruption);
    const wait = delay + (this.polite ? COURTESY : 0);
    if (wait === 0) return this.restartIce();
    this.#interruption = this.#link.setTimeout(() => {
      if (this.pc.connectionState !== "connected") this.restartIce();
    }, wait);
  }

  /**
   * Chromium can keep to an address from before, which still answers while Firefox takes no media
   * from there any more. Then it has to look once more.
   */
  #confirmPath() {
    const confirm = async () => {
      const used = fragmentInUse(await this.pc.getStats());
      const isConnected = this.pc.connectionState === "connected";
      if (isConnected && used && used !== fragmentOf(this.pc.remoteDescription)) this.restartIce();
    };
    this.#link.clearTimeout(this.#confirmation);
    this.#confirmation = this.#link.setTimeout(() => this.#run(confirm), IN_USE);
  }

  #connectionChanged() {
    this.#link.clearTimeout(this.#interruption);
    if (this.state === "ended") return;
    const { connectionState } = this.pc;
    if (connectionState === "connected") {
      this.#become("connected");
      if (!this.polite) this.#run(() => this.#makeRoom());
    }
    if (connectionState === "disconnected") {
      this.#become("reconnecting");
      this.#restartAfter(INTERRUPTION);
    }
    if (connectionState === "failed") {
      this.#become("reconnecting");
      this.#restartAfter(0);
    }
  }
}
