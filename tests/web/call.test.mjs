// Calls: two clients with connections that have no network.
import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, deliver, party, talk } from "./party.mjs";
import { heard, patience, settled, until } from "./support.mjs";

const agree = (one, other) => {
  assert.equal(one.id, other.id);
  for (const { pc } of [one, other]) assert.equal(pc.signalingState, "stable");
  assert.equal(one.pc.localDescription.id, other.pc.remoteDescription.id);
  assert.equal(other.pc.localDescription.id, one.pc.remoteDescription.id);
};

test("a call rings, is accepted and connects, with a channel and tracks", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const tracks = [{ kind: "audio" }];
  const call = alice.client.call("bob", { stream: { getTracks: () => tracks } });
  const states = [call.state];
  call.addEventListener("state", ({ detail }) => states.push(detail.state));
  await settled();
  deliver(alice, bob);
  const [incoming] = bob.ringing;
  assert.equal(incoming.state, "ringing");
  assert.equal(incoming.peer, "alice");
  assert.equal(incoming.pc.remoteDescription, null);
  incoming.accept();
  await talk(alice, bob);
  assert.deepEqual(states, ["calling", "connecting", "connected"]);
  agree(call, incoming);
  assert.deepEqual(call.pc.tracks, tracks);
  for (const { channel } of [call, incoming]) {
    assert.equal(channel.negotiated, true);
    assert.equal(channel.id, 0);
  }
  const opened = heard(incoming, "channel");
  incoming.channel.open();
  assert.equal((await opened).channel, incoming.channel);
  assert.equal(call.polite, false);
  assert.equal(incoming.polite, true);
});

test("candidates that come before the call is accepted are not lost", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  alice.client.call("bob");
  await settled();
  const delivered = deliver(alice, bob);
  assert.deepEqual(
    delivered.map(({ type }) => type),
    ["offer", "candidate"],
  );
  bob.ringing[0].accept();
  await settled();
  assert.deepEqual(bob.ringing[0].pc.candidates, [delivered[0].offer.id]);
});

test("candidates that come before the answer wait for it", patience, async () => {
  const alice = await party("alice");
  const call = alice.client.call("bob");
  await settled();
  const { id } = call.pc.localDescription;
  const about = { from: "bob", call: call.id };
  alice.server.say({ type: "candidate", ...about, candidate: { candidate: "c", of: "theirs" } });
  await settled();
  assert.deepEqual(call.pc.candidates, []);
  alice.server.say({ type: "answer", ...about, answer: { type: "answer", id: "theirs", of: id } });
  await settled();
  assert.deepEqual(call.pc.candidates, ["theirs"]);
});

test("of what comes before it can be used, 256 messages are kept", patience, async () => {
  const alice = await party("alice");
  const call = alice.client.call("bob");
  await settled();
  const { id } = call.pc.localDescription;
  const about = { from: "bob", call: call.id };
  for (let n = 0; n < 257; ++n) {
    alice.server.say({ type: "candidate", ...about, candidate: { candidate: n, of: "theirs" } });
  }
  alice.server.say({ type: "answer", ...about, answer: { type: "answer", id: "theirs", of: id } });
  await until(() => call.state === "connected");
  assert.equal(call.pc.candidates.length, 256);

  const theirs = { from: "carol", call: "hers" };
  const offer = { type: "offer", id: "hers" };
  alice.server.say({ type: "offer", ...theirs, offer, polite: false });
  for (let n = 0; n < 256; ++n) {
    alice.server.say({ type: "candidate", ...theirs, candidate: { candidate: n, of: "hers" } });
  }
  const [incoming] = alice.ringing;
  incoming.accept();
  await until(() => incoming.state === "connected");
  await settled();
  assert.equal(incoming.pc.candidates.length, 255); // and the offer
});

