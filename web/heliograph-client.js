// A client of heliograph.v1: logs in, keeps the connection, and makes calls. What is said and heard
// is described in docs/protocol/heliograph.v1.md.
//
// A connection that is lost is made again, and its session resumed: both sides count messages, and
// each says again what the other has missed. Calls do not notice; their media never went this way.

import { Call, HeliographEvent } from "./call.js";
import { closing } from "./close_codes.js";
import { Ledger } from "./ledger.js";

export { Call, HeliographEvent, closing };

/**
 * @typedef {import("./call.js").CallOptions} CallOptions
 * @typedef {import("./call.js").EndReason} EndReason
 */

/**
 * How to log in. Tickets are good for a moment: a function is asked again at every login.
 * @typedef {{name: string, password: string} | {ticket: string}
 *   | {certificate: true, name?: string}} Credentials
 */

/**
 * @typedef {object} Welcome
 * @property {string} name
 * @property {boolean} resumed
 * @property {{token: string, seconds: number}} [resume]
 * @property {number} [received]
 * @property {number} heartbeat seconds
 * @property {RTCIceServer[]} ice_servers
 * @property {number} ice_ttl seconds
 */

/**
 * `online`: logged in; `waiting`: for the next try; `offline`: not connected, and not about to.
 * @typedef {"connecting" | "online" | "waiting" | "offline"} State
 */

/**
 * What differs between a page and a test.
 * @typedef {object} Options
 * @property {{call(self: string, peer: string, id: string): import("./call.js").SealedCall}} [seal]
 *   seals what the server relays: a Sealer of sealing.js
 * @property {RTCConfiguration} [configuration] of every call; `iceServers` are the server's
 * @property {typeof globalThis.WebSocket} [WebSocket]
 * @property {typeof globalThis.RTCPeerConnection} [RTCPeerConnection]
 * @property {Pick<Crypto, "getRandomValues" | "subtle">} [crypto]
 * @property {() => number} [random] from 0 up to 1
 * @property {(run: () => void, milliseconds: number) => any} [setTimeout]
 * @property {(timer: any) => void} [clearTimeout]
 * @property {EventTarget} [window] says `online`
 * @property {EventTarget & {visibilityState?: string}} [document] says `visibilitychange`
 */

/** An error of the server, or of the connection, with its code. */
export class HeliographError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = "HeliographError";
    this.code = code;
  }
}

const FIRST_DELAY = 500; // milliseconds, the most before the first new try; doubled each time
const LONGEST_DELAY = 15_000; // milliseconds
const OPENING = 15_000; // milliseconds until there is a connection
const WELCOME = 45_000; // milliseconds after that; the server holds back guesses for 25 s
const PONG = 10_000; // milliseconds for an answer to a ping
const ICE_MARGIN = 0.8; // of ice_ttl, after which new credentials are asked for
const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds; setTimeout takes more for none
const MAX_OVER = 32; // calls that are over, which are not to ring again
const BY_SERVER = /^t[0-9]+$/; // an id of a call that had none, which begin at t1 in each session
/** What there is to hear without a session; all else is of one that was given up. */
const OF_NO_SESSION = new Set(["error", "goaway"]);
/** Errors that are about a session, never the answer to a login. */
const OF_A_SESSION = new Set([
  "no-call",
  "too-many-calls",
  "bad-name",
  "too-many-names",
  "too-many-rooms",
  "no-room",
  "room-full",
]);

const environment = /** @type {any} */ (globalThis);

/**
 * A user's connection. Events, each with its `detail`:
 *
 * - `state`: `{state, delay?, reason?, code?}`; `delay` in milliseconds when `waiting`; `reason`, a
 *   sentence, and the close code or code of the error when `offline`
 * - `welcome`: a {@link Welcome}: logged in, or back (`resumed`)
 * - `call`: `{call}`, a {@link Call} that rings: `accept()` or `busy()`
 * - `presence`: `{name, online}`
 * - `room`: `{room, members}`; `joined` and `left`: `{room, name}`
 * - `error`: `{code, message, call?}`, what the server has refused and no call is ended by
 * - `goaway`: `{reconnect_after}`, milliseconds
 * - `ice`: `{ice_servers, ice_ttl}`, new ones
 */
export class HeliographClient extends EventTarget {
  /** @type {State} */ state = "offline";
  /** Who is logged in. */ name = "";
  /** @type {RTCIceServer[]} */ iceServers = [];
  /** By the name of the other party. @type {Map<string, Call>} */ calls = new Map();
  /** Seals the calls that begin from now on, unless undefined. @type {Options["seal"]} */ seal;

