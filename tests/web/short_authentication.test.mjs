// The six digits: the exchange by which they are agreed on, against vectors that another
// implementation has computed, against whoever breaks its rules, and in a call.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { ShortAuthentication } from "../../web/short_authentication.js";
import { connected, party, talk } from "./party.mjs";
import { crypto, heard, patience, settled } from "./support.mjs";

const vectors = JSON.parse(
  await readFile(new URL("short_authentication_vectors.json", import.meta.url)),
);

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
// As a data channel delivers what was sent.
const arrived = (sent) => Uint8Array.from(sent).buffer;

// An end whose nonce is known, or its own.
function end(local, remote, commits, nonce) {
  const getRandomValues = (array) =>
    nonce ? (array.set(bytes(nonce)), array) : crypto.getRandomValues(array);
  return new ShortAuthentication(
    { local, remote, commits },
    { subtle: crypto.subtle, getRandomValues },
  );
}

const [{ committer: one, responder: two }] = vectors;
const committer = (nonce, remote = two.fingerprint) => end(one.fingerprint, remote, true, nonce);
const responder = (nonce, remote = one.fingerprint) => end(two.fingerprint, remote, false, nonce);

// Runs the exchange, and returns the digits of both.
async function exchange(committer, responder) {
  const { say: nonce } = await responder.receive(arrived(await committer.begin()));
  const { say: reveal, digits } = await committer.receive(arrived(nonce));
  return [digits, (await responder.receive(arrived(reveal))).digits];
}

const refused = (end, sent, code) =>
  assert.rejects(end.receive(sent), { name: "ShortAuthenticationError", code });

test("the exchange agrees with another implementation", patience, async () => {
  for (const { committer, responder, said, digits } of vectors) {
    const one = end(committer.fingerprint, responder.fingerprint, true, committer.nonce);
    const two = end(responder.fingerprint, committer.fingerprint, false, responder.nonce);
    assert.equal(await two.begin(), undefined);
    const commitment = await one.begin();
    const answer = await two.receive(arrived(commitment));
    assert.deepEqual(Object.keys(answer), ["say"]); // no digits yet
    const reveal = await one.receive(arrived(answer.say));
    assert.deepEqual([commitment, answer.say, reveal.say].map(hex), said);
    assert.equal(reveal.digits, digits);
    assert.deepEqual(await two.receive(arrived(reveal.say)), { digits });
  }
});

test("each exchange has its own nonces, and so its own digits", patience, async () => {
  const seen = new Set();
  for (let n = 0; n < 100; ++n) {
    const [ours, theirs] = await exchange(committer(), responder());
    assert.match(ours, /^\d{6}$/);
    assert.equal(ours, theirs);
    seen.add(ours);
  }
  assert.ok(seen.size > 90);
});

test("the digits change with each bit of a fingerprint and of a nonce", patience, async () => {
  const flipped = (text, bit) => {
    const changed = Buffer.from(text, "hex");
    changed[bit >> 3] ^= 1 << (bit & 7);
    return changed.toString("hex");
  };
  const shown = (text, bit) => {
    const [hash, value] = text.split(" ");
    return `${hash} ${flipped(value.replaceAll(":", ""), bit)
      .toUpperCase()
      .replace(/..(?!$)/g, "$&:")}`;
  };
  const run = async (committers, responders, first, second) =>
    (
      await exchange(
        end(committers, responders, true, first),
        end(responders, committers, false, second),
      )
    )[0];
  const seen = new Set([await run(one.fingerprint, two.fingerprint, one.nonce, two.nonce)]);
  for (let bit = 0; bit < 256; ++bit) {
    for (const changed of [
      [shown(one.fingerprint, bit), two.fingerprint, one.nonce, two.nonce],
      [one.fingerprint, shown(two.fingerprint, bit), one.nonce, two.nonce],
      [one.fingerprint, two.fingerprint, flipped(one.nonce, bit), two.nonce],
      [one.fingerprint, two.fingerprint, one.nonce, flipped(two.nonce, bit)],
    ]) {
      seen.add(await run(...changed));
    }
  }
  assert.ok(seen.size > 1010); // of 1025, of which two by chance are the same now and then
});

test(
  "whoever hands on all that is said, between two connections of his own, shows other digits",
  patience,
  async () => {
    const [ours, theirs] = await exchange(
      committer(undefined, "sha-256 AA"),
      responder(undefined, "sha-256 BB"),
    );
    assert.notEqual(ours, theirs);
  },
);

