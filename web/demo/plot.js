// Bits per second, in and out, over the last minute.
import { drawn, get } from "./page.js";

const KEPT = 60; // samples, one a second
const LEAST = 10_000; // bits per second that the plot reaches at least

const UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"];

export function rateText(bits) {
  let unit = 0;
  for (; bits >= 1000 && unit + 1 < UNITS.length; ++unit) bits /= 1000;
  const digits = bits < 10 && unit > 0 ? 1 : 0;
  return `${bits.toFixed(digits)} ${UNITS[unit]}`;
}

// 1, 2 or 5 times a power of ten.
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
}

export class Plot {
  /** @type {{in: number, out: number}[]} */
  #samples = [];

  add(sample) {
    this.#samples.push(sample);
    if (this.#samples.length > KEPT) this.#samples.shift();
    this.#draw();
  }

  #draw() {
    const svg = get("plot");
    const { clientWidth: width, clientHeight: height } = svg;
    if (width === 0) return;
    const most = Math.max(LEAST, ...this.#samples.flatMap((sample) => [sample.in, sample.out]));
    const end = roundUp(most);
    const top = 14;
    const bottom = height - 3;
    const first = KEPT - this.#samples.length;
    const x = (at) => (((first + at) / (KEPT - 1)) * width).toFixed(1);
    const y = (value) => (bottom - (value / end) * (bottom - top)).toFixed(1);
    const points = (of) => this.#samples.map((sample, at) => `${x(at)} ${y(sample[of])}`).join("L");

    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    for (const part of [0, 0.5, 1]) {
      svg.append(drawn("line", { class: "grid", x1: 0, x2: width, y1: y(end * part), y2: y(end * part) }));
    }
    const last = this.#samples.length - 1;
    svg.append(
      drawn("path", { class: "area", d: `M${x(0)} ${bottom}L${points("in")}L${x(last)} ${bottom}Z` }),
      drawn("path", { class: "line", d: `M${points("in")}` }),
      drawn("path", { class: "line out", d: `M${points("out")}` }),
    );
    const label = drawn("text", { x: 0, y: Number(y(end)) - 3 });
    label.textContent = rateText(end);
    svg.append(label);
    const now = this.#samples[last];
    const text = `${rateText(now.in)} received, ${rateText(now.out)} sent`;
    svg.setAttribute("aria-label", `Over the last minute, now ${text}`);
  }
}
