// The status page: asks for numbers once a second, keeps those of five minutes, and draws them.

const PERIOD = 1000; // milliseconds
const KEPT = 300; // seconds
const PATIENCE = 3000; // milliseconds until an answer counts as never coming

const get = (id) => document.getElementById(id);

function element(tag, classes = "", text = "") {
  const made = document.createElement(tag);
  made.className = classes;
  made.textContent = text;
  return made;
}

function drawn(tag, classes, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  made.setAttribute("class", classes);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Numbers for people: {number, unit}.

const digits = (value, most) =>
  value.toLocaleString("en", { maximumFractionDigits: most, minimumFractionDigits: 0 });

const count = (unit) => (value) => ({
  number: digits(value, value < 100 && !Number.isInteger(value) ? 1 : 0),
  unit,
});

function duration(seconds) {
  if (seconds < 0.001) return { number: digits(seconds * 1e6, 0), unit: "µs" };
  if (seconds < 1) return { number: digits(seconds * 1e3, seconds < 0.1 ? 1 : 0), unit: "ms" };
  return { number: digits(seconds, 2), unit: "s" };
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let step = 0;
  for (; bytes >= 1024 && step + 1 < units.length; ++step) bytes /= 1024;
  return { number: digits(bytes, step > 0 && bytes < 100 ? 1 : 0), unit: units[step] };
}

function span(seconds) {
  const parts = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const shown = parts.slice(first < 0 ? 3 : first).slice(0, 2);
  return shown.map(([value, unit]) => `${value} ${unit}`).join(" ");
}

const joined = ({ number, unit }) => (unit ? `${number} ${unit}` : number);

// What is plotted, from one sample and those before it.

const history = []; // samples, oldest first; null where an answer is missing

// The sample so many seconds before the one at `at`, or the oldest that there is without a gap.
function before(at, seconds) {
  let found = at;
  for (let i = at - 1; i >= 0 && history[i] !== null; --i) {
    if (history[at].monotonic - history[i].monotonic > seconds + 0.5) break;
    found = i;
  }
  return found === at ? null : history[found];
}

const now = (name) => (at) => history[at][name];

const rate = (name, seconds = 5) => (at) => {
  const past = before(at, seconds);
  if (past === null) return null;
  return (history[at][name] - past[name]) / (history[at].monotonic - past.monotonic);
};

// A percentile of the times since `seconds` ago: within a bucket they are taken to be spread evenly.
const percentile = (name, part, seconds) => (at) => {
  const past = before(at, seconds);
  if (past === null) return null;
  const bounds = history[at].bounds;
  const counts = history[at][name].map((value, i) => value - past[name][i]);
  let wanted = counts.reduce((sum, value) => sum + value, 0) * part;
  if (wanted === 0) return null;
  for (let i = 0; i < counts.length; ++i) {
    if (wanted <= counts[i]) {
      const low = i === 0 ? 0 : bounds[i - 1];
      return i < bounds.length ? low + ((bounds[i] - low) * wanted) / counts[i] : low;
    }
    wanted -= counts[i];
  }
  return bounds.at(-1);
};

const times = (name, seconds) => [
  { name: "p50", value: percentile(name, 0.5, seconds) },
  { name: "p99", value: percentile(name, 0.99, seconds) },
];

const plots = [
  { title: "Connections", show: count(""), least: 4, lines: [{ value: now("connections") }] },
  {
    title: "Logins",
    show: count("/s"),
    least: 1,
    lines: [
      { name: "right", value: rate("logins") },
      { name: "refused", value: rate("logins_failed") },
    ],
  },
  { title: "Active calls", show: count(""), least: 4, lines: [{ value: now("calls") }] },
  { title: "Messages relayed", show: count("/s"), least: 1, lines: [{ value: rate("relayed") }] },
  {
    title: "TLS handshake",
    show: duration,
    least: 0.001,
    none: "no handshake in the last 10 seconds",
    lines: times("handshake_times", 10),
  },
  {
    title: "Ping to pong",
    show: duration,
    least: 0.001,
    none: "no ping in the last minute",
    lines: times("ping_times", 60),
  },
  {
    title: "Turn of a worker’s loop",
    show: duration,
    least: 0.0001,
    none: "no turn in the last 10 seconds",
    lines: times("turn_times", 10),
  },
  {
    title: "Redis",
    show: duration,
    least: 0.001,
    none: "no question in the last 10 seconds",
    without: (sample) => (sample.redis === null ? "not used: users are in a file" : null),
    lines: times("redis_times", 10),
  },
  { title: "Memory", show: size, least: 2 ** 20, binary: true, lines: [{ value: now("memory") }] },
];

// The end of an axis that goes over `value`: 1, 2 or 5 times a power of ten, or a power of two.
function roundUp(value, binary) {
  if (binary) return 2 ** Math.ceil(Math.log2(value * 1.05));
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value * 0.999);
  return step * power;
}

