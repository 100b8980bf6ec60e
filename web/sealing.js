// Protects a call from the server end to end: who knows the passphrase can read what the server
// relays, and knows that nobody has changed it; with the fingerprints in it, so are the media.
// Whoever only relays cannot listen in. It helps as far as the page is trusted: a server that gives
// out the page as well could give out another one.
//
//   passphrase ─ PBKDF2 ─→ master ─ HKDF(from, to, call) ─→ one key for each direction of a call
//   body ─ JSON, padded ─ AES-256-GCM(key, nonce, version | type | from | to | call | counter)
//
// The server still sees who calls whom and when, and can refuse to relay. It can also try
// passphrases on what it has recorded: one that can be guessed protects nothing.

/** Of what is sealed; another version is refused. */
const VERSION = 1;
/** Makes each guess of a passphrase cost as much. */
const ITERATIONS = 600_000;
/** Sizes are rounded up to this, so that they do not tell what was said. */
const PADDING = 1024; // bytes
const NONCE = 12; // bytes

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Nothing but these parts encodes to this. @param {...(string | number)} parts */
const joined = (...parts) => encoder.encode(JSON.stringify(parts));

/** @param {Uint8Array} bytes */
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
/** @param {string} text */
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Why a body was not opened; `message` is a sentence for people. */
export class SealingError extends Error {
  /**
   * @param {"unsealed" | "version" | "wrong" | "replayed" | "insecure"} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "SealingError";
    this.code = code;
  }
}

/** A passphrase. Give it to HeliographClient as `seal`. */
export class Sealer {
  #passphrase;
  #crypto;
  #iterations;
  /** @type {Map<string, Promise<CryptoKey>>} */
  #masters = new Map();

  /**
   * @param {string} passphrase the same on both sides
   * @param {{crypto?: Crypto, iterations?: number}} [options] for tests
   */
  constructor(passphrase, { crypto = globalThis.crypto, iterations = ITERATIONS } = {}) {
    if (!crypto?.subtle) {
      throw new SealingError(
        "insecure",
        "Sealing needs a page that came by https or of localhost.",
      );
    }
    this.#passphrase = encoder.encode(passphrase.normalize("NFC"));
    this.#crypto = crypto;
    this.#iterations = iterations;
  }

  /**
   * What seals and opens the bodies of one call.
   * @param {string} self @param {string} peer @param {string} id
   */
  call(self, peer, id) {
    const pair = [self, peer].sort();
    const known = JSON.stringify(pair);
    const master = this.#masters.get(known) ?? this.#master(pair);
    this.#masters.set(known, master);
    return new SealedCall(this.#crypto, master, { self, peer, id });
  }

  /** @param {string[]} pair */
  async #master(pair) {
    const { subtle } = this.#crypto;
    const key = await subtle.importKey("raw", this.#passphrase, "PBKDF2", false, ["deriveBits"]);
    const salt = joined("heliograph.v1 passphrase", ...pair);
    const bits = await subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations: this.#iterations },
      key,
      256,
    );
    return subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  }
}

class SealedCall {
  #crypto;
  #what;
  #out;
  #in;
  #said = 0; // counters: of the last body sealed,
  #heard = 0; // and of the last one opened

  /**
   * @param {Crypto} crypto @param {Promise<CryptoKey>} master
   * @param {{self: string, peer: string, id: string}} what
   */
  constructor(crypto, master, what) {
    this.#crypto = crypto;
    this.#what = what;
    this.#out = this.#key(master, what.self, what.peer);
    this.#in = this.#key(master, what.peer, what.self);
  }

  /** @param {Promise<CryptoKey>} master @param {string} from @param {string} to */
  async #key(master, from, to) {
    const info = joined("heliograph.v1 key", from, to, this.#what.id);
    return this.#crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
      await master,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    );
  }

  /** @param {string} type @param {unknown} body what JSON can say */
  async seal(type, body) {
    const { self, peer, id } = this.#what;
    const counter = ++this.#said;
    const nonce = this.#crypto.getRandomValues(new Uint8Array(NONCE));
    const plain = encoder.encode(JSON.stringify(body));
    const padded = new Uint8Array(Math.ceil(plain.length / PADDING) * PADDING).fill(0x20);
    padded.set(plain); // JSON may be followed by spaces
    const sealed = await this.#crypto.subtle.encrypt(
      {
        name: "AES-GCM",
        iv: nonce,
        additionalData: joined(VERSION, type, self, peer, id, counter),
      },
      await this.#out,
      padded,
    );
    return {
      v: VERSION,
      counter,
      nonce: toBase64(nonce),
      sealed: toBase64(new Uint8Array(sealed)),
    };
  }

  /**
   * @param {string} type @param {any} body
   * @returns {Promise<any>} rejects with a SealingError
   */
  async open(type, body) {
    const { self, peer, id } = this.#what;
    if (typeof body !== "object" || body === null || !("v" in body)) {
      throw new SealingError("unsealed", `What ${peer} says is not sealed, as it has to be.`);
    }
    if (body.v !== VERSION) {
      throw new SealingError("version", `${peer} seals in a way that is not known here.`);
    }
    let text;
    try {
      const plain = await this.#crypto.subtle.decrypt(
        {
          name: "AES-GCM",
          iv: fromBase64(body.nonce),
          additionalData: joined(VERSION, type, peer, self, id, body.counter),
        },
        await this.#in,
        fromBase64(body.sealed),
      );
      text = decoder.decode(plain);
    } catch {
      const why = "the passphrase is another one, or it was changed on the way";
      throw new SealingError("wrong", `What ${peer} says cannot be opened: ${why}.`);
    }
    if (!(body.counter > this.#heard)) {
      throw new SealingError("replayed", `Something that ${peer} said was repeated on the way.`);
    }
    this.#heard = body.counter;
    return JSON.parse(text);
  }
}
