// Six digits that both read to each other, to find out whether somebody sits between them:
//
//   committer                      responder
//   SHA-256(nonce) ──────────────→           commitment
//                  ←────────────── nonce
//   nonce          ──────────────→           reveal, which has to be what the commitment was made of
//
//   digits = SHA-256(label, both fingerprints, both nonces) modulo a million
//
// Somebody in between has one such exchange with each of the two, and has bound himself in both
// before he sees what the digits depend on. So his chance is one in a million for each call,
// however many keys he has prepared.

const NONCE = 32; // bytes, as many as SHA-256 has
const DIGITS = 6;

/** The first byte of a message; its value follows. */
const Kind = { commitment: 1, nonce: 2, reveal: 3 };

const encoder = new TextEncoder();

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @param {number} kind @param {Bytes} value */
const framed = (kind, value) => Uint8Array.of(kind, ...value);

/** @param {Bytes} bytes */
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Why the digits were not agreed on. */
export class ShortAuthenticationError extends Error {
  /** @param {"malformed" | "out-of-order" | "wrong-reveal"} code */
  constructor(code) {
    super(`short authentication string: ${code}`);
    this.name = "ShortAuthenticationError";
    this.code = code;
  }
}

/** One exchange, which is that of one call. */
export class ShortAuthentication {
  #crypto;
  #is;
  #nonce;
  /** What comes next; undefined when nothing may come any more. @type {number | undefined} */
  #expected;
  /** @type {Bytes | undefined} */ #commitment;

  /**
   * @param {{local: string, remote: string, commits: boolean}} is the fingerprints as of
   *   Call.fingerprints(), and whether this side is the committer, as one of the two has to be
   * @param {Pick<Crypto, "getRandomValues" | "subtle">} [crypto]
   */
  constructor(is, crypto = globalThis.crypto) {
    this.#is = is;
    this.#crypto = crypto;
    this.#nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    this.#expected = is.commits ? Kind.nonce : Kind.commitment;
  }

  /**
   * What to say at first: nothing if the other side is the committer.
   * @returns {Promise<Bytes | undefined>}
   */
  async begin() {
    return this.#is.commits ? framed(Kind.commitment, await this.#hash(this.#nonce)) : undefined;
  }

  /**
   * @param {unknown} data the message as it came, an ArrayBuffer
   * @returns {Promise<{say?: Bytes, digits?: string}>} what to say to that, and the digits
   *   when the exchange is done; rejects with a ShortAuthenticationError
   */
  async receive(data) {
    const [kind, ...value] = data instanceof ArrayBuffer ? new Uint8Array(data) : [];
    if (value.length !== NONCE || !Object.values(Kind).includes(kind)) {
      throw new ShortAuthenticationError("malformed");
    }
    if (kind !== this.#expected) throw new ShortAuthenticationError("out-of-order");
    const theirs = Uint8Array.from(value);
    if (kind === Kind.commitment) {
      this.#commitment = theirs;
      this.#expected = Kind.reveal;
      return { say: framed(Kind.nonce, this.#nonce) };
    }
    this.#expected = undefined;
    if (kind === Kind.nonce) {
      return { say: framed(Kind.reveal, this.#nonce), digits: await this.#digits(theirs) };
    }
    const revealed = await this.#hash(theirs);
    if (!revealed.every((byte, i) => byte === this.#commitment?.[i])) {
      throw new ShortAuthenticationError("wrong-reveal");
    }
    return { digits: await this.#digits(theirs) };
  }

  /** @param {Bytes} bytes */
  async #hash(bytes) {
    return new Uint8Array(await this.#crypto.subtle.digest("SHA-256", bytes));
  }

  /** @param {Bytes} theirs */
  async #digits(theirs) {
    const { local, remote, commits } = this.#is;
    const [ours, other] = [
      { fingerprint: local, nonce: toHex(this.#nonce) },
      { fingerprint: remote, nonce: toHex(theirs) },
    ];
    const [committer, responder] = commits ? [ours, other] : [other, ours];
    const parts = [
      "heliograph.v1 short authentication string",
      committer.fingerprint,
      responder.fingerprint,
      committer.nonce,
      responder.nonce,
    ];
    const hash = await this.#hash(encoder.encode(JSON.stringify(parts)));
    const number = new DataView(hash.buffer).getBigUint64(0) % BigInt(10 ** DIGITS);
    return String(number).padStart(DIGITS, "0");
  }
}