test("an answer to another call is ignored", patience, async () => {
  const alice = await party("alice");
  const call = alice.client.call("bob");
  await settled();
  const answer = { type: "answer", id: 0, of: call.pc.localDescription.id };
  alice.server.say({ type: "answer", from: "bob", call: "another", answer });
  await settled();
  assert.equal(call.pc.signalingState, "have-local-offer");
  alice.server.say({ type: "answer", from: "bob", call: call.id, answer });
  await settled();
  assert.equal(call.pc.signalingState, "stable");
  alice.server.say({ type: "answer", from: "bob", call: call.id, answer }); // once more
  await settled();
  assert.equal(call.state, "connected");
});

test("what belongs to a call before this one does not end it", patience, async () => {
  const alice = await party("alice");
  const call = alice.client.call("bob");
  await settled();
  const before = { from: "bob", call: "another" };
  alice.server.say({ type: "leave", ...before, reason: "left" });
  alice.server.say({ type: "busy", ...before });
  alice.server.say({ type: "unavailable", to: "bob", call: "another" });
  alice.server.say({ type: "error", code: "no-call", message: "", call: "another" });
  assert.equal(call.state, "calling");
});

// Glare: both call before they hear of each other. alice is impolite: hers is the smaller name.

async function glare(meet) {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const calls = [alice.client.call("bob"), bob.client.call("alice")];
  const [{ id }] = calls;
  await meet(alice, bob, calls);
  await talk(alice, bob);
  agree(...calls);
  assert.deepEqual(
    calls.map(({ id }) => id),
    [id, id],
  );
  assert.deepEqual(
    calls.map(({ state }) => state),
    ["connected", "connected"],
  );
  assert.deepEqual([alice.ringing, bob.ringing], [[], []]);
  assert.equal(alice.client.calls.size, 1);
  assert.equal(bob.client.calls.size, 1);
  return calls;
}

test(
  "when both call, and the impolite side's offer comes first, the other is dropped by the server",
  patience,
  async () => {
    await glare(async (alice, bob, [, theirs]) => {
      await settled();
      const lost = theirs.id;
      deliver(alice, bob);
      deliver(bob, alice, ({ call }) => call !== lost);
    });
  },
);

test(
  "when both call, and the polite side's offer comes first, the impolite side goes on waiting",
  patience,
  async () => {
    await glare(async (alice, bob, [ours]) => {
      await settled();
      deliver(bob, alice);
      await settled();
      assert.equal(ours.pc.remoteDescription, null);
      assert.equal(ours.state, "calling");
      deliver(alice, bob);
    });
  },
);

test("when both call, an offer may come before one's own is made", patience, async () => {
  for (const first of [0, 1]) {
    await glare(async (alice, bob) => {
      // One has its offer ready when the other has not even begun with its own.
      const [early, late] = first === 0 ? [alice, bob] : [bob, alice];
      const { said } = early.server.socket;
      while (!said.some(({ type }) => type === "offer")) await undefined;
      deliver(early, late);
    });
  }
});

test(
  "when both call, no-call for what belonged to the call that gave way ends nothing",
  patience,
  async () => {
    const errors = [];
    await glare(async (alice, bob, [, theirs]) => {
      bob.client.addEventListener("error", ({ detail }) => errors.push(detail));
      await settled();
      const lost = theirs.id;
      deliver(alice, bob);
      bob.server.say({ type: "error", code: "no-call", message: "", call: lost });
    });
    assert.deepEqual(errors, []);
  },
);

test("calling somebody whose call rings takes that call", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const call = alice.client.call("bob");
  await settled();
  deliver(alice, bob);
  assert.equal(bob.client.call("alice"), bob.ringing[0]);
  await talk(alice, bob);
  agree(call, bob.ringing[0]);
});

// During a call