// One card: title, readings, plot.
class Card {
  constructor(plot) {
    this.plot = plot;
    this.figure = element("figure");
    this.figure.append(element("figcaption", "", plot.title));
    const readings = element("p", "readings");
    this.readings = plot.lines.map((line, i) => {
      const reading = element("span", i === 0 ? "reading" : "reading second");
      if (line.name) reading.append(element("span", "name", line.name));
      const number = element("span", "number", "–");
      const unit = element("span", "unit");
      reading.append(number, unit);
      readings.append(reading);
      return { number, unit };
    });
    this.frame = element("div", "plot");
    this.svg = drawn("svg", "", { role: "img", "aria-label": plot.title });
    this.none = element("p", "none");
    this.frame.append(this.svg, this.none);
    this.figure.append(readings, this.frame);
    this.frame.addEventListener("pointermove", (event) => {
      const box = this.frame.getBoundingClientRect();
      const age = Math.round((1 - (event.clientX - box.left) / box.width) * (KEPT - 1));
      pointAt(history.length - 1 - age);
    });
    this.frame.addEventListener("pointerleave", () => pointAt(null));
  }

  read(at) {
    this.readings.forEach(({ number, unit }, i) => {
      const value = at === undefined ? null : (this.values[i][at] ?? null);
      const shown = value === null ? { number: "–", unit: "" } : this.plot.show(value);
      number.textContent = shown.number;
      unit.textContent = shown.unit;
    });
  }

  draw(pointed) {
    const { plot, svg } = this;
    const last = history.length - 1;
    const sample = history.findLast((one) => one !== null);
    this.values = plot.lines.map((line) =>
      history.map((one, at) => (one === null ? null : line.value(at))),
    );
    const all = this.values.flat().filter((value) => value !== null);
    const reason = plot.without?.(sample) ?? (all.length === 0 ? (plot.none ?? "no answer yet") : null);
    this.none.textContent = reason ?? "";
    this.none.hidden = reason === null;

    const width = this.frame.clientWidth;
    const height = this.frame.clientHeight;
    const bottom = height - 18;
    const top = 12;
    const end = roundUp(Math.max(plot.least, ...all), plot.binary);
    const x = (at) => width - ((last - at) / (KEPT - 1)) * width;
    const y = (value) => bottom - (value / end) * (bottom - top);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    const grid = [0, 0.5, 1];
    for (const part of grid) {
      const at = Math.round(y(end * part)) + 0.5;
      svg.append(drawn("line", "grid", { x1: 0, x2: width, y1: at, y2: at }));
    }
    this.values.forEach((values, i) => this.drawLine(values, i, x, y, bottom));
    if (reason === null) {
      for (const part of grid.slice(1)) {
        const label = drawn("text", "", { x: 0, y: y(end * part) - 3 });
        label.textContent = joined(plot.show(end * part));
        svg.append(label);
      }
    }
    for (const [text, at, classes] of [["5 min ago", 0, ""], ["now", width, "end"]]) {
      const label = drawn("text", classes, { x: at, y: height - 4 });
      label.textContent = text;
      svg.append(label);
    }
    if (pointed !== null && pointed >= 0) {
      svg.append(drawn("line", "cursor", { x1: x(pointed), x2: x(pointed), y1: top, y2: bottom }));
    }
    this.read(pointed ?? last);
    const said = this.readings.map(({ number, unit }, i) =>
      `${plot.lines[i].name ?? ""} ${number.textContent} ${unit.textContent}`.trim(),
    );
    svg.setAttribute("aria-label", `${plot.title}: ${said.join(", ")}`);
  }

