// Somebody calls: a dialog that asks whether to answer, until it is answered or the call is over.
import { get, showInitial, tell, toast } from "./page.js";
import { ring } from "./ring.js";

const title = document.title;

export class Incoming {
  /** @type {import("./call.js").Call | null} */ #call = null;
  #stopRinging = () => {};
  #onAnswer;

  /** @param {(call: import("./call.js").Call, kind: "video" | "text") => void} onAnswer */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer;
    get("incoming-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer("video");
    });
    get("answer-text").addEventListener("click", () => this.#answer("text"));
    get("decline").addEventListener("click", () => this.decline());
    get("incoming").addEventListener("cancel", (event) => {
      event.preventDefault();
      this.decline();
    });
    get("incoming-passphrase").addEventListener("input", ({ target }) => {
      get("passphrase").value = target.value;
    });
  }

  get busy() {
    return this.#call !== null;
  }

  /** @param {import("./call.js").Call} call */
  show(call) {
    this.#call = call;
    const { peer } = call;
    showInitial(get("incoming-initial"), peer);
    tell(get("incoming-title"), `${peer} calls`);
    const asks = call.sealed && get("passphrase").value === "";
    tell(get("incoming-text"), call.sealed ? "Protected with a passphrase." : "Voice, video and text.");
    get("incoming-passphrase-row").hidden = !asks;
    document.title = `${peer} calls · ${title}`;
    get("incoming").showModal();
    get(asks ? "incoming-passphrase" : "answer").focus();
    this.#stopRinging = ring();
    call.addEventListener("ended", () => {
      if (this.#call !== call) return;
      this.#hide();
      toast(`${peer} does not call any more.`);
    });
  }

  /** This user is called from here: then there is nothing to ask any more. @param {string} peer */
  settle(peer) {
    if (this.#call?.peer === peer) this.#hide();
  }

  decline() {
    const call = this.#hide();
    call?.busy();
  }

  #answer(kind) {
    const call = this.#hide();
    if (call) this.#onAnswer(call, kind);
  }

  #hide() {
    const call = this.#call;
    this.#call = null;
    this.#stopRinging();
    this.#stopRinging = () => {};
    get("incoming-passphrase").value = "";
    document.title = title;
    get("incoming").close();
    return call;
  }
}
