// HeliographClient against a server that the test plays, with a clock that the test turns.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../../web/ledger.js";
import { online, startClient } from "./party.mjs";
import { heard, patience, settled } from "./support.mjs";

const bob = { name: "bob", password: "secret" };

test("a login says who it is, and resolves with the welcome", patience, async () => {
  const { client: alice, server } = startClient();
  const welcomes = [];
  alice.addEventListener("welcome", ({ detail }) => welcomes.push(detail));
  const login = alice.login(bob);
  assert.equal(server.socket.protocol, "heliograph.v1");
  assert.equal(alice.state, "connecting");
  server.open();
  await settled();
  assert.deepEqual(server.socket.said, [{ type: "login", ...bob }]);
  server.welcome({ ice_servers: [{ urls: ["stun:stun.example.org"] }] });
  assert.equal((await login).name, "bob");
  assert.equal(alice.state, "online");
  assert.equal(alice.name, "bob");
  assert.deepEqual(alice.iceServers, [{ urls: ["stun:stun.example.org"] }]);
  assert.equal(welcomes.length, 1);
});

test("a refused login rejects with its code, and does not try again", patience, async () => {
  const { client: alice, server, clock } = startClient();
  const login = alice.login(bob);
  server.open();
  await settled();
  server.say({ type: "error", code: "login-failed", message: "no" });
  await assert.rejects(login, { code: "login-failed" });
  assert.equal(alice.state, "offline");
  assert.equal(server.socket.closed, 1000);
  assert.equal(clock.next, undefined);
});

test("a function is asked for its ticket at each login", patience, async () => {
  const { client: alice, server, clock } = startClient();
  let number = 0;
  alice.login(() => ({ ticket: `ticket ${++number}` }));
  server.open();
  await settled();
  server.close(1006);
  clock.advance(clock.next);
  server.open();
  await settled();
  assert.deepEqual(server.socket.said, [{ type: "login", ticket: "ticket 2" }]);
});

test(
  "a function that has no ticket ends the first login, later it is asked again",
  patience,
  async () => {
    const { client: alice, server, clock } = startClient();
    let works = false;
    const ticket = async () => {
      if (!works) throw new Error("no ticket");
      return { ticket: "ticket" };
    };
    const login = alice.login(ticket);
    server.open();
    await assert.rejects(login, { code: "no-credentials" });
    assert.equal(alice.state, "offline");

    works = true;
    const second = alice.login(ticket);
    server.open();
    await settled();
    server.welcome({ resume: undefined });
    await second;
    works = false;
    for (let n = 0; n < 2; ++n) {
      server.close(1006);
      clock.advance(clock.next);
      server.open();
      await settled();
      assert.equal(alice.state, "waiting");
    }
  },
);

test(
  "tries are spread at random below a limit that doubles from 0.5 s to 15 s",
  patience,
  async () => {
    const { client: alice, server, clock, states } = startClient({ random: () => 0.5 });
    alice.login(bob).catch(() => {});
    for (let n = 0; n < 8; ++n) {
      server.close(1006);
      assert.equal(alice.state, "waiting");
      clock.advance(clock.next);
      assert.equal(server.sockets.length, n + 2);
    }
    const delays = states.filter(({ state }) => state === "waiting").map(({ delay }) => delay);
    assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
  },
);

test("after a welcome the first try is soon again", patience, async () => {
  const { server, clock, states } = await online();
  for (let n = 0; n < 4; ++n) {
    server.close(1006);
    clock.advance(clock.next);
  }
  server.open();
  server.welcome({ resumed: true, received: 0 });
  server.close(1006);
  assert.equal(states.at(-1).delay, 250);
});

test("the server says how long to wait before it ends", patience, async () => {
  const { client: alice, server, clock, states } = await online();
  const told = heard(alice, "goaway");
  server.say({ type: "goaway", reconnect_after: 1234 });
  assert.equal((await told).reconnect_after, 1234);
  server.close(1001);
  assert.equal(states.at(-1).delay, 1234);
  clock.advance(1233);
  assert.equal(server.sockets.length, 1);
  clock.advance(1);
  assert.equal(server.sockets.length, 2);
  // If it is not back by then, the delays are those of any lost connection.
  for (const delay of [500, 1000]) {
    server.close(1006);
    assert.equal(states.at(-1).delay, delay);
    clock.advance(delay);
  }
});

