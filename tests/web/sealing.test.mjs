// Sealing: what comes back, what is refused and with which sentence, and vectors that another
// implementation has computed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { Sealer } from "../../web/sealing.js";
import { party, relay } from "./party.mjs";
import { crypto, heard, patience, settled, until } from "./support.mjs";

const vectors = JSON.parse(await readFile(new URL("sealing_vectors.json", import.meta.url)));

// A guess need not be expensive here.
const sealer = (passphrase) => new Sealer(passphrase, { crypto, iterations: 10 });

function pair({ alice = "open sesame", bob = "open sesame", id = "c1" } = {}) {
  return {
    alice: sealer(alice).call("alice", "bob", id),
    bob: sealer(bob).call("bob", "alice", id),
  };
}

const offer = { type: "offer", sdp: 'v=0\r\n\u{1F600} " \\ \u2028' };

const refused = (code) => (error) => {
  assert.equal(error.name, "SealingError");
  assert.equal(error.code, code);
  assert.match(error.message, /alice.*\.$/); // a sentence, about somebody
  return true;
};

test("what is sealed comes back, and does not show", patience, async () => {
  const { alice, bob } = pair();
  for (const body of [offer, { candidate: "" }, null, 0, "text", [1, { a: 2 }]]) {
    const sealed = await alice.seal("offer", body);
    assert.deepEqual(Object.keys(sealed), ["v", "counter", "nonce", "sealed"]);
    assert.ok(!JSON.stringify(sealed).includes("v=0"));
    assert.deepEqual(await bob.open("offer", JSON.parse(JSON.stringify(sealed))), body);
  }
});

test("both directions have their own key and counter", patience, async () => {
  const { alice, bob } = pair();
  const there = await alice.seal("offer", offer);
  const back = await bob.seal("answer", offer);
  assert.deepEqual([there.counter, back.counter], [1, 1]);
  assert.deepEqual(await bob.open("offer", there), offer);
  assert.deepEqual(await alice.open("answer", back), offer);
});

test("sizes are rounded up, so that they do not tell what was said", patience, async () => {
  const { alice } = pair();
  const size = async (letters) =>
    Buffer.from((await alice.seal("offer", "x".repeat(letters - 2))).sealed, "base64").length;
  assert.deepEqual(
    [await size(2), await size(1023), await size(1024), await size(1025)],
    [1024 + 16, 1024 + 16, 1024 + 16, 2048 + 16],
  );
});

test("nonces differ", patience, async () => {
  const { alice } = pair();
  const nonces = new Set();
  for (let n = 0; n < 100; ++n) nonces.add((await alice.seal("candidate", n)).nonce);
  assert.equal(nonces.size, 100);
  for (const nonce of nonces) assert.equal(Buffer.from(nonce, "base64").length, 12);
});

test("a passphrase is the same however its letters are composed", patience, async () => {
  const { alice, bob } = pair({ alice: "caf\u00e9", bob: "cafe\u0301" });
  assert.deepEqual(await bob.open("offer", await alice.seal("offer", offer)), offer);
});

test("another passphrase is refused", patience, async () => {
  const { alice, bob } = pair({ bob: "open says me" });
  await assert.rejects(bob.open("offer", await alice.seal("offer", offer)), (error) => {
    assert.equal(
      error.message,
      "What alice says cannot be opened: " +
        "the passphrase is another one, or it was changed on the way.",
    );
    return refused("wrong")(error);
  });
});

test("each flipped bit is refused", patience, async () => {
  const { alice, bob } = pair();
  const sealed = await alice.seal("offer", offer);
  for (const member of ["nonce", "sealed"]) {
    const bytes = Buffer.from(sealed[member], "base64");
    for (let bit = 0; bit < bytes.length * 8; bit += member === "nonce" ? 1 : 61) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      const changed = { ...sealed, [member]: flipped.toString("base64") };
      await assert.rejects(bob.open("offer", changed), refused("wrong"));
    }
  }
  assert.deepEqual(await bob.open("offer", sealed), offer); // which none of these has used up
});