test(
  "both change what they send at once, in either order, and both changes come through",
  patience,
  async () => {
    for (const order of [0, 1]) {
      const [alice, bob] = [await party("alice"), await party("bob")];
      const calls = await connected(alice, bob);
      calls[0].addTrack({ kind: "video" });
      calls[1].addTrack({ kind: "video" });
      await settled();
      const [first, second] = order === 0 ? [alice, bob] : [bob, alice];
      deliver(first, second);
      await settled();
      await talk(second, first);
      agree(...calls);
      assert.equal(calls[1].pc.rollbacks, 1);
      assert.equal(calls[0].pc.rollbacks, 0);
      // The change of the polite side was taken back, and made again.
      const offers = bob.server.said.filter(({ type }) => type === "offer");
      assert.equal(offers.length, 2);
    }
  },
);

// What each side can send, in the room that both know of.
const room = ({ pc }) =>
  pc.transceivers
    .filter(({ direction }) => direction === "sendrecv")
    .map(({ mid, sender, receiver }) => ({
      mid: mid !== null,
      kind: receiver.track.kind,
      track: sender.track,
    }));
const empty = (kind, track = null) => ({ mid: true, kind, track });

test("with room for them, first tracks need no negotiation, whoever calls", patience, async () => {
  for (const order of [0, 1]) {
    const parties = [await party("alice"), await party("bob")];
    const [caller, called] = order === 0 ? parties : [...parties].reverse();
    const call = caller.client.call(called.name, { media: true });
    await settled();
    deliver(caller, called);
    called.ringing[0].accept({ media: true });
    await talk(caller, called);
    const calls = [call, called.ringing[0]];
    for (const side of calls) assert.deepEqual(room(side), [empty("audio"), empty("video")]);
    const said = parties.map(({ server }) => server.said.length);
    const camera = { kind: "video" };
    for (const side of calls) await side.replaceTrack("video", camera);
    await talk(caller, called);
    assert.deepEqual(
      parties.map(({ server }) => server.said.length),
      said,
    );
    for (const side of calls)
      assert.deepEqual(room(side), [empty("audio"), empty("video", camera)]);
  }
});

test("the polite side makes no room, but takes what is offered", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const voice = { kind: "audio" };
  const call = alice.client.call("bob", { stream: { getTracks: () => [voice] } });
  await settled();
  deliver(alice, bob);
  bob.ringing[0].accept({ media: true });
  await talk(alice, bob);
  agree(call, bob.ringing[0]);
  assert.deepEqual(room(call), [empty("audio", voice)]);
  assert.deepEqual(room(bob.ringing[0]), [empty("audio")]);
});

test("two who only want to see do not both offer", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const call = alice.client.call("bob", { media: true });
  for (const kind of ["audio", "video"]) call.pc.addTransceiver(kind, { direction: "recvonly" });
  await settled();
  deliver(alice, bob);
  await until(() => bob.ringing.length > 0);
  bob.ringing[0].accept({ media: true });
  await talk(alice, bob);
  for (const side of [call, bob.ringing[0]]) {
    assert.deepEqual(room(side), [empty("audio"), empty("video")]);
    assert.equal(side.pc.rollbacks, 0);
  }
  assert.ok(bob.server.said.every(({ type }) => type !== "offer"));
});

test("what was left over by an offer that was taken back is no room", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const camera = { kind: "video" };
  alice.client.call("bob", { media: true, stream: { getTracks: () => [camera] } });
  const call = bob.client.call("alice", { media: true });
  const left = call.pc.addTransceiver("video", { direction: "recvonly" });
  await settled();
  await talk(alice, bob);
  assert.equal(call.pc.rollbacks, 1);
  assert.equal(left.direction, "recvonly");
  assert.deepEqual(
    room(call).map(({ kind }) => kind),
    ["video", "audio"],
  );
});

test("without it there is no room", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  for (const side of await connected(alice, bob)) assert.deepEqual(room(side), []);
});