// The table at the end of the contract, and the edges of its ranges.
const again = [1001, 1005, 1006, 1011, 1012, 1013, 3000, 3999, 4000, 4001, 4409, 4499];
const final = [
  [1000, "The connection was closed."],
  [1002, "The server could not read what was sent."],
  [1003, "The server could not read what was sent."],
  [1007, "The server could not read what was sent."],
  [1008, "The server has refused the connection."],
  [1009, "A message was too long for the server."],
  [4500, "The operator has closed the connection."],
  [4501, "The session goes on in another place."],
  [4502, "The server has closed the connection."],
  [4503, "The server has closed the connection."],
  [4999, "The server has closed the connection."],
];

for (const code of again) {
  test(`after ${code} it connects again, and resumes`, patience, async () => {
    const { client: alice, server, clock } = await online();
    server.close(code);
    assert.equal(alice.state, "waiting");
    clock.advance(clock.next);
    server.open();
    assert.deepEqual(server.socket.said, [{ type: "resume", token: "token 1", received: 0 }]);
  });
}

for (const [code, reason] of final) {
  test(`after ${code} it does not connect again, and says why`, patience, async () => {
    const { client: alice, server, clock, states } = await online();
    const call = alice.call("carol");
    const ended = heard(call, "ended");
    server.close(code);
    assert.deepEqual(states.at(-1), { state: "offline", code, reason });
    assert.equal((await ended).reason, "offline");
    assert.equal(clock.next, undefined);
    assert.equal(server.sockets.length, 1);
  });
}

test(
  "silence is broken by a ping, and no answer to it is a lost connection",
  patience,
  async () => {
    const { client: alice, server, clock } = await online();
    clock.advance(24_999);
    assert.deepEqual(server.said, []);
    clock.advance(1);
    assert.deepEqual(server.said, [{ type: "ping" }]);
    server.say({ type: "pong" });
    clock.advance(24_999);
    server.say({ type: "presence", name: "carol", online: true }); // no silence
    clock.advance(24_999);
    assert.equal(server.said.length, 1);
    clock.advance(1);
    assert.equal(server.said.length, 2);
    clock.advance(9_999);
    assert.equal(alice.state, "online");
    clock.advance(1);
    assert.equal(alice.state, "waiting");
    assert.equal(server.socket.closed, 4000); // the session is to wait
  },
);

test("what a connection says that was taken for lost does not count", patience, async () => {
  const { client: alice, server, clock } = await online();
  const [old] = server.sockets;
  clock.advance(35_000);
  clock.advance(clock.next);
  assert.equal(server.sockets.length, 2);
  assert.equal(old.onmessage, null);
  assert.equal(old.onclose, null);
  assert.equal(alice.state, "connecting");
});

test(
  "a connection that does not come about, or not to a welcome, is given up",
  patience,
  async () => {
    const { client: alice, server, clock } = startClient();
    alice.login(bob).catch(() => {});
    clock.advance(14_999);
    assert.equal(alice.state, "connecting");
    clock.advance(1);
    assert.equal(alice.state, "waiting");
    clock.advance(clock.next);
    server.open();
    clock.advance(44_999);
    assert.equal(alice.state, "connecting");
    clock.advance(1);
    assert.equal(alice.state, "waiting");
  },
);

test("new credentials for TURN are asked for before the old ones run out", patience, async () => {
  const { client: alice, server, clock } = startClient();
  const login = alice.login(bob);
  server.open();
  await settled();
  server.welcome({ heartbeat: 100_000, ice_ttl: 3600, ice_servers: [{ urls: ["turn:one"] }] });
  await login;
  const call = alice.call("carol");
  await settled();
  clock.advance(3600 * 800 - 1);
  assert.equal(server.said.filter(({ type }) => type === "ice").length, 0);
  clock.advance(1);
  assert.equal(server.said.filter(({ type }) => type === "ice").length, 1);
  server.say({ type: "ice", ice_ttl: 10, ice_servers: [{ urls: ["turn:two"] }] });
  assert.deepEqual(alice.iceServers, [{ urls: ["turn:two"] }]);
  assert.deepEqual(call.pc.configuration.iceServers, [{ urls: ["turn:two"] }]);
  clock.advance(8000);
  assert.equal(server.said.filter(({ type }) => type === "ice").length, 2);
});

// Listeners that do something at once

