// What this side sends: microphone, camera or screen, the buttons for them, and the preview.
import { closeMedia, openMedia, openScreen, UNANSWERED_SENTENCE, unlessAnswered } from "./media.js";
import { get, tell, toast } from "./page.js";

export class OwnMedia {
  /** @type {MediaStreamTrack | null} */ #audio = null;
  /** @type {MediaStreamTrack | null} */ #camera = null;
  /** @type {MediaStreamTrack | null} */ #screen = null;
  /** What the other side knows our tracks by. */
  stream = new MediaStream();
  /** @type {import("./call.js").Call | null} */ #call = null;
  #closed = false;
  #asked = 0;
  #onChange;
  #listening = new AbortController();

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    const on = (id, act) => get(id).addEventListener("click", act, { signal: this.#listening.signal });
    on("mute", () => (this.#audio ? this.#mute() : this.open("audio")));
    on("camera", () => (this.#camera ? this.#stopCamera() : this.open("video")));
    on("screen", () => (this.#screen ? this.#stopScreen() : this.#shareScreen()));
    on("media-dismiss", () => this.#notice(null));
    on("media-retry", () => this.open(this.#missing()));
    get("screen").hidden = navigator.mediaDevices?.getDisplayMedia === undefined;
    this.#notice(null);
    this.#changed();
  }

  get sends() {
    return {
      audio: this.#audio?.enabled ?? false,
      video: this.#camera !== null || this.#screen !== null,
      screen: this.#screen !== null,
    };
  }

  /** Tracks go to this call from now on; those of `stream` are there already. */
  attach(call) {
    this.#call = call;
  }

  /**
   * Asks for what is missing, and says what is wrong if it does not come.
   * @param {import("./media.js").Kind} kind
   */
  async open(kind) {
    const number = ++this.#asked;
    this.#notice(null);
    const media = openMedia(kind);
    unlessAnswered(media, () => {
      if (!this.#closed && this.#asked === number) this.#notice(UNANSWERED_SENTENCE);
    });
    const { stream, problem } = await media;
    if (this.#closed) return closeMedia(stream);
    for (const track of stream?.getTracks() ?? []) this.#take(track);
    // What an earlier question has said is out of date, and so is this one if there is a later one.
    if (this.#asked === number || stream !== null) this.#notice(problem);
  }

  close() {
    this.#closed = true;
    this.#listening.abort();
    for (const track of [this.#audio, this.#camera, this.#screen]) track?.stop();
    this.#audio = this.#camera = this.#screen = null;
    this.#notice(null);
    this.#changed();
  }

  #missing() {
    if (this.#audio === null) return this.#camera === null ? "both" : "audio";
    return "video";
  }

  /** @param {MediaStreamTrack} track */
  #take(track) {
    const old = track.kind === "audio" ? this.#audio : this.#camera;
    old?.stop();
    if (track.kind === "audio") this.#audio = track;
    else this.#camera = track;
    track.addEventListener("ended", () => this.#gone(track));
    if (track.kind === "audio" || this.#screen === null) this.#send(track.kind, track);
    this.#changed();
  }

  // The device is gone, or the permission was taken back.
  #gone(track) {
    if (track === this.#audio) {
      this.#audio = null;
      this.#notice("The microphone has stopped: connect it again, and retry.");
    } else if (track === this.#camera) {
      this.#camera = null;
      this.#notice("The camera has stopped: connect it again, and retry.");
    } else {
      return;
    }
    if (track.kind === "audio" || this.#screen === null) this.#send(track.kind, null);
    this.#changed();
  }

  #mute() {
    this.#audio.enabled = !this.#audio.enabled;
    this.#changed();
  }

  // Stopped, not only dark: the light beside it goes out.
  #stopCamera() {
    this.#camera.stop();
    this.#camera = null;
    if (this.#screen === null) this.#send("video", null);
    this.#changed();
  }

  async #shareScreen() {
    const { track, problem } = await openScreen();
    if (problem) return toast(problem);
    if (this.#closed) return track.stop();
    this.#screen = track;
    track.addEventListener("ended", () => this.#stopScreen());
    this.#send("video", track);
    this.#changed();
  }

  #stopScreen() {
    if (this.#screen === null) return;
    this.#screen.stop();
    this.#screen = null;
    this.#send("video", this.#camera);
    this.#changed();
  }

  /** @param {"audio" | "video"} kind @param {MediaStreamTrack | null} track */
  #send(kind, track) {
    for (const old of this.stream.getTracks()) if (old.kind === kind) this.stream.removeTrack(old);
    if (track) this.stream.addTrack(track);
    if (this.#call === null || this.#call.state === "ended") return;
    this.#call.replaceTrack(kind, track, this.stream).catch(() => {
      toast(kind === "audio" ? "The microphone could not be changed." : "The picture could not be changed.");
    });
  }

  #changed() {
    const { audio, screen } = this.sends;
    get("mute").setAttribute("aria-pressed", String(!audio));
    get("camera").setAttribute("aria-pressed", String(this.#camera === null));
    get("screen").setAttribute("aria-pressed", String(screen));
    const preview = get("own-video");
    const shown = this.#screen ?? this.#camera;
    preview.hidden = shown === null;
    preview.classList.toggle("screen", screen);
    if (preview.srcObject?.getVideoTracks()[0] !== shown) {
      preview.srcObject = shown ? new MediaStream([shown]) : null;
    }
    this.#onChange();
  }

  /** @param {string | null} text */
  #notice(text) {
    get("media-notice").hidden = text === null;
    tell(get("media-text"), text ?? "");
  }
}
