// What both sides of a session have said. A connection that is lost may take the last messages with
// it; both count, so that each can say again what the other has not got.
//
//   │ forgotten │ kept: may have arrived, or waits for the next connection │
//
// The answer to a ping shows that all before the ping has arrived.

/** As much as the server keeps of what it says; beyond, the first messages are forgotten. */
const MAX_KEPT = 64;
/** With so many it is time to ask by a ping what has arrived. */
const ENOUGH_KEPT = MAX_KEPT / 2;

export class Ledger {
  /** How many messages were heard. */
  received = 0;
  #forgotten = 0;
  /** @type {string[]} */
  #kept = [];
  /** How many messages were said up to each ping that has no answer yet. @type {number[]} */
  #pings = [];

  get isFull() {
    return this.#kept.length >= ENOUGH_KEPT;
  }

  /** Whether a ping has no answer yet. */
  get isAsking() {
    return this.#pings.length > 0;
  }

  /** A message is said. @param {string} text */
  add(text) {
    this.#kept.push(text);
    if (this.#kept.length > MAX_KEPT) this.#forget(1);
  }

  /** A ping is said next. */
  ping() {
    this.#pings.push(this.#forgotten + this.#kept.length + 1);
  }

  /** The answer to the first ping that has none yet. */
  pong() {
    this.#forget((this.#pings.shift() ?? 0) - this.#forgotten);
  }

  /** A session begins. */
  begin() {
    this.received = 0;
    this.#forgotten = 0;
    this.#kept = [];
    this.#pings = [];
  }

  /**
   * A session goes on, in which the server has got so many messages. Returns what is to be said
   * again, which is not kept any more; undefined, whenever it is asked, if some of it is forgotten.
   * @param {number} taken
   */
  resume(taken) {
    if (taken < this.#forgotten) return undefined;
    const again = this.#kept.slice(taken - this.#forgotten);
    this.#forgotten = taken;
    this.#kept = [];
    this.#pings = this.#pings.filter((said) => said <= taken);
    return again;
  }

  /** @param {number} count */
  #forget(count) {
    if (count > 0) this.#forgotten += this.#kept.splice(0, count).length;
  }
}