test(
  "when both call, the room of the one that gives way is that of the other",
  patience,
  async () => {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const [camera, voice] = [{ kind: "video" }, { kind: "audio" }];
    const calls = [
      alice.client.call("bob", { media: true }),
      bob.client.call("alice", { media: true, stream: { getTracks: () => [voice] } }),
    ];
    await settled();
    await calls[1].replaceTrack("video", camera); // before anybody has answered
    await talk(alice, bob);
    agree(...calls);
    assert.equal(calls[1].pc.rollbacks, 1);
    assert.deepEqual(room(calls[0]), [empty("audio"), empty("video")]);
    assert.deepEqual(room(calls[1]), [empty("audio", voice), empty("video", camera)]);
  },
);

test(
  "a failed connection looks for another path at once, an interrupted one after 4 s",
  patience,
  async () => {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const [call] = await connected(alice, bob);
    call.pc.become("disconnected");
    assert.equal(call.state, "reconnecting");
    alice.clock.advance(3999);
    assert.equal(call.pc.restarts, 0);
    alice.clock.advance(1);
    assert.equal(call.pc.restarts, 1);
    call.pc.become("connected");
    assert.equal(call.state, "connected");
    call.pc.become("disconnected");
    alice.clock.advance(3999);
    call.pc.become("connected"); // by itself
    alice.clock.advance(4000);
    assert.equal(call.pc.restarts, 1);
    call.pc.become("failed");
    assert.equal(call.pc.restarts, 2);
  },
);

test(
  "the polite side leaves it to the other for 4 s to look for another path",
  patience,
  async () => {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const calls = await connected(alice, bob);
    const [ours, theirs] = calls;
    for (const { pc } of calls) pc.become("failed");
    assert.deepEqual([ours.pc.restarts, theirs.pc.restarts], [1, 0]);
    await talk(alice, bob);
    agree(...calls);
    for (const { pc } of calls) pc.become("connected");
    bob.clock.advance(4000);
    assert.equal(theirs.pc.restarts, 0);
    assert.deepEqual(
      calls.map(({ pc }) => pc.rollbacks),
      [0, 0],
    );

    for (const [state, wait] of [
      ["disconnected", 8000],
      ["failed", 4000],
    ]) {
      const before = theirs.pc.restarts;
      theirs.pc.become(state);
      bob.clock.advance(wait - 1);
      assert.equal(theirs.pc.restarts, before);
      bob.clock.advance(1);
      assert.equal(theirs.pc.restarts, before + 1);
      theirs.pc.become("connected");
    }

    // Mended without a word.
    const before = theirs.pc.restarts;
    theirs.pc.become("failed");
    theirs.pc.connectionState = "connected";
    bob.clock.advance(4000);
    assert.equal(theirs.pc.restarts, before);
  },
);

test("who goes on with an address from before looks for another path again", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const [call, { pc: theirs }] = await connected(alice, bob);
  const described = (fragment) => `v=0\r\na=ice-ufrag:${fragment}\r\n`;
  let theirFragment = "1st";
  call.pc.remoteDescription.sdp = described(theirFragment);
  const setLocalDescription = theirs.setLocalDescription.bind(theirs);
  theirs.setLocalDescription = async () => {
    await setLocalDescription();
    theirs.localDescription.sdp = described(theirFragment);
  };
  let fragmentInUse = theirFragment;
  const pair = { id: "P", type: "candidate-pair", nominated: true, state: "succeeded" };
  call.pc.getStats = async () =>
    new Map([
      ["P", { ...pair, remoteCandidateId: "R" }],
      ["R", { id: "R", type: "remote-candidate", usernameFragment: fragmentInUse }],
    ]);
  const isConfirmed = async () => {
    await talk(alice, bob);
    const before = call.pc.restarts;
    alice.clock.advance(5000);
    await settled();
    return call.pc.restarts === before;
  };

  call.addTrack({ kind: "video" });
  assert.ok(await isConfirmed());
  theirFragment = "2nd";
  call.restartIce();
  assert.equal(await isConfirmed(), false);
  theirFragment = fragmentInUse = "3rd";
  assert.ok(await isConfirmed());
  theirFragment = "4th";
  call.restartIce();
  fragmentInUse = undefined; // not told
  assert.ok(await isConfirmed());
  fragmentInUse = "3rd";
  theirFragment = "5th";
  call.restartIce();
  await talk(alice, bob);
  call.pc.connectionState = "connecting"; // it is still looking
  assert.ok(await isConfirmed());
});

