// What the other side sends: its video, its sound, and what is shown while there is no picture.
import { get, showInitial, tell } from "./page.js";

export class RemoteMedia {
  #peer;
  #stream = new MediaStream();
  #onChange;
  /** What the other side says that it sends; null if it says nothing. */
  #told = null;
  #note = "";

  /** @param {string} peer @param {() => void} onChange */
  constructor(peer, onChange) {
    this.#peer = peer;
    this.#onChange = onChange;
    showInitial(get("remote-initial"), peer);
    get("remote-video").srcObject = this.#stream;
    get("remote-video").onresize = () => this.#changed();
    get("unmute-remote").onclick = () => this.#play();
    this.#changed();
  }

  /** @param {MediaStreamTrack} track */
  add(track) {
    for (const old of this.#stream.getTracks()) {
      if (old.kind === track.kind) this.#stream.removeTrack(old);
    }
    this.#stream.addTrack(track);
    track.addEventListener("ended", () => this.#changed());
    this.#changed();
    this.#play();
  }

  /** @param {{audio?: boolean, video?: boolean}} media */
  told(media) {
    this.#told = { audio: media.audio === true, video: media.video === true };
    this.#changed();
  }

  /** What to say while there is nothing to see. @param {string} text */
  note(text) {
    this.#note = text;
    this.#changed();
  }

  get showsVideo() {
    // Of a track that was offered when both sides offered at once Chromium goes on to say that it
    // is muted. Whether there are pictures is known to the element that shows them.
    const [track] = this.#stream.getVideoTracks();
    return track?.readyState === "live" && get("remote-video").videoWidth > 0 &&
      (this.#told?.video ?? true);
  }

  close() {
    get("remote-video").onresize = null;
    get("remote-video").srcObject = null;
    get("unmute-remote").hidden = true;
    get("stage").dataset.remote = "none";
  }

  #changed() {
    get("stage").dataset.remote = this.showsVideo ? "video" : "none";
    tell(get("remote-note"), this.#note || this.#missing());
    this.#onChange();
  }

  #missing() {
    if (this.#told === null) return "";
    return this.#told.audio
      ? `The camera of ${this.#peer} is off.`
      : `Camera and microphone of ${this.#peer} are off.`;
  }

  // A page must not make a sound before anything was pressed in it.
  async #play() {
    try {
      await get("remote-video").play();
      get("unmute-remote").hidden = true;
    } catch (error) {
      get("unmute-remote").hidden = error.name !== "NotAllowedError";
    }
  }
}