  #url;
  /** @type {Options & Omit<Required<Options>, "seal" | "window" | "document">} */ #options;
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {(() => Credentials | Promise<Credentials>) | undefined} */ #credentials;
  /** @type {{resolve: (welcome: Welcome) => void, reject: (error: Error) => void} | undefined} */
  #login;
  /** @type {string | undefined} */ #token;
  #tries = 0;
  /** @type {number | undefined} */ #reconnectAfter;
  #heartbeat = 25_000; // milliseconds
  #ledger = new Ledger();
  /** @type {Map<string, any>} */ #timers = new Map();
  /** @type {Set<string>} */ #names = new Set();
  /** @type {Set<string>} */ #rooms = new Set();
  /** @type {{peer: string, id: string}[]} */ #over = [];

  /**
   * @param {string} url `wss://…`
   * @param {Options} [options]
   */
  constructor(url, options = {}) {
    super();
    this.#url = url;
    this.#options = {
      configuration: {},
      WebSocket: environment.WebSocket,
      RTCPeerConnection: environment.RTCPeerConnection,
      crypto: environment.crypto,
      random: Math.random,
      setTimeout: (/** @type {() => void} */ run, /** @type {number} */ after) =>
        environment.setTimeout(run, after),
      clearTimeout: (/** @type {any} */ timer) => environment.clearTimeout(timer),
      window: environment.window,
      document: environment.document,
      ...options,
    };
    this.seal = options.seal;
  }

  /**
   * Connects, for as long as it takes, and logs in. A refusal rejects with a HeliographError, whose
   * `code` is `login-failed` or another of the protocol, `closed`, or `no-credentials` if the
   * function throws.
   * @param {Credentials | (() => Credentials | Promise<Credentials>)} credentials kept for the case
   *   that the session is lost
   * @returns {Promise<Welcome>}
   */
  login(credentials) {
    this.#login?.reject(new HeliographError("closed", "Another login takes its place."));
    this.#credentials = typeof credentials === "function" ? credentials : () => credentials;
    return new Promise((resolve, reject) => {
      const calls = [...this.calls.values()];
      this.#token = undefined;
      this.#login = { resolve, reject };
      this.#options.window?.addEventListener("online", this.#hint);
      this.#options.document?.addEventListener("visibilitychange", this.#hint);
      this.#connect();
      for (const call of calls) call.end("offline");
    });
  }

  /** Gives up the name, ends the calls and the connection. */
  logout() {
    if (this.state === "online") this.#transmit({ type: "logout" });
    this.close();
  }

  /** Ends the calls and the connection; the server tells the others at once. */
  close() {
    this.#disconnect(1000);
    this.#rest("closed", closing(1000).text);
  }

  /**
   * Calls a user, or takes the call of this user that rings. A call with them that there is ends.
   * Throws before the first login.
   * @param {string} name
   * @param {CallOptions} [options]
   * @returns {Call}
   */
  call(name, options) {
    if (this.name === "") throw new HeliographError("not-authenticated", "Log in first.");
    const present = this.calls.get(name);
    if (present?.state === "ringing") {
      present.accept(options);
      return present;
    }
    present?.hangUp();
    return this.#makeCall(name, this.#newId(), false, options);
  }

  /** @param {string[]} names whose presence is told from now on */
  subscribe(names) {
    for (const name of names) this.#names.add(name);
    this.#say({ type: "subscribe", names });
  }

  /** @param {string[]} names */
  unsubscribe(names) {
    for (const name of names) this.#names.delete(name);
    this.#say({ type: "unsubscribe", names });
  }

  /** @param {string} room */
  join(room) {
    this.#rooms.add(room);
    this.#say({ type: "join", room });
  }

  /** @param {string} room */
  part(room) {
    this.#rooms.delete(room);
    this.#say({ type: "part", room });
  }

  // The connection
  //
  // Who listens may call anything: so each step tells of itself when all else is done.

  #connect() {
    this.#disconnect(1000);
    /** @type {WebSocket} */
    const socket = new this.#options.WebSocket(this.#url, "heliograph.v1");
    this.#socket = socket;
    this.#reconnectAfter = undefined; // which was for the first try
    socket.onopen = () => {
      this.#after("opening", WELCOME, () => this.#lost(1006));
      if (this.#token === undefined) return this.#sayLogin();
      this.#transmit({ type: "resume", token: this.#token, received: this.#ledger.received });
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => this.#lost(code);
    socket.onerror = () => {}; // onclose follows
    this.#after("opening", OPENING, () => this.#lost(1006));
    this.#become("connecting");
  }

  /** What the socket says from now on counts no more. @param {number} [code] */
  #disconnect(code) {
    for (const name of [...this.#timers.keys()]) this.#after(name);
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  /** @param {number} code */
  #lost(code) {
    this.#disconnect(4000); // the session waits after any code but 1000
    const { again, text } = closing(code);
    if (!again) return this.#rest(code, text);
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#tries++);
    const delay = this.#reconnectAfter ?? this.#options.random() * longest;
    this.#after("reconnect", delay, () => this.#connect());
    this.#become("waiting", { delay, code });
  }

  /** Not connected, until the next login. @param {string | number} code @param {string} reason */
  #rest(code, reason) {
    this.#token = undefined;
    this.#options.window?.removeEventListener("online", this.#hint);
    this.#options.document?.removeEventListener("visibilitychange", this.#hint);
    this.name = "";
    this.#names.clear();
    this.#rooms.clear();
    this.#login?.reject(new HeliographError(typeof code === "string" ? code : "closed", reason));
    this.#login = undefined;
    const calls = [...this.calls.values()];
    this.#become("offline", { code, reason });
    for (const call of calls) call.end("offline");
  }

  // The page is back, or its network: whether the connection has outlived that is found out now.
  #hint = (/** @type {Event} */ { type }) => {
    if (type !== "online" && this.#options.document?.visibilityState === "hidden") return;
    if (this.state === "online") return this.#ping();
    if (this.state === "waiting" && this.#reconnectAfter === undefined) this.#connect();
  };

  /** @param {State} state @param {object} [detail] */
  #become(state, detail) {
    this.state = state;
    this.#tell("state", { state, ...detail });
  }

  /** @param {string} type @param {any} detail */
  #tell(type, detail) {
    this.dispatchEvent(new HeliographEvent(type, detail));
  }

  /**
   * Sets the timer of this name, or stops it.
   * @param {string} name @param {number} [delay] @param {() => void} [run]
   */
  #after(name, delay, run) {
    this.#options.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (run) this.#timers.set(name, this.#options.setTimeout(run, /** @type {number} */ (delay)));
  }

  // What is said

  async #sayLogin() {
    const socket = this.#socket;
    try {
      const credentials = await this.#credentials?.();
      if (this.#socket === socket) this.#transmit({ type: "login", ...credentials });
    } catch (error) {
      if (this.#socket !== socket) return;
      if (this.#login) this.#refuseLogin("no-credentials", String(error));
      else this.#lost(1006);
    }
  }

  /** @param {object} message */
  #transmit(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Says it now, or after the resume. @param {object} message */
  #say(message) {
    if (this.#token === undefined && this.state !== "online") return; // of no session
    const text = JSON.stringify(message);
    this.#ledger.add(text);
    if (this.state !== "online") return;
    this.#socket?.send(text);
    if (this.#ledger.isFull) this.#ping();
  }

  // Finds out whether the server is there, and what it has got: all that was said before the ping.
  #ping() {
    if (this.#timers.has("pong")) return;
    this.#ledger.ping();
    this.#after("pong", PONG, () => this.#lost(1006));
    this.#say({ type: "ping" });
  }

  // What is heard

  /** @param {any} message */
  #hear(message) {
    if (message.type === "welcome") return this.#welcome(message);
    ++this.#ledger.received;
    if (this.state !== "online" && !OF_NO_SESSION.has(message.type)) return;
    if (this.state === "online") {
      this.#after("silence", this.#heartbeat, () => this.#ping());
    }
    switch (message.type) {
      case "pong":
        this.#ledger.pong();
        // The answer to an old ping says nothing of what came behind it.
        return this.#ledger.isAsking ? undefined : this.#after("pong");
      case "offer":
        return this.#hearOffer(message);
      case "answer":
      case "candidate":
      case "leave":
      case "busy":
        return this.#callOf(message.from, message.call)?.receive(message);
      case "unavailable":
        return this.#callOf(message.to, message.call)?.refused("unavailable");
      case "error":
        return this.#hearError(message);
      case "ice":
        this.#takeIce(message);
        return this.#tell("ice", message);
      case "goaway":
        this.#reconnectAfter = message.reconnect_after;
        return this.#tell("goaway", message);
      case "presence":
      case "room":
      case "joined":
      case "left":
        return this.#tell(message.type, message);
    }
  }

  /** @param {Welcome} message */
  #welcome(message) {
    this.name = message.name;
    this.#token = message.resume?.token;
    const again = message.resumed ? this.#ledger.resume(message.received ?? 0) : [];
    if (!again) return this.#giveUp();
    this.#tries = 0;
    this.#heartbeat = message.heartbeat * 1000;
    this.#after("opening");
    this.#after("silence", this.#heartbeat, () => this.#ping());
    this.#takeIce(message);

    if (!message.resumed) {
      this.#ledger.begin();
      this.#over = this.#over.filter(({ id }) => !BY_SERVER.test(id));
    }
    this.state = "online";
    for (const said of again.map((text) => JSON.parse(text))) {
      if (said.type !== "ping") this.#say(said);
    }
    if (!message.resumed) this.#renew();

    this.#login?.resolve(message);
    this.#login = undefined;
    this.#become("online");
    if (this.state === "online") this.#tell("welcome", message);
  }

  // Something that was said is lost for good, a `leave` perhaps: in a new session only what holds
  // now is said. If this one is there once more after that, it is given up once more.
  #giveUp() {
    this.#transmit({ type: "logout" });
    return this.#sayLogin();
  }

  // The server knows nothing of what was said to it in another session.
  #renew() {
    if (this.#names.size > 0) this.#say({ type: "subscribe", names: [...this.#names] });
    for (const room of this.#rooms) this.#say({ type: "join", room });
    for (const call of this.calls.values()) call.renew();
  }

  /** @param {{code: string, message: string, call?: string}} message */
  #hearError(message) {
    if (message.code === "resume-failed") {
      this.#token = undefined;
      return this.#sayLogin();
    }
    if (this.state !== "online") {
      if (OF_A_SESSION.has(message.code)) return;
      return this.#refuseLogin(message.code, message.message);
    }
    const call = [...this.calls.values()].find(({ id }) => id === message.call);
    if (call && ["no-call", "too-many-calls", "bad-name"].includes(message.code)) {
      return call.refused(/** @type {EndReason} */ (message.code));
    }
    // What was on its way to a call that has ended meanwhile.
    if (message.code === "no-call" && message.call !== undefined) return;
    this.#tell("error", message);
  }

  /** @param {string} code @param {string} reason */
  #refuseLogin(code, reason) {
    this.#disconnect(1000);
    this.#rest(code, reason);
  }

  /** @param {Pick<Welcome, "ice_servers" | "ice_ttl">} message */
  #takeIce({ ice_servers, ice_ttl }) {
    this.iceServers = ice_servers;
    for (const { pc } of this.calls.values()) {
      pc.setConfiguration({ ...pc.getConfiguration(), iceServers: ice_servers });
    }
    const delay = Math.min(ice_ttl * ICE_MARGIN * 1000, LONGEST_TIMER);
    this.#after("ice", delay, ice_ttl > 0 ? () => this.#say({ type: "ice" }) : undefined);
  }

  // Calls

  /** @param {string} peer @param {string} id */
  #callOf(peer, id) {
    const call = this.calls.get(peer);
    return call?.id === id ? call : undefined;
  }

  /** @param {{from: string, call: string, offer: any, polite: boolean}} message */
  #hearOffer(message) {
    const present = this.calls.get(message.from);
    if (present?.id === message.call) return present.receive(message);
    if (present?.state === "calling") {
      // Both call. The offer of the impolite side stands.
      return message.polite ? present.giveWay(message) : undefined;
    }
    if (this.#over.some(({ peer, id }) => peer === message.from && id === message.call)) {
      return this.#say({ type: "leave", to: message.from, call: message.call });
    }
    present?.end("replaced");
    const call = this.#makeCall(message.from, message.call, true);
    call.polite = message.polite;
    call.receive(message);
    this.#tell("call", { call });
  }

  /**
   * @param {string} peer @param {string} id @param {boolean} incoming
   * @param {CallOptions} [options]
   */
  #makeCall(peer, id, incoming, options) {
    const { configuration, RTCPeerConnection, crypto, setTimeout, clearTimeout } = this.#options;
    const link = {
      name: this.name,
      send: (/** @type {object} */ message) => this.#say(message),
      over: (/** @type {Call} */ call) => this.#callOver(call),
      seal: () => this.seal,
      configuration: { ...configuration, iceServers: this.iceServers },
      RTCPeerConnection,
      crypto,
      setTimeout,
      clearTimeout,
    };
    const polite = isGreater(this.name, peer);
    const call = new Call(link, { peer, id, polite, incoming }, options);
    this.calls.set(peer, call);
    return call;
  }

  /** @param {Call} call */
  #callOver(call) {
    if (this.calls.get(call.peer) === call) this.calls.delete(call.peer);
    this.#over.push({ peer: call.peer, id: call.id });
    if (this.#over.length > MAX_OVER) this.#over.shift();
  }

  #newId() {
    const bytes = this.#options.crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

/** Compares names byte by byte, as the server does. @param {string} one @param {string} other */
function isGreater(one, other) {
  const [a, b] = [one, other].map((name) => new TextEncoder().encode(name));
  for (let i = 0; i < a.length && i < b.length; ++i) if (a[i] !== b[i]) return a[i] > b[i];
  return a.length > b.length;
}