test("the roles in DTLS stay, whoever has chosen them", patience, async () => {
  const described = (type, role) => ({ type, sdp: `v=0\r\na=setup:${role}\r\n` });
  const cases = [
    { ours: "answer", chosen: "active", role: "active" },
    { ours: "answer", chosen: "passive", role: "passive" },
    { ours: "offer", chosen: "active", role: "passive" },
    { ours: "offer", chosen: "passive", role: "active" },
  ];
  for (const { ours, chosen, role } of cases) {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const [{ pc }] = await connected(alice, bob);
    const offered = described("offer", "actpass");
    const answered = described("answer", chosen);
    pc.currentLocalDescription = ours === "answer" ? answered : offered;
    pc.currentRemoteDescription = ours === "answer" ? offered : answered;
    pc.setLocalDescription = async () => {
      pc.localDescription = { type: "offer", sdp: offered.sdp.repeat(2) };
    };
    pc.restartIce();
    await settled();
    const said = { type: "offer", sdp: described("offer", role).sdp.repeat(2) };
    assert.deepEqual(alice.server.said.at(-1).offer, said);
  }
});

// The ends

test("each way in which a call ends has its reason", patience, async () => {
  const ways = [
    [{ type: "leave", reason: "left" }, "left"],
    [{ type: "leave", reason: "gone" }, "gone"],
    [{ type: "busy" }, "busy"],
    [{ type: "unavailable", to: "bob" }, "unavailable"],
    [{ type: "error", code: "no-call", message: "" }, "no-call"],
    [{ type: "error", code: "too-many-calls", message: "" }, "too-many-calls"],
    [{ type: "error", code: "bad-name", message: "" }, "bad-name"],
  ];
  for (const [message, reason] of ways) {
    const alice = await party("alice");
    const call = alice.client.call("bob");
    await settled();
    const ended = heard(call, "ended");
    alice.server.say({ from: "bob", call: call.id, ...message });
    assert.equal((await ended).reason, reason);
    assert.equal(call.state, "ended");
    assert.equal(call.pc.connectionState, "closed");
    assert.equal(alice.client.calls.size, 0);
    call.hangUp(); // which says nothing more
    assert.ok(!alice.server.said.some(({ type }) => type === "leave"));
  }
});

test("hanging up, refusing and calling again", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const [first, theirs] = await connected(alice, bob);
  first.hangUp();
  await talk(alice, bob);
  assert.deepEqual([first.reason, theirs.reason], ["hung-up", "left"]);

  const second = alice.client.call("bob");
  assert.notEqual(second.id, first.id);
  await settled();
  deliver(alice, bob);
  bob.ringing[1].busy();
  await talk(alice, bob);
  assert.deepEqual([second.reason, bob.ringing[1].reason], ["busy", "hung-up"]);

  const third = alice.client.call("bob");
  await settled();
  deliver(alice, bob);
  bob.ringing[2].accept();
  await talk(alice, bob);
  agree(third, bob.ringing[2]);
});

test("a call that is hung up before its offer was made says no offer", patience, async () => {
  const alice = await party("alice");
  alice.client.call("bob").hangUp();
  await settled();
  assert.deepEqual(
    alice.server.said.map(({ type }) => type),
    ["leave"],
  );
});

test("a call of the same user anew ends the one before", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const [, before] = await connected(alice, bob);
  const again = await party("alice"); // the page was loaded again
  const call = again.client.call("bob");
  await settled();
  deliver(again, bob);
  assert.equal(before.reason, "replaced");
  bob.ringing[1].accept();
  bob.relayed = bob.server.socket.said.length;
  await talk(again, bob);
  agree(call, bob.ringing[1]);
});