// What a middle would need to search for digits that agree: the nonce of an honest side while his
// own to that side can still be chosen.
test("nobody shows his nonce before the other is bound", patience, async () => {
  const honest = committer(one.nonce);
  const commitment = hex(await honest.begin());
  assert.ok(!commitment.includes(one.nonce));
  const { say } = await honest.receive(arrived([2, ...bytes(two.nonce)]));
  assert.equal(hex(say), `03${one.nonce}`);

  const other = responder(two.nonce);
  assert.equal(await other.begin(), undefined);
});

test("a reveal of anything but what was committed to is refused", patience, async () => {
  for (let bit = 0; bit < 256; ++bit) {
    const other = responder();
    const honest = committer();
    const { say: nonce } = await other.receive(arrived(await honest.begin()));
    const { say } = await honest.receive(arrived(nonce));
    say[1 + (bit >> 3)] ^= 1 << (bit & 7);
    await refused(other, arrived(say), "wrong-reveal");
    say[1 + (bit >> 3)] ^= 1 << (bit & 7);
    await refused(other, arrived(say), "out-of-order"); // there is one try
  }
});

// Of each role, how far it is brought, and what may come then: nothing but that.
const stages = [
  { what: "a committer that has begun", make: committer, said: [], next: 2 },
  { what: "a committer that is done", make: committer, said: [2], next: undefined },
  { what: "a responder that has heard nothing", make: responder, said: [], next: 1 },
  { what: "a responder that has a commitment", make: responder, said: [1], next: 3 },
  { what: "a responder that is done", make: responder, said: [1, 3], next: undefined },
];
const [{ said: whole }] = vectors;

for (const { what, make, said, next } of stages) {
  test(`to ${what}, what is early, late or said twice is refused`, patience, async () => {
    for (const kind of [1, 2, 3]) {
      const stage = make();
      await stage.begin();
      for (const earlier of said) await stage.receive(arrived(bytes(whole[earlier - 1])));
      const message = arrived(bytes(whole[kind - 1]));
      if (kind === next) await stage.receive(message);
      else await refused(stage, message, "out-of-order");
    }
  });
}

test("two messages at once are taken one after the other", patience, async () => {
  const other = responder();
  await other.receive(arrived(bytes(whole[0])));
  const twice = [0, 1].map(() => other.receive(arrived(bytes(whole[2]))));
  const outcomes = (await Promise.allSettled(twice)).map(({ status }) => status);
  assert.deepEqual(outcomes, ["fulfilled", "rejected"]);
});

test("what is no message is refused", patience, async () => {
  const value = Array(32).fill(7);
  const malformed = [
    "text",
    "",
    null,
    undefined,
    1,
    [1, ...value],
    Uint8Array.of(1, ...value), // no ArrayBuffer
    arrived([]),
    arrived([1]),
    arrived([1, ...value.slice(1)]),
    arrived([1, ...value, 7]),
    arrived([0, ...value]),
    arrived([4, ...value]),
    arrived([255, ...value]),
    new ArrayBuffer(1_000_000),
  ];
  for (const data of malformed) await refused(responder(), data, "malformed");
  await responder().receive(arrived([1, ...value]));
});

// In a call: bob is polite, so alice commits.

// Whose digests are there at once, so that all is done when settled() is.
const prompt = {
  getRandomValues: (array) => crypto.getRandomValues(array),
  subtle: { digest: async (_, data) => arrived(createHash("sha256").update(data).digest()) },
};

async function calling() {
  const [alice, bob] = [
    await party("alice", { crypto: prompt }),
    await party("bob", { crypto: prompt }),
  ];
  const calls = await connected(alice, bob);
  // What the fake descriptions do not have.
  for (const call of calls)
    call.fingerprints = () => ({ local: "sha-256 AA", remote: "sha-256 AA" });
  const ends = calls.map(({ pc }) => pc.channels.find(({ id }) => id === 1));
  for (const end of ends) end.taken = 0;
  return { parties: [alice, bob], calls, ends };
}

// Delivers what was sent over the channel, after what becomes of it in the middle.
async function exchanged(ends, change = (sent) => [sent]) {
  for (let quiet = 0; quiet < 3; ++quiet) {
    await settled();
    for (const [from, to] of [ends, [...ends].reverse()]) {
      for (; from.taken < from.sent.length; quiet = 0) {
        for (const data of change(from.sent[from.taken++])) to.hear(arrived(data));
      }
    }
  }
}

const opened = (ends) => ends.forEach((end) => end.open());

