// Camera, microphone and screen, and what to say when there is none: a ladder from audio and video by
// audio alone to nothing, and a sentence for every way in which a step of it breaks.

/** So long the browser may wait for an answer of the user until the page says where to look. */
const UNANSWERED = 4000; // milliseconds

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

// By the name of the error: for camera and microphone together, and for one of them.
const SENTENCES = {
  NotAllowedError: (what) =>
    `The browser does not let this page use ${what}: allow it by the icon beside the address, and retry.`,
  NotFoundError: (what) => `There is no ${what}: connect one, and retry.`,
  NotReadableError: (what) =>
    `The ${what} cannot be read, maybe because another program uses it: close that one, and retry.`,
  OverconstrainedError: (what) =>
    `The ${what} cannot do what this page asks of it: choose another one in the browser’s settings, and retry.`,
  InsecurePage: () =>
    `Browsers give camera and microphone only to pages that are opened over HTTPS: open https://${location.host}${location.pathname}, and retry.`,
};

const NAMES = {
  both: { NotAllowedError: "your camera and your microphone", any: "camera or microphone" },
  audio: { NotAllowedError: "your microphone", any: "microphone" },
  video: { NotAllowedError: "your camera", any: "camera" },
};

/** @typedef {"both" | "audio" | "video"} Kind */

/** @param {string} name of an error @param {Kind} kind */
export function sentence(name, kind) {
  const names = NAMES[kind];
  const say = SENTENCES[name] ?? ((what) => `The ${what} cannot be used (${name}): retry.`);
  return say(names[name] ?? names.any);
}

export const UNANSWERED_SENTENCE =
  "The browser waits for you to say whether this page may use your camera and your microphone: look for its question near the address, or retry.";

/** Whether the page may ask at all. */
export const isSecure = () => globalThis.isSecureContext && navigator.mediaDevices !== undefined;

/** @param {Kind} kind */
const constraints = (kind) => ({
  audio: kind === "video" ? false : AUDIO,
  video: kind === "audio" ? false : VIDEO,
});

async function ask(kind) {
  if (!isSecure()) throw Object.assign(new Error("insecure"), { name: "InsecurePage" });
  return navigator.mediaDevices.getUserMedia(constraints(kind));
}

/**
 * Climbs down: what there is, and the problem of the first step that broke.
 * @param {Kind} kind
 * @returns {Promise<{stream: MediaStream | null, problem: string | null}>}
 */
export async function openMedia(kind) {
  try {
    return { stream: await ask(kind), problem: null };
  } catch (error) {
    if (kind !== "both" || error.name === "InsecurePage") {
      return { stream: null, problem: sentence(error.name, kind) };
    }
    // Of two the error does not say which: if the microphone alone can be had, it was the camera.
    const { stream } = await openMedia("audio");
    return stream
      ? { stream, problem: `Only your voice is sent. ${sentence(error.name, "video")}` }
      : { stream, problem: sentence(error.name, "both") };
  }
}

/**
 * Runs `late` if nothing has come of `media` for a while; what comes at last still counts.
 * @template T @param {Promise<T>} media @param {() => void} late
 */
export function unlessAnswered(media, late) {
  const timer = setTimeout(late, UNANSWERED);
  media.finally(() => clearTimeout(timer));
}

/** The screen, a window or a tab, as the user chooses; null if nothing is chosen. */
export async function openScreen() {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
    return { track: stream.getVideoTracks()[0], problem: null };
  } catch (error) {
    const declined = error.name === "NotAllowedError";
    return {
      track: null,
      problem: declined
        ? "No screen is shared: the browser, or you, did not allow it."
        : `The screen cannot be shared (${error.name}).`,
    };
  }
}

/** @param {MediaStream | null} stream */
export function closeMedia(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