test("a call that is over does not ring again", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const [call, theirs] = await connected(alice, bob);
  theirs.hangUp(); // which gets lost
  bob.relayed = bob.server.socket.said.length;
  call.pc.become("failed"); // so it looks for another path
  await talk(alice, bob);
  assert.equal(bob.ringing.length, 1);
  assert.equal(call.reason, "left");
});

test("of calls that are over, 32 are remembered", patience, async () => {
  const alice = await party("alice");
  const ring = (call) =>
    alice.server.say({ type: "offer", from: "bob", call, offer: {}, polite: false });
  for (let n = 1; n <= 33; ++n) {
    ring(`${n}`);
    alice.ringing.at(-1).hangUp();
  }
  ring("2");
  assert.equal(alice.ringing.length, 33);
  assert.deepEqual(alice.server.said.at(-1), { type: "leave", to: "bob", call: "2" });
  ring("1");
  assert.equal(alice.ringing.length, 34);
});

// Fingerprints

const sdp = (fingerprint) => `v=0\r\na=fingerprint:${fingerprint}\r\na=setup:actpass\r\n`;
const first = "sha-256 AA:01";

// alice's call to bob, whose answer has come with the first fingerprint.
async function answered() {
  const alice = await party("alice");
  const call = alice.client.call("bob");
  await settled();
  const about = { from: "bob", call: call.id };
  const answer = (id, text) => {
    const of = call.pc.localDescription.id;
    const body = { type: "answer", id, of, sdp: text };
    alice.server.say({ type: "answer", ...about, answer: body });
  };
  const offer = (id, text) => {
    const body = { type: "offer", id, sdp: text };
    alice.server.say({ type: "offer", ...about, polite: false, offer: body });
  };
  answer("one", sdp(first));
  await until(() => call.state === "connected");
  assert.equal(call.fingerprints().remote, first);
  return { alice, call, answer, offer };
}

test("another fingerprint in a later offer or answer ends the call", patience, async () => {
  const others = [
    sdp("sha-256 BB:02"),
    sdp(`sha-256 BB:02\r\na=fingerprint:${first}`), // beside the first one
    sdp("sha-384 AA:01"),
  ];
  for (const text of others) {
    for (const type of ["offer", "answer"]) {
      const { alice, call, answer, offer } = await answered();
      const ended = heard(call, "ended");
      if (type === "offer") {
        offer("two", text);
      } else {
        call.addTrack({ kind: "video" });
        await until(() => call.pc.signalingState === "have-local-offer");
        answer("two", text);
      }
      const { reason, message } = await ended;
      assert.equal(reason, "failed");
      assert.match(message, /bob .*another certificate.*\.$/);
      assert.equal(call.pc.remoteDescription.id, "one"); // nothing else was used
      assert.equal(call.fingerprints().remote, first);
      assert.deepEqual(alice.server.said.at(-1), { type: "leave", to: "bob", call: call.id });
    }
  }
});

test("the same fingerprint goes on, however it is written, or none", patience, async () => {
  const { call, answer, offer } = await answered();
  for (const [id, text] of [
    ["two", sdp("SHA-256 aa:01")],
    ["three", sdp(`sha-256  AA:01 \r\na=fingerprint:${first}`)],
    ["four", "v=0\r\n"], // nothing of the call goes on by it
    ["five", sdp(first)],
  ]) {
    offer(id, text);
    await until(() => call.pc.remoteDescription.id === id);
    await until(() => call.pc.signalingState === "stable");
    assert.equal(call.fingerprints().remote, first);
  }
  call.addTrack({ kind: "video" });
  await until(() => call.pc.signalingState === "have-local-offer");
  answer("six", sdp(first));
  await until(() => call.pc.remoteDescription.id === "six");
  assert.equal(call.state, "connected");
});

