// The connection of a call, in numbers: asked for once a second from the beginning, so that the plot
// knows of the last minute when somebody comes to look.
import { element, get, tell } from "./page.js";
import { Plot, rateText } from "./plot.js";

const PERIOD = 1000; // milliseconds

const KINDS = {
  host: "direct",
  srflx: "direct, by the public address",
  prflx: "direct, by the public address",
  relay: "by a relay",
};

/** @param {import("./call.js").CallStats} stats */
function facts(stats) {
  const { local, remote, protocol, roundTrip, bytesIn, bytesOut, framesDecoded } = stats;
  if (!local) return [["Path", "not found yet"]];
  const worse = [local, remote].includes("relay") ? "relay" : local === "host" ? remote : local;
  return [
    ["Path", KINDS[worse] ?? "direct"],
    ["Candidates", `${local} ↔ ${remote}, ${(protocol ?? "").toUpperCase()}`],
    ["Round trip", roundTrip === undefined ? "–" : `${Math.round(roundTrip * 1000)} ms`],
    ["Frames decoded", framesDecoded.toLocaleString("en")],
    ["Received", size(bytesIn)],
    ["Sent", size(bytesOut)],
  ];
}

function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  for (; bytes >= 1000 && unit + 1 < units.length; ++unit) bytes /= 1000;
  return `${bytes.toFixed(unit > 0 && bytes < 100 ? 1 : 0)} ${units[unit]}`;
}

export class Details {
  #call;
  #plot = new Plot();
  #timer;

  constructor(call) {
    this.#call = call;
    get("facts").replaceChildren();
    get("plot").replaceChildren();
    tell(get("rate-in"), "");
    tell(get("rate-out"), "");
    this.#timer = setInterval(() => this.#look(), PERIOD);
    this.toggle(false);
  }

  toggle(open = get("details").hidden) {
    get("details").hidden = !open;
    get("details-button").setAttribute("aria-expanded", String(open));
    if (open) this.#look();
  }

  stop() {
    clearInterval(this.#timer);
    this.toggle(false);
  }

  async #look() {
    const stats = await this.#call.stats().catch(() => null);
    if (stats === null || this.#call.state === "ended") return;
    this.#plot.add({ in: stats.bitsIn, out: stats.bitsOut });
    if (get("details").hidden) return;
    tell(get("rate-in"), rateText(stats.bitsIn));
    tell(get("rate-out"), rateText(stats.bitsOut));
    const rows = facts(stats);
    const list = get("facts");
    if (list.children.length !== rows.length) {
      list.replaceChildren(...rows.map(() => element("div", {}, element("dt"), element("dd"))));
    }
    rows.forEach(([name, value], i) => {
      const [term, description] = list.children[i].children;
      tell(term, name);
      tell(description, value);
    });
  }
}