const inState = (alice, wanted, run) =>
  alice.addEventListener("state", ({ detail }) => {
    if (detail.state === wanted) run();
  });

test("who closes when it is said to wait does not connect again", patience, async () => {
  const { client: alice, server, clock, states } = await online();
  inState(alice, "waiting", () => alice.close());
  server.close(1006);
  assert.deepEqual(
    states.map(({ state }) => state),
    ["connecting", "online", "waiting", "offline"],
  );
  assert.equal(clock.next, undefined);
  assert.equal(server.sockets.length, 1);
});

test("who logs in when it is said to wait does so once", patience, async () => {
  const { client: alice, server, clock } = await online();
  inState(alice, "waiting", () => alice.login(bob).catch(() => {}));
  server.close(1006);
  assert.equal(alice.state, "connecting");
  assert.equal(clock.next, 15_000); // until there is a connection
  assert.equal(server.sockets.length, 2);
});

test("who closes when it is said to connect is offline, and the login ends", patience, async () => {
  const { client: alice, server, clock } = startClient();
  inState(alice, "connecting", () => alice.close());
  await assert.rejects(alice.login(bob), { code: "closed" });
  assert.equal(alice.state, "offline");
  assert.equal(server.socket.closed, 1000);
  assert.equal(server.socket.onopen, null);
  assert.equal(clock.next, undefined);
});

test("who logs in when it is said to be offline has a login of its own", patience, async () => {
  const { client: alice, server } = startClient();
  const first = alice.login({ name: "bob", password: "wrong" });
  let second;
  inState(alice, "offline", () => (second ??= alice.login(bob)));
  server.open();
  await settled();
  server.say({ type: "error", code: "login-failed", message: "no" });
  await assert.rejects(first, { code: "login-failed" });
  server.open();
  await settled();
  server.welcome();
  assert.equal((await second).name, "bob");
  assert.equal(alice.state, "online");
});

test("who logs in when a call ends with the connection stays logged in", patience, async () => {
  const { client: alice, server, states } = await online();
  let login;
  alice.call("carol").addEventListener("ended", () => (login = alice.login(bob)));
  server.close(4500);
  assert.equal(states.at(-1).state, "connecting");
  assert.equal(alice.state, "connecting");
  server.open();
  await settled();
  server.welcome();
  assert.equal((await login).name, "bob");
});

test("who hangs up when said to be online is not followed by an offer", patience, async () => {
  const { client: alice, server, clock } = await online();
  const call = alice.call("carol");
  await settled();
  server.close(1006);
  clock.advance(clock.next);
  inState(alice, "online", () => call.hangUp());
  server.open();
  server.welcome({ resumed: true, received: 0 }); // which has got neither offer nor candidate
  await settled();
  assert.deepEqual(
    server.said.map(({ type }) => type),
    ["offer", "candidate", "leave"],
  );
});

test("who closes when it is said to be online hears of no welcome", patience, async () => {
  const { client: alice, server } = startClient();
  const welcomes = [];
  alice.addEventListener("welcome", ({ detail }) => welcomes.push(detail));
  inState(alice, "online", () => alice.close());
  const login = alice.login(bob);
  server.open();
  await settled();
  server.welcome();
  assert.equal((await login).name, "bob");
  assert.equal(alice.state, "offline");
  assert.deepEqual(welcomes, []);
});

// Resuming

const names = (said) => said.map(({ names }) => names[0]);

test("after a resume each side says again what the other has not got", patience, async () => {
  const { client: alice, server, clock } = await online();
  server.say({ type: "presence", name: "a", online: true });
  server.say({ type: "presence", name: "b", online: true });
  for (const name of ["1", "2", "3"]) alice.unsubscribe([name]);
  server.close(1006);
  alice.unsubscribe(["4"]); // while nobody hears it
  clock.advance(clock.next);
  server.open();
  assert.deepEqual(server.socket.said, [{ type: "resume", token: "token 1", received: 2 }]);
  server.welcome({ resumed: true, received: 1, resume: { token: "token 2", seconds: 30 } });
  assert.deepEqual(names(server.said), ["2", "3", "4"]);

  server.close(1006);
  clock.advance(clock.next);
  server.open();
  assert.equal(server.socket.said[0].token, "token 2");
  server.welcome({ resumed: true, received: 3 }); // counted since the login
  assert.deepEqual(names(server.said), ["4"]);
});

