// The state of the connection to the server, in the bar at the top.
import { get, tell } from "./page.js";

const TEXTS = { connecting: "Connecting", online: "Online", offline: "Offline" };
const TONES = { connecting: "waiting", waiting: "waiting", online: "good", offline: "bad" };

export class ServerState {
  #timer;

  /** @param {{state: string, delay?: number}} detail */
  show({ state, delay = 0 }) {
    clearInterval(this.#timer);
    get("server-state").hidden = false;
    get("server-state").dataset.tone = TONES[state];
    tell(get("server-text"), TEXTS[state] ?? "Reconnecting");
    tell(get("server-countdown"), "");
    if (state === "waiting") this.#countDown(Date.now() + delay);
  }

  hide() {
    clearInterval(this.#timer);
    get("server-state").hidden = true;
  }

  #countDown(until) {
    const left = () => {
      const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
      tell(get("server-countdown"), ` in ${seconds} s`);
    };
    left();
    this.#timer = setInterval(left, 1000);
  }
}