  drawLine(values, number, x, y, bottom) {
    const classes = number === 0 ? "line" : "line second";
    let path = "";
    let area = "";
    let start = null;
    values.forEach((value, at) => {
      if (value === null) {
        start = null;
        return;
      }
      const point = `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      path += start === null ? `M${point}` : `L${point}`;
      start ??= at;
      const next = values[at + 1];
      // A value that stands alone is a dot.
      if (start === at && (next ?? null) === null) path += `L${point}`;
    });
    if (number === 0) {
      let from = null;
      values.forEach((value, at) => {
        if (value === null) return;
        if (from === null) {
          from = at;
          area += `M${x(at).toFixed(1)} ${bottom}`;
        }
        area += `L${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
        if ((values[at + 1] ?? null) === null) {
          area += `L${x(at).toFixed(1)} ${bottom}Z`;
          from = null;
        }
      });
      this.svg.append(drawn("path", "area", { d: area }));
    }
    this.svg.append(drawn("path", classes, { d: path }));
  }
}

const cards = plots.map((plot) => new Card(plot));
get("plots").append(...cards.map((card) => card.figure));

let pointed = null;

function pointAt(at) {
  pointed = at === null || at < 0 ? null : at;
  draw();
}

function draw() {
  if (!history.some((sample) => sample !== null)) return;
  for (const card of cards) card.draw(pointed);
}

// Facts that need no plot.

const facts = new Map();

function tell(name, text) {
  if (!facts.has(name)) {
    const row = element("div");
    const value = element("dd");
    row.append(element("dt", "", name), value);
    get("facts").append(row);
    facts.set(name, value);
  }
  facts.get(name).textContent = text;
}

function describe(sample) {
  const at = history.length - 1;
  const perSecond = (name, show) => {
    const value = rate(name)(at);
    return value === null ? "–" : `${joined(show(value))}/s`;
  };
  const processor = rate("cpu")(at);
  tell("Up for", span(sample.time - sample.started));
  tell("Workers", digits(sample.workers, 0));
  tell("Processor", processor === null ? "–" : `${digits(processor * 100, 1)} % of one core`);
  tell("Descriptors", `${digits(sample.descriptors, 0)} of ${digits(sample.max_descriptors, 0)}`);
  tell("Messages in", perSecond("bytes_in", size));
  tell("Messages out", perSecond("bytes_out", size));
  tell("Handshakes failed", digits(sample.handshakes_failed, 0));
  tell("Redis", redisText(sample.redis));
  get("about").textContent = `version ${sample.version}`;
}

function redisText(redis) {
  if (redis === null) return "not used";
  if (!redis.up) return "down";
  return `up, heard ${digits(redis.heard, 1)} s ago`;
}

function setState(tone, text) {
  const state = get("state");
  if (state.textContent === text) return; // or it would be read aloud every second
  state.dataset.tone = tone;
  state.textContent = text;
}

let heardAt = null;

function setLost(lost) {
  document.body.toggleAttribute("data-lost", lost);
  get("lost").hidden = !lost;
  if (!lost) return;
  setState("bad", "Connection lost");
  const ago = heardAt === null ? "" : ` The numbers are ${span((Date.now() - heardAt) / 1000)} old.`;
  get("lost").textContent = `The server does not answer.${ago} Trying again…`;
}

// Once a second.

function add(sample) {
  const last = history.findLast((one) => one !== null);
  // Another process counts from nothing.
  if (sample !== null && last && sample.cpu < last.cpu) history.length = 0;
  history.push(sample);
  if (history.length > KEPT) history.shift();
}

async function ask() {
  try {
    const response = await fetch("/admin/status", { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(String(response.status));
    const sample = await response.json();
    add(sample);
    heardAt = Date.now();
    setLost(false);
    if (sample.not_ready.length === 0) setState("good", "Ready");
    else setState("bad", `Not ready: ${sample.not_ready.join(", ")}`);
    describe(sample);
  } catch {
    if (history.length > 0) add(null);
    setLost(true);
  }
  draw();
}

async function askForEver() {
  const began = Date.now();
  await ask();
  setTimeout(askForEver, Math.max(0, PERIOD - (Date.now() - began)));
}

new ResizeObserver(draw).observe(get("plots"));
askForEver();