test("a ping that was lost is not said again, and the counts still agree", patience, async () => {
  const { client: alice, server, clock } = await online();
  clock.advance(25_000);
  assert.deepEqual(server.said, [{ type: "ping" }]);
  alice.unsubscribe(["1"]);
  server.close(1006);
  clock.advance(clock.next);
  server.open();
  server.welcome({ resumed: true, received: 0 });
  assert.deepEqual(names(server.said), ["1"]);
  alice.unsubscribe(["2"]);
  server.close(1006);
  clock.advance(clock.next);
  server.open();
  server.welcome({ resumed: true, received: 1 });
  assert.deepEqual(names(server.said), ["2"]);
});

test("the answer to an old ping is not taken for that to a new one", patience, async () => {
  const { client: alice, server, clock } = await online();
  clock.advance(25_000); // a ping, which the server gets
  server.close(1006);
  clock.advance(clock.next);
  server.open();
  server.welcome({ resumed: true, received: 1 });
  alice.unsubscribe(["1"]);
  clock.advance(25_000); // a ping, which gets lost
  server.say({ type: "pong" }); // the first one's
  server.close(1006);
  clock.advance(clock.next);
  server.open();
  server.welcome({ resumed: true, received: 1 });
  assert.deepEqual(names(server.said), ["1"]);
});

test("the answer to an old ping does not end the wait for a new one's", patience, async () => {
  for (const answers of [1, 2]) {
    const { client: alice, server, clock } = await online();
    clock.advance(25_000); // a ping, which the server gets
    server.close(1006);
    clock.advance(clock.next);
    server.open();
    server.welcome({ resumed: true, received: 1 });
    clock.advance(25_000); // a ping
    for (let n = 0; n < answers; ++n) server.say({ type: "pong" });
    clock.advance(10_000);
    assert.equal(alice.state, answers === 1 ? "waiting" : "online");
  }
});

test("the answer to a ping is not taken for that to one that was lost", patience, () => {
  const ledger = new Ledger();
  const ping = () => {
    ledger.ping();
    ledger.add("ping");
  };
  ping();
  assert.deepEqual(ledger.resume(0), ["ping"]); // which is not said again
  ledger.add("1");
  ping();
  ledger.pong();
  assert.equal(ledger.resume(1), undefined); // what has arrived is not kept
});

// A connection is back after so many messages, of which the server has got none.
async function backAfter(count) {
  const party = await online();
  const { client: alice, server, clock } = party;
  alice.subscribe(["carol"]);
  server.close(1006);
  alice.join("hall");
  alice.join("attic");
  alice.part("attic");
  for (let n = 4; n < count; ++n) alice.unsubscribe([`${n}`]);
  clock.advance(clock.next);
  server.open();
  server.welcome({ resumed: true, received: 0, resume: { token: "token 2", seconds: 30 } });
  return party;
}

test("of what the server is not known to have, 64 messages are said again", patience, async () => {
  const { client: alice, server } = await backAfter(64);
  const said = ["subscribe", "join", "join", "part", ...Array(60).fill("unsubscribe")];
  const types = server.said.map(({ type }) => type).filter((type) => type !== "ping");
  assert.deepEqual(types, said);
  assert.equal(alice.state, "online");
});

test("a session of which more is lost is given up for a new one", patience, async () => {
  const { client: alice, server, clock, states } = await backAfter(65);
  const told = [];
  for (const type of ["welcome", "call", "error"]) {
    alice.addEventListener(type, ({ detail }) => told.push([type, detail]));
  }
  const given = [{ type: "logout" }, { type: "login", ...bob }];
  await settled();
  assert.deepEqual(server.said, given);
  assert.equal(alice.state, "connecting");
  // What has waited in that session is of no use any more, and refuses no login.
  server.say({ type: "offer", from: "dave", call: "1", offer: {}, polite: true });
  server.say({ type: "error", code: "no-room", message: "" });
  alice.part("hall");
  alice.join("cellar");
  server.welcome();
  assert.equal(alice.state, "online");
  assert.deepEqual(
    told.map(([type, { resumed }]) => [type, resumed]),
    [["welcome", false]],
  );
  assert.deepEqual(server.said.slice(2), [
    { type: "subscribe", names: ["carol"] },
    { type: "join", room: "cellar" },
  ]);
  assert.deepEqual(
    states.map(({ state }) => state),
    ["connecting", "online", "waiting", "connecting", "online"],
  );
  server.close(1006);
  clock.advance(clock.next);
  server.open();
  assert.deepEqual(server.socket.said, [{ type: "resume", token: "token 1", received: 0 }]);
});