test("a call has digits when both have agreed on them, and keeps them", patience, async () => {
  const { parties, calls, ends } = await calling();
  const [ours, theirs] = calls.map((call) => heard(call, "digits"));
  assert.deepEqual(
    calls.map(({ digits }) => digits),
    ["", ""],
  );
  for (const end of ends) {
    assert.deepEqual([end.negotiated, end.binaryType], [true, "arraybuffer"]);
  }
  opened(ends);
  await exchanged(ends);
  const { digits } = await ours;
  assert.match(digits, /^\d{6}$/);
  assert.deepEqual([digits, digits], [calls[1].digits, (await theirs).digits]);
  assert.deepEqual(
    ends.map(({ sent }) => sent.map(([kind]) => kind)),
    [[1, 3], [2]],
  );

  calls[0].restartIce();
  await talk(...parties);
  assert.deepEqual(
    calls.map(({ state }) => state),
    ["connected", "connected"],
  );
  await exchanged(ends);
  assert.deepEqual(
    calls.map((call) => call.digits),
    [digits, digits],
  );
  assert.equal(ends[0].sent.length, 2);
});

test("who opens the channel first waits for the other", patience, async () => {
  for (const order of [0, 1]) {
    const { calls, ends } = await calling();
    ends[order].open();
    await settled();
    ends[1 - order].open();
    await exchanged(ends);
    assert.match(calls[0].digits, /^\d{6}$/);
    assert.equal(calls[0].digits, calls[1].digits);
  }
});

test("whoever relays does not decide who is bound first", patience, async () => {
  for (const polite of [true, false]) {
    const { calls, ends } = await calling();
    for (const call of calls) call.polite = polite;
    opened(ends);
    await exchanged(ends);
    assert.match(calls[0].digits, /^\d{6}$/);
    assert.equal(calls[0].digits, calls[1].digits);
  }
});

const cheats = {
  "a wrong reveal": (sent) => [
    sent[0] === 3 ? sent.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) : sent,
  ],
  "a commitment twice": (sent) => (sent[0] === 1 ? [sent, sent] : [sent]),
  "a reveal twice": (sent) => (sent[0] === 3 ? [sent, sent] : [sent]),
  "a reveal before the commitment": (sent) => [
    sent[0] === 1 ? Uint8Array.of(3, ...sent.slice(1)) : sent,
  ],
  "a nonce twice": (sent) => (sent[0] === 2 ? [sent, sent] : [sent]),
  "what is no message": (sent) => [sent.slice(1)],
};

for (const [what, change] of Object.entries(cheats)) {
  test(`${what} ends the call with a sentence`, patience, async () => {
    const { parties, calls, ends } = await calling();
    const ending = Promise.race(calls.map((call) => heard(call, "ended")));
    opened(ends);
    await exchanged(ends, change);
    const { reason, message } = await ending;
    assert.equal(reason, "failed");
    assert.match(
      message,
      /^The call with (alice|bob) has ended: the six digits were not agreed on .* sat between you\.$/,
    );
    await talk(...parties);
    assert.deepEqual(calls.map(({ reason }) => reason).sort(), ["failed", "left"]);
  });
}

test("a wrong reveal shows no digits to whom it is shown", patience, async () => {
  const { calls, ends } = await calling();
  opened(ends);
  await exchanged(ends, cheats["a wrong reveal"]);
  assert.equal(calls[1].digits, "");
});

test("a call with somebody who agrees on no digits goes on without", patience, async () => {
  const { calls, ends } = await calling();
  opened(ends);
  await exchanged(ends, () => []);
  assert.deepEqual(
    calls.map(({ digits, state }) => [digits, state]),
    Array(2).fill(["", "connected"]),
  );
});

test("a channel that is closed meanwhile ends nothing, and shows no digits", patience, async () => {
  const { calls, ends } = await calling();
  opened(ends);
  ends[0].readyState = "closing";
  await exchanged(ends);
  assert.deepEqual(ends[0].sent, []);
  assert.deepEqual(
    calls.map(({ digits, state }) => [digits, state]),
    Array(2).fill(["", "connected"]),
  );
});

test(
  "without a channel, or the browser's cryptography, there are no digits",
  patience,
  async () => {
    const alice = await party("alice");
    assert.deepEqual(alice.client.call("bob", { channel: false }).pc.channels, []);
    const getRandomValues = (array) => crypto.getRandomValues(array);
    const insecure = await party("alice", { crypto: { getRandomValues } });
    assert.deepEqual(
      insecure.client.call("bob").pc.channels.map(({ id }) => id),
      [0],
    );
  },
);