// A server that has begun anew

async function again(party) {
  party.server.close(1006);
  party.clock.advance(party.clock.next);
  party.server.open();
  party.server.say({ type: "error", code: "resume-failed", message: "" });
  await settled();
  party.relayed = party.server.socket.said.length;
  party.server.welcome({ name: party.name, heartbeat: 100_000 });
}

test(
  "an id that the server gives is another call's in another session, a client's never",
  patience,
  async () => {
    const alice = await party("alice");
    const ring = (call, from = "bob") =>
      alice.server.say({ type: "offer", from, call, offer: {}, polite: false });
    for (const id of ["t1", "t1x"]) {
      ring(id);
      alice.ringing.at(-1).hangUp();
    }
    ring("t1"); // still the one that is over
    ring("t1x");
    assert.equal(alice.ringing.length, 2);
    await again(alice);
    ring("t1x");
    assert.equal(alice.ringing.length, 2);
    ring("t1");
    assert.equal(alice.ringing.length, 3);
    assert.equal(alice.ringing[2].state, "ringing");
  },
);

test("a call that is over is that of one user", patience, async () => {
  const alice = await party("alice");
  for (const from of ["bob", "carol"]) {
    alice.server.say({ type: "offer", from, call: "1", offer: {}, polite: false });
    assert.equal(alice.ringing.at(-1).peer, from);
    alice.ringing.at(-1).hangUp();
  }
  assert.equal(alice.ringing.length, 2);
});

test("a call goes on when the server has begun anew", patience, async () => {
  for (const order of [0, 1]) {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const calls = await connected(alice, bob);
    const [first, second] = order === 0 ? [alice, bob] : [bob, alice];
    await again(first);
    // Who is back first finds nobody, however often it is tried.
    for (let n = 0; n < 3; ++n) {
      await settled();
      const said = first.server.said.filter(({ type }) => type === "offer");
      assert.equal(said.length, order === 0 ? n + 1 : 0); // the impolite side tries
      deliver(first, second, () => false);
      if (order === 0) {
        const refusal = { type: "unavailable", to: second.name, call: calls[0].id };
        first.server.say(refusal); // of the offer,
        first.clock.advance(1);
        first.server.say(refusal); // and of its candidate
        first.clock.advance(1999);
        await settled();
        assert.equal(first.server.said.filter(({ type }) => type === "offer").length, n + 1);
        first.clock.advance(1);
      }
      assert.equal(calls[order].state, "connected");
    }
    await again(second);
    await talk(first, second);
    agree(...calls);
    assert.deepEqual(
      calls.map(({ pc }) => pc.rollbacks),
      [0, 0],
    );
    assert.deepEqual(
      calls.map(({ state }) => state),
      ["connected", "connected"],
    );
    assert.deepEqual(
      calls.map(({ pc }) => pc.restarts),
      [0, 0],
    );
    calls[0].hangUp();
    await talk(alice, bob);
    assert.equal(calls[1].reason, "left");
  }
});

test(
  "an offer that finds nobody is said again, whatever it does to the connection",
  patience,
  async () => {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const calls = await connected(alice, bob);
    const [{ id, pc }] = calls;
    await again(alice);
    await settled();
    pc.become("connecting"); // as in Firefox
    deliver(alice, bob, () => false);
    alice.server.say({ type: "unavailable", to: "bob", call: id });
    await again(bob);
    alice.clock.advance(2000);
    await talk(alice, bob);
    agree(...calls);
    assert.deepEqual(
      calls.map(({ state }) => state),
      ["connected", "connected"],
    );
  },
);

test("an offer that finds nobody ends a call that is interrupted", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const [call] = await connected(alice, bob);
  call.pc.become("failed");
  alice.server.say({ type: "unavailable", to: "bob", call: call.id });
  assert.equal(call.reason, "unavailable");
});