test("what is bound to a body cannot be another", patience, async () => {
  const { alice, bob } = pair();
  const sealed = await alice.seal("offer", offer);
  const open = (opener, type = "offer", body = sealed) => opener.open(type, body);
  const mallory = (self, peer, id = "c1") => sealer("open sesame").call(self, peer, id);
  const wrong = {
    "another type": () => open(bob, "answer"),
    "another counter": () => open(bob, "offer", { ...sealed, counter: 2 }),
    "a counter that is no number": () => open(bob, "offer", { ...sealed, counter: "1" }),
    "no counter": () => open(bob, "offer", { ...sealed, counter: undefined }),
    "another call": () => open(mallory("bob", "alice", "c2")),
    "another receiver": () => open(mallory("carol", "alice")),
    "no nonce": () => open(bob, "offer", { ...sealed, nonce: undefined }),
    "no base64": () => open(bob, "offer", { ...sealed, sealed: "%" }),
    "nothing sealed": () => open(bob, "offer", { ...sealed, sealed: "" }),
  };
  for (const [what, attempt] of Object.entries(wrong)) {
    await assert.rejects(attempt, refused("wrong"), what);
  }
  // What comes back to who said it, and what another is said to have said.
  await assert.rejects(mallory("alice", "bob").open("offer", sealed), { code: "wrong" });
  await assert.rejects(mallory("bob", "carol").open("offer", sealed), { code: "wrong" });
});

test("what was heard before is refused, and so is what overtakes", patience, async () => {
  const { alice, bob } = pair();
  const sealed = [];
  for (let n = 0; n < 4; ++n) sealed.push(await alice.seal("candidate", n));
  assert.equal(await bob.open("candidate", sealed[0]), 0);
  await assert.rejects(bob.open("candidate", sealed[0]), refused("replayed"));
  assert.equal(await bob.open("candidate", sealed[2]), 2); // one may get lost
  await assert.rejects(bob.open("candidate", sealed[1]), refused("replayed"));
  assert.equal(await bob.open("candidate", sealed[3]), 3);
});

test("what is not sealed is refused", patience, async () => {
  const { bob } = pair();
  for (const body of [offer, null, "text", 1, [], {}]) {
    await assert.rejects(bob.open("offer", body), (error) => {
      assert.equal(error.message, "What alice says is not sealed, as it has to be.");
      return refused("unsealed")(error);
    });
  }
});

test("another version is refused", patience, async () => {
  const { alice, bob } = pair();
  const sealed = await alice.seal("offer", offer);
  for (const v of [0, 2, "1", null]) {
    await assert.rejects(bob.open("offer", { ...sealed, v }), refused("version"));
  }
});

test("without the browser's cryptography there is a sentence", patience, () => {
  for (const crypto of [null, {}]) {
    assert.throws(() => new Sealer("x", { crypto }), { code: "insecure", message: /https/ });
  }
});

test("it agrees with another implementation", patience, async () => {
  const { passphrase, from, to, call, messages } = vectors;
  const opener = new Sealer(passphrase, { crypto }).call(to, from, call);
  for (const { type, body, sealed } of messages) {
    assert.deepEqual(await opener.open(type, sealed), body);
  }
  // And what it seals is the same, given the nonces.
  let count = 0;
  const getRandomValues = (bytes) => {
    bytes.set(Buffer.from(messages[count++].sealed.nonce, "base64"));
    return bytes;
  };
  const counted = { subtle: crypto.subtle, getRandomValues };
  const saying = new Sealer(passphrase, { crypto: counted }).call(from, to, call);
  for (const { type, body, sealed } of messages) {
    assert.deepEqual(await saying.seal(type, body), sealed);
  }
});

// In a call

// alice calls bob: the call at bob's, after what the server does to the offer.
async function ring(ours, theirs, change = (offer) => offer) {
  const alice = await party("alice", { seal: ours });
  const bob = await party("bob", { seal: theirs });
  const call = alice.client.call("bob");
  const incoming = heard(bob.client, "call");
  const message = relay(await alice.said("offer"), "alice");
  bob.server.say({ ...message, offer: change(message.offer) });
  return { alice, bob, call, incoming: (await incoming).call };
}

test(
  "a call with the same passphrase on both sides connects, and nothing shows",
  patience,
  async () => {
    const { alice, bob, call, incoming } = await ring(sealer("x"), sealer("x"));
    assert.equal(incoming.sealed, true);
    incoming.accept();
    alice.server.say(relay(await bob.said("answer"), "bob"));
    await until(() => call.state === "connected" && incoming.state === "connected");
    const bodies = [...alice.server.said, ...bob.server.said]
      .map((message) => message.offer ?? message.answer ?? message.candidate)
      .filter(Boolean);
    assert.ok(bodies.length >= 3);
    for (const body of bodies)
      assert.deepEqual(Object.keys(body), ["v", "counter", "nonce", "sealed"]);
  },
);

test("a passphrase that is given while it rings is used", patience, async () => {
  const { alice, bob, call, incoming } = await ring(sealer("x"), undefined);
  bob.client.seal = sealer("x");
  incoming.accept();
  alice.server.say(relay(await bob.said("answer"), "bob"));
  await until(() => call.state === "connected" && incoming.state === "connected");
});

