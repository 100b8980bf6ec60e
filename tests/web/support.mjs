// What the tests of web/ stand on: a clock that a test turns, a server that a test plays, a peer
// connection without a network, and a proxy that cuts.
import { once } from "node:events";
import { createServer, connect } from "node:net";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";

export const { WebSocket } = createRequire(new URL("../browser/package.json", import.meta.url))(
  "ws",
);
export const crypto = webcrypto;
export const patience = { timeout: 60_000 };

// Resolves when the condition holds; a test that waits in vain says for what.
export async function until(condition) {
  for (const end = Date.now() + 50_000; Date.now() < end;) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`waited in vain until ${condition}`);
}

// Whatever was under way without a socket or a derivation of keys has come to its end.
export async function settled() {
  for (let turn = 0; turn < 10; ++turn) await new Promise((resolve) => setImmediate(resolve));
}

// The detail of the next event of this type, for which the condition holds.
export const heard = (target, type, condition = () => true) =>
  new Promise((resolve) => {
    const listener = ({ detail }) => {
      if (!condition(detail)) return;
      target.removeEventListener(type, listener);
      resolve(detail);
    };
    target.addEventListener(type, listener);
  });

export const byte = (text) => new TextEncoder().encode(text);

// Numbers that are the same in each run.
export function sequence(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// Timers that run when the test says so.
export class Clock {
  now = 0;
  #last = 0;
  #timers = new Map();

  setTimeout = (run, delay) => {
    this.#timers.set(++this.#last, { run, at: this.now + delay });
    return this.#last;
  };

  clearTimeout = (timer) => this.#timers.delete(timer);

  // The time until the next timer; undefined if there is none.
  get next() {
    const times = [...this.#timers.values()].map(({ at }) => at - this.now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  advance(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      if (due.length === 0) break;
      const [timer, { run, at }] = due.reduce((a, b) => (b[1].at < a[1].at ? b : a));
      this.#timers.delete(timer);
      this.now = at;
      run();
    }
    this.now = end;
  }
}

// The client's end of a connection to a server that is the test. `PlayedServer.WebSocket` is what
// the client makes its sockets of.
export class PlayedServer {
  sockets = [];
  WebSocket;

  constructor() {
    const { sockets } = this;
    this.WebSocket = class {
      said = [];
      closed = undefined;

      constructor(url, protocol) {
        Object.assign(this, { url, protocol });
        sockets.push(this);
      }

      send(text) {
        this.said.push(JSON.parse(text));
      }

      close(code) {
        this.closed = code;
      }
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  // What the client has said over the last connection, but for the first message.
  get said() {
    return this.socket.said.slice(1);
  }

  open() {
    this.socket.onopen?.({});
  }

  say(message) {
    this.socket.onmessage?.({ data: JSON.stringify(message) });
  }

  close(code) {
    this.socket.onclose?.({ code });
  }

  welcome(more = {}) {
    this.say({
      type: "welcome",
      name: "bob",
      resumed: false,
      resume: { token: "token 1", seconds: 30 },
      heartbeat: 25,
      ice_servers: [],
      ice_ttl: 0,
      ...more,
    });
  }
}

// One end of a data channel: what it has sent is for the test to deliver.
class FakeChannel extends EventTarget {
  readyState = "connecting";
  sent = [];

  constructor(label, options) {
    super();
    Object.assign(this, { label, ...options });
  }

  open() {
    this.readyState = "open";
    this.dispatchEvent(new Event("open"));
  }

  send(data) {
    this.sent.push(data);
  }

  hear(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

let descriptions = 0;

// As RTCPeerConnection, without a network: a description is a number; an answer says which offer it
// is for. It is connected when an offer is answered. An offer lists the media of its transceivers,
// for which the other side takes those that it has by addTrack(), or else makes some to receive.
export class FakePeerConnection extends EventTarget {
  signalingState = "stable";
  connectionState = "new";
  localDescription = null;
  remoteDescription = null;
  channels = [];
  candidates = [];
  refusedCandidates = [];
  restarts = 0;
  rollbacks = 0;
  tracks = [];
  transceivers = [];
  #pending = []; // transceivers that are associated by an offer of ours
  #stable = { local: null, remote: null };
  #needed = false;

  constructor(configuration) {
    super();
    this.configuration = configuration;
  }

  getConfiguration() {
    return this.configuration;
  }

  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  createDataChannel(label, options) {
    if (this.remoteDescription === null) this.#need();
    this.channels.push(new FakeChannel(label, options));
    return this.channels.at(-1);
  }

  addTrack(track) {
    this.tracks.push(track);
    this.#transceiver(track.kind, { track, reusable: true });
    this.#need();
  }

  addTransceiver(kind, { direction } = {}) {
    this.#need();
    return this.#transceiver(kind, { direction });
  }

  getTransceivers() {
    return [...this.transceivers];
  }

  #transceiver(kind, { track = null, reusable = false, direction = "sendrecv" } = {}) {
    const need = () => {
      if (this.signalingState === "stable") this.#need(); // otherwise the answer takes it along
    };
    const made = {
      mid: null,
      get direction() {
        return direction;
      },
      set direction(wanted) {
        if (wanted === direction) return;
        direction = wanted;
        need();
      },
      reusable,
      receiver: { track: { kind } },
      sender: { track, replaceTrack: async (other) => void (made.sender.track = other) },
    };
    this.transceivers.push(made);
    return made;
  }

  #offerMedia(id) {
    this.#pending = this.transceivers.filter(({ mid }) => mid === null);
    this.#pending.forEach((one, index) => (one.mid = `${id}/${index}`));
    return this.transceivers.map(({ mid, receiver }) => ({ mid, kind: receiver.track.kind }));
  }

  #takeMedia(media) {
    for (const { mid, kind } of media) {
      if (this.transceivers.some((one) => one.mid === mid)) continue;
      const fits = (one) => one.mid === null && one.reusable && one.receiver.track.kind === kind;
      const one =
        this.transceivers.find(fits) ?? this.#transceiver(kind, { direction: "recvonly" });
      one.mid = mid;
    }
  }

  restartIce() {
    ++this.restarts;
    this.#need();
  }

  async setLocalDescription() {
    await undefined;
    this.#check();
    const id = ++descriptions;
    if (this.signalingState === "have-remote-offer") {
      this.localDescription = { type: "answer", id, of: this.remoteDescription.id };
      this.#settle();
    } else {
      this.localDescription = { type: "offer", id, media: this.#offerMedia(id) };
      this.#needed = false;
      this.signalingState = "have-local-offer";
    }
    const event = Object.assign(new Event("icecandidate"), {
      candidate: { candidate: "c", of: id },
    });
    setImmediate(() => this.dispatchEvent(event));
  }

  async setRemoteDescription(description) {
    await undefined;
    this.#check();
    if (description.type === "answer") {
      if (this.signalingState !== "have-local-offer") throw new Error("an answer to no offer");
      if (description.of !== this.localDescription.id)
        throw new Error("an answer to another offer");
      this.remoteDescription = description;
      return this.#settle();
    }
    if (this.signalingState === "have-local-offer") {
      ++this.rollbacks;
      this.localDescription = this.#stable.local;
      for (const one of this.#pending.splice(0)) one.mid = null;
      this.#needed = true;
    }
    this.#takeMedia(description.media ?? []);
    this.remoteDescription = description;
    this.signalingState = "have-remote-offer";
  }

  async addIceCandidate(candidate) {
    if (this.remoteDescription === null) throw new Error("no remote description");
    const known = candidate.of === this.remoteDescription.id;
    (known ? this.candidates : this.refusedCandidates).push(candidate.of);
    if (!known) throw new Error("a candidate of another description");
  }

  close() {
    this.signalingState = "closed";
    this.connectionState = "closed";
  }

  become(connectionState) {
    this.connectionState = connectionState;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  #check() {
    if (this.signalingState === "closed") throw new Error("closed");
  }

  #settle() {
    this.signalingState = "stable";
    this.#pending = [];
    this.#stable = { local: this.localDescription, remote: this.remoteDescription };
    if (this.connectionState !== "connected") setImmediate(() => this.#connect());
    if (this.#needed) this.#need();
  }

  #connect() {
    if (this.signalingState !== "closed") this.become("connected");
  }

  #need() {
    this.#needed = true;
    queueMicrotask(() => {
      if (!this.#needed || this.signalingState !== "stable") return;
      this.dispatchEvent(new Event("negotiationneeded"));
    });
  }
}

// Between a client and a server: `cut()` resets the connections; `hold()` lets nothing through any
// more in one direction, so that what is said there gets lost with the connection.
export async function startProxy(port) {
  const connections = new Set();
  let refuses = false;
  const listener = createServer((client) => {
    if (refuses) return client.resetAndDestroy?.() ?? client.destroy();
    const server = connect(port, "127.0.0.1");
    const connection = { client, server };
    connections.add(connection);
    const end = () => {
      connections.delete(connection);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => client.write(bytes));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");

  const reset = (socket) => {
    if (socket.resetAndDestroy && socket.readyState === "open") socket.resetAndDestroy();
    else socket.destroy();
  };
  return {
    url: `wss://localhost:${listener.address().port}/`,
    refuse: (does) => (refuses = does),
    to: (other) => (port = other),
    hold(from) {
      for (const connection of connections) {
        connection[from].removeAllListeners("data");
        connection[from].resume();
      }
    },
    cut() {
      for (const { client, server } of [...connections]) {
        reset(client);
        reset(server);
      }
    },
    stop() {
      this.cut();
      listener.close();
    },
  };
}

// What a client makes its sockets of, with a server whose certificate is its own.
export class TrustingWebSocket extends WebSocket {
  constructor(url, protocol) {
    super(url, protocol, { rejectUnauthorized: false });
  }
}
