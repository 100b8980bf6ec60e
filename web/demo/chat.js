// Messages over the data channel of a call, as JSON: {"text":…} is shown, and {"media":{…}} says what
// the other side sends.
import { element, get } from "./page.js";

/** As much of a text is shown; the other side may be any program. */
const LONGEST = 4000; // characters
/** And so many lines are kept, whatever it sends. */
const MAX_LINES = 500;

export class Chat {
  #channel;
  #peer;

  /**
   * @param {RTCDataChannel} channel @param {string} peer
   * @param {{onMedia: (media: object) => void, onOpen: () => void}} listener
   */
  constructor(channel, peer, { onMedia, onOpen }) {
    this.#channel = channel;
    this.#peer = peer;
    const opened = () => {
      this.#enable(true);
      onOpen();
    };
    if (channel.readyState === "open") queueMicrotask(opened);
    channel.addEventListener("open", opened);
    channel.addEventListener("close", () => this.#enable(false));
    channel.addEventListener("message", ({ data }) => {
      const message = parsed(data);
      if (typeof message?.text === "string") this.#add("their", message.text.slice(0, LONGEST));
      if (typeof message?.media === "object" && message.media !== null) onMedia(message.media);
    });
  }

  static clear() {
    get("messages").replaceChildren();
    get("message").value = "";
    get("message").disabled = get("send").disabled = true;
  }

  /** @param {string} text */
  say(text) {
    if (text === "" || this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify({ text }));
    this.#add("own", text);
    return true;
  }

  /** @param {{audio: boolean, video: boolean}} media what this side sends */
  sayMedia(media) {
    if (this.#channel.readyState === "open") this.#channel.send(JSON.stringify({ media }));
  }

  /** Something that neither has said. @param {string} text */
  static note(text) {
    append(element("li", { class: "note", text }));
  }

  #add(whose, text) {
    const who = element("span", { class: "unseen", text: whose === "own" ? "You: " : `${this.#peer}: ` });
    append(element("li", { class: whose }, who, text));
  }

  #enable(open) {
    get("message").disabled = get("send").disabled = !open;
  }
}

// The last line stays in sight when the list gets another height.
new ResizeObserver(() => scrollToEnd()).observe(get("message-log"));

function scrollToEnd() {
  const log = get("message-log");
  log.scrollTop = log.scrollHeight;
}

function append(line) {
  const list = get("messages");
  list.append(line);
  if (list.children.length > MAX_LINES) list.firstChild.remove();
  scrollToEnd();
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