const attempts = {
  "another passphrase": [sealer("x"), sealer("y"), /the passphrase is another one/],
  "no passphrase for what is sealed": [
    sealer("x"),
    undefined,
    /sealed, and there is no passphrase/,
  ],
  "a passphrase for what is not": [undefined, sealer("x"), /is not sealed, as it has to be/],
  "a server that unseals": [
    sealer("x"),
    sealer("x"),
    /is not sealed/,
    () => ({ type: "offer", id: 1 }),
  ],
  "a server that flips a bit": [
    sealer("x"),
    sealer("x"),
    /cannot be opened/,
    (offer) => {
      const bytes = Buffer.from(offer.sealed, "base64");
      bytes[100] ^= 1;
      return { ...offer, sealed: bytes.toString("base64") };
    },
  ],
};

for (const [what, [ours, theirs, sentence, change]] of Object.entries(attempts)) {
  test(`${what}: the call ends before anything is taken from it`, patience, async () => {
    const { bob, incoming } = await ring(ours, theirs, change);
    const ended = heard(incoming, "ended");
    incoming.accept();
    const { reason, message } = await ended;
    assert.equal(reason, "sealing");
    assert.match(message, sentence);
    assert.equal(incoming.pc.remoteDescription, null);
    assert.equal((await bob.said("leave")).call, incoming.id);
    assert.ok(!bob.server.said.some(({ type }) => type === "answer"));
  });
}

test("an answer that is not sealed ends the call of the caller", patience, async () => {
  const { alice, bob, call, incoming } = await ring(sealer("x"), sealer("x"));
  incoming.accept();
  const answer = relay(await bob.said("answer"), "bob");
  const ended = heard(call, "ended");
  alice.server.say({ ...answer, answer: { type: "answer", of: call.pc.localDescription.id } });
  assert.equal((await ended).reason, "sealing");
  assert.equal(call.pc.remoteDescription, null);
});

test("a message that the server repeats ends the call", patience, async () => {
  const { alice, bob, incoming } = await ring(sealer("x"), sealer("x"));
  incoming.accept();
  const candidate = relay(await alice.said("candidate"), "alice");
  bob.server.say(candidate);
  await until(() => incoming.pc.candidates.length === 1);
  const ended = heard(incoming, "ended");
  bob.server.say(candidate);
  assert.match((await ended).message, /repeated on the way/);
});

// Seals when the test says so.
function slow() {
  const waiting = [];
  const seal = (type, body) =>
    new Promise((resolve) => waiting.push({ type, finish: () => resolve({ v: 1, body }) }));
  return { waiting, call: () => ({ seal, open: async (type, { body }) => body }) };
}

test("what takes long to seal is not overtaken", patience, async () => {
  const sealing = slow();
  const alice = await party("alice", { seal: sealing });
  alice.client.call("bob");
  await settled();
  for (const said of [["offer"], ["offer", "candidate"]]) {
    // The next one begins when this one is finished.
    assert.equal(sealing.waiting.length, said.length);
    sealing.waiting.at(-1).finish();
    await settled();
    assert.deepEqual(
      alice.server.said.map(({ type }) => type),
      said,
    );
  }
});

test("what is sealed when the call is over is not said", patience, async () => {
  const sealing = slow();
  const alice = await party("alice", { seal: sealing });
  const call = alice.client.call("bob");
  await settled();
  call.hangUp();
  sealing.waiting[0].finish();
  await settled();
  assert.deepEqual(
    alice.server.said.map(({ type }) => type),
    ["leave"],
  );
});

test("what is sealed when the call has given way to another is not said", patience, async () => {
  const sealing = slow();
  const bob = await party("bob", { seal: sealing });
  const call = bob.client.call("alice");
  const { id } = call;
  await settled();
  const offer = { v: 1, body: { type: "offer", id: 0 } };
  bob.server.say({ type: "offer", from: "alice", call: "hers", polite: true, offer });
  await settled();
  for (let n = 0; n < sealing.waiting.length; ++n) {
    sealing.waiting[n].finish();
    await settled();
  }
  assert.ok(bob.server.said.some(({ type }) => type === "answer"));
  assert.ok(bob.server.said.every((message) => message.call !== id));
});

test(
  "when both call, the one that gives way is sealed for the other's call",
  patience,
  async () => {
    const alice = await party("alice", { seal: sealer("x") });
    const bob = await party("bob", { seal: sealer("x") });
    const calls = [alice.client.call("bob"), bob.client.call("alice")];
    await bob.said("offer");
    bob.server.say(relay(await alice.said("offer"), "alice"));
    alice.server.say(relay(await bob.said("answer"), "bob"));
    await until(() => calls.every(({ state }) => state === "connected"));
  },
);