test("a session is given up as often as its end gets lost", patience, async () => {
  const { client: alice, server, clock } = await backAfter(65);
  for (const number of [2, 3]) {
    await settled();
    assert.deepEqual(server.said, [{ type: "logout" }, { type: "login", ...bob }]);
    server.close(1006);
    clock.advance(clock.next);
    server.open();
    const { token } = server.socket.said[0];
    assert.equal(token, `token ${number}`);
    const next = { token: `token ${number + 1}`, seconds: 30 };
    server.welcome({ resumed: true, received: 0, resume: next });
  }
  await settled();
  server.say({ type: "error", code: "login-failed", message: "no" });
  assert.equal(alice.state, "offline");
});

test(
  "a ping finds out what the server has before there is too much to keep",
  patience,
  async () => {
    const { client: alice, server, clock } = await online();
    for (let n = 0; n < 31; ++n) alice.unsubscribe([`${n}`]);
    assert.equal(server.said.at(-1).type, "unsubscribe");
    alice.unsubscribe(["31"]);
    assert.equal(server.said.at(-1).type, "ping");
    server.say({ type: "pong" });
    for (let n = 0; n < 31; ++n) alice.unsubscribe([`${n}`]);
    assert.equal(server.said.at(-1).type, "unsubscribe");
    server.close(1006);
    clock.advance(clock.next);
    server.open();
    server.welcome({ resumed: true, received: 63 });
    assert.deepEqual(names(server.said), ["30"]);
  },
);

test(
  "a session that is gone is followed by a new login, and by what was said in it and still holds",
  patience,
  async () => {
    const { client: alice, server, clock } = await online();
    alice.subscribe(["carol", "dave"]);
    alice.unsubscribe(["dave"]);
    alice.join("hall");
    alice.join("attic");
    alice.part("attic");
    server.close(1006);
    clock.advance(clock.next);
    server.open();
    server.say({ type: "error", code: "resume-failed", message: "gone" });
    await settled();
    assert.deepEqual(server.said, [{ type: "login", ...bob }]);
    server.welcome();
    assert.deepEqual(server.said.slice(1), [
      { type: "subscribe", names: ["carol"] },
      { type: "join", room: "hall" },
    ]);
    server.say({ type: "presence", name: "carol", online: true });
    server.close(1006);
    clock.advance(clock.next);
    server.open();
    assert.equal(server.socket.said[0].received, 1); // counted anew
  },
);

test("a hint of the page ends a wait, and tests a connection", patience, async () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const { client: alice, server } = await online({ window, document });
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(server.said, [{ type: "ping" }]);
  server.say({ type: "pong" });
  server.close(1006);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(alice.state, "waiting");
  window.dispatchEvent(new Event("online"));
  assert.equal(alice.state, "connecting");
  server.open();
  server.welcome({ resumed: true, received: 1 });
  server.say({ type: "goaway", reconnect_after: 5000 });
  server.close(1001);
  window.dispatchEvent(new Event("online"));
  assert.equal(alice.state, "waiting"); // the server's wish stands
});

test("logging out says so, closes with 1000 and forgets the session", patience, async () => {
  const { client: alice, server, clock } = await online();
  const call = alice.call("carol");
  alice.logout();
  assert.deepEqual(server.said.at(-1), { type: "logout" });
  assert.equal(server.socket.closed, 1000);
  assert.equal(call.reason, "offline");
  assert.equal(alice.name, "");
  assert.equal(clock.next, undefined);
  assert.throws(() => alice.call("carol"), { code: "not-authenticated" });
});

test("what the server tells arrives as events", patience, async () => {
  const { client: alice, server } = await online();
  for (const message of [
    { type: "presence", name: "carol", online: true },
    { type: "room", room: "hall", members: ["carol"] },
    { type: "joined", room: "hall", name: "dave" },
    { type: "left", room: "hall", name: "dave" },
    { type: "error", code: "room-full", message: "16 are in the room already" },
  ]) {
    const told = heard(alice, message.type);
    server.say(message);
    assert.deepEqual(await told, message);
  }
});