test("a call that is over is not offered again", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const [call] = await connected(alice, bob);
  await again(alice);
  await settled();
  alice.server.say({ type: "unavailable", to: "bob", call: call.id });
  assert.equal(alice.clock.next, 2000);
  call.hangUp();
  assert.ok(alice.clock.next > 2000); // which is the heartbeat
});

test(
  "an interrupted call looks for another path when the server has begun anew",
  patience,
  async () => {
    for (const order of [0, 1]) {
      const [alice, bob] = [await party("alice"), await party("bob")];
      const calls = await connected(alice, bob);
      const [side, call] = [[alice, bob][order], calls[order]];
      call.pc.become("disconnected");
      await again(side);
      await settled();
      if (call.polite) {
        side.clock.advance(3999);
        assert.equal(call.pc.restarts, 0);
        side.clock.advance(1);
        await settled();
      }
      assert.equal(call.pc.restarts, 1);
      assert.ok(side.server.said.some(({ type }) => type === "offer"));
    }
  },
);

test("a call that was not answered yet is offered anew", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const call = alice.client.call("bob");
  await settled();
  deliver(alice, bob);
  await again(bob);
  await again(alice);
  await settled();
  assert.equal(deliver(alice, bob)[0].type, "offer");
  assert.equal(bob.ringing.length, 1);
  bob.ringing[0].accept();
  await talk(alice, bob);
  agree(call, bob.ringing[0]);
});

test("what is said while the connection is lost is said after the resume", patience, async () => {
  const [alice, bob] = [await party("alice"), await party("bob")];
  const calls = await connected(alice, bob);
  const said = alice.server.said.length;
  alice.server.close(1006);
  calls[0].pc.become("failed"); // looks for another path meanwhile
  await settled();
  alice.clock.advance(alice.clock.next);
  alice.server.open();
  alice.relayed = 1;
  alice.server.welcome({ name: "alice", resumed: true, received: said, heartbeat: 100_000 });
  await talk(alice, bob);
  agree(...calls);
  assert.equal(alice.server.said[0].type, "offer");
});

// Numbers

test(
  "numbers are those of the candidate pair in use, rates those since the last time",
  patience,
  async () => {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const [call] = await connected(alice, bob);
    const report = (timestamp, bytesReceived, bytesSent) =>
      new Map([
        ["t", { id: "t", type: "transport", selectedCandidatePairId: "p" }],
        ["q", { id: "q", type: "candidate-pair", nominated: true, state: "succeeded" }],
        [
          "p",
          {
            id: "p",
            type: "candidate-pair",
            timestamp,
            bytesReceived,
            bytesSent,
            currentRoundTripTime: 0.02,
            localCandidateId: "l",
            remoteCandidateId: "r",
          },
        ],
        ["l", { id: "l", type: "local-candidate", candidateType: "relay", protocol: "udp" }],
        ["r", { id: "r", type: "remote-candidate", candidateType: "host" }],
        ["v", { id: "v", type: "inbound-rtp", kind: "video", framesDecoded: 7 }],
        ["a", { id: "a", type: "inbound-rtp", kind: "audio" }],
        ["o", { id: "o", type: "outbound-rtp", kind: "video", framesSent: 9 }],
      ]);
    const numbers = {
      local: "relay",
      remote: "host",
      protocol: "udp",
      roundTrip: 0.02,
      framesDecoded: 7,
      framesSent: 9,
    };
    call.pc.getStats = async () => report(1000, 100, 200);
    assert.deepEqual(await call.stats(), {
      ...numbers,
      bytesIn: 100,
      bytesOut: 200,
      bitsIn: 0,
      bitsOut: 0,
    });
    call.pc.getStats = async () => report(3000, 1100, 700);
    assert.deepEqual(await call.stats(), {
      ...numbers,
      bytesIn: 1100,
      bytesOut: 700,
      bitsIn: 4000,
      bitsOut: 2000,
    });
  },
);
