// The client against `heliograph serve --demo`, through a proxy that loses what is on its way and
// cuts. The peer connections have no network.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HeliographClient } from "../../web/heliograph-client.js";
import { startDemo } from "../browser/heliograph.mjs";
import {
  FakePeerConnection,
  TrustingWebSocket,
  crypto,
  heard,
  patience,
  sequence,
  startProxy,
  until,
} from "./support.mjs";

let server;
const portOf = ({ origin }) => Number(new URL(origin).port);

before(async () => {
  server = await startDemo();
});

after(() => server.stop());

// Takes all candidates, for they are what this test says.
class ListeningConnection extends FakePeerConnection {
  heard = [];

  async addIceCandidate(candidate) {
    if ("n" in candidate) this.heard.push(candidate.n);
  }

  say(n) {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: { n } }));
  }
}

async function party(t, number, port = portOf(server)) {
  const proxy = await startProxy(port);
  const client = new HeliographClient(proxy.url, {
    WebSocket: TrustingWebSocket,
    RTCPeerConnection: ListeningConnection,
    crypto,
    random: () => 0, // connects again at once
  });
  const welcomes = [];
  client.addEventListener("welcome", ({ detail }) => welcomes.push(detail));
  const calls = [];
  client.addEventListener("call", ({ detail: { call } }) => calls.push(call));
  t.after(() => {
    client.close();
    proxy.stop();
  });
  const name = `user${number}`;
  await client.login({ name, password: `password${number}` });
  return { name, client, proxy, welcomes, calls };
}

async function connected(one, other) {
  const call = one.client.call(other.name);
  const theirs = await until(() => other.calls.at(-1));
  theirs.accept();
  await until(() => call.state === "connected" && theirs.state === "connected");
  return [call, theirs];
}

test("a wrong password is refused", patience, async (t) => {
  const proxy = await startProxy(portOf(server));
  const client = new HeliographClient(proxy.url, { WebSocket: TrustingWebSocket, crypto });
  t.after(() => proxy.stop());
  await assert.rejects(client.login({ name: "user1", password: "wrong" }), {
    code: "login-failed",
  });
  assert.equal(client.state, "offline");
});

test("a connection that is cut is resumed, and nobody is told", patience, async (t) => {
  const one = await party(t, 1);
  const two = await party(t, 2);
  const told = [];
  two.client.addEventListener("presence", ({ detail }) => told.push(detail.online));
  two.client.subscribe(["user1"]);
  await until(() => told.length === 1);
  const back = heard(one.client, "welcome");
  one.proxy.cut();
  assert.equal((await back).resumed, true);
  one.client.close();
  await until(() => told.length === 2);
  assert.deepEqual(told, [true, false]);
});

test("what is lost in a long outage is not taken for heard", patience, async (t) => {
  const [one, two] = [await party(t, 1), await party(t, 2)];
  const hall = [];
  for (const type of ["room", "joined", "left"]) {
    two.client.addEventListener(type, ({ detail }) => hall.push([type, detail.name]));
  }
  two.client.join("hall");
  await until(() => hall.length === 1);
  one.client.join("hall");
  await until(() => hall.length === 2);
  one.proxy.refuse(true);
  one.proxy.cut();
  await until(() => one.client.state === "waiting");
  one.client.part("hall");
  for (let n = 0; n < 64; ++n) one.client.unsubscribe([`${n}`]);
  one.proxy.refuse(false);
  await until(() => one.welcomes.length === 2);
  assert.equal(one.welcomes[1].resumed, false);
  await until(() => hall.length === 3);
  assert.deepEqual(hall[2], ["left", "user1"]);
  await connected(one, two);
});

test("a connection is made again as soon as the server can be reached", patience, async (t) => {
  const one = await party(t, 1);
  const waits = [];
  one.client.addEventListener("state", ({ detail }) => {
    if (detail.state === "waiting") waits.push(detail);
  });
  one.proxy.refuse(true);
  one.proxy.cut();
  await until(() => waits.length >= 5);
  one.proxy.refuse(false);
  await until(() => one.welcomes.length >= 2);
  assert.equal(one.welcomes[1].resumed, true);
});

for (const seed of [1, 2, 3]) {
  test(
    `whatever is lost on the way, each message arrives once and in order (${seed})`,
    patience,
    async (t) => {
      const random = sequence(seed);
      const parties = [await party(t, 1), await party(t, 2)];
      const calls = await connected(...parties);
      const said = [0, 0];
      for (let round = 0; round < 12; ++round) {
        for (const [side, { proxy, client }] of parties.entries()) {
          const burst = Math.floor(random() * 20);
          const way = Math.floor(random() * 4);
          for (let n = 0; n < burst; ++n) {
            // Lost on the way there, on the way back, in the middle, or not at all.
            if (n === burst >> 1) {
              if (way === 0) proxy.hold("client");
              if (way === 1) proxy.hold("server");
              if (way === 2) proxy.cut();
            }
            calls[side].pc.say(said[side]++);
            if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
          }
          if (way < 2) proxy.cut();
          if (random() < 0.5) await until(() => client.state === "online");
        }
        await until(() =>
          parties.every((_, side) => calls[1 - side].pc.heard.length >= said[side]),
        );
      }
      for (const side of [0, 1]) {
        assert.deepEqual(calls[1 - side].pc.heard, [...Array(said[side]).keys()]);
        assert.ok(parties[side].welcomes.length > 3);
        assert.ok(parties[side].welcomes.slice(1).every(({ resumed }) => resumed));
      }
      assert.deepEqual(
        calls.map(({ state }) => state),
        ["connected", "connected"],
      );
    },
  );
}

test(
  "of two who call each other at once, both come into one call, twenty times",
  patience,
  async (t) => {
    const parties = [await party(t, 1), await party(t, 2)];
    for (let n = 0; n < 20; ++n) {
      const calls = [parties[0].client.call("user2"), parties[1].client.call("user1")];
      await until(() => calls.every(({ state }) => state === "connected"));
      assert.equal(calls[0].id, calls[1].id);
      calls[n % 2].hangUp();
      await until(() => calls[1 - (n % 2)].state === "ended");
      assert.equal(calls[1 - (n % 2)].reason, "left");
    }
    assert.deepEqual(
      parties.map(({ calls }) => calls.length),
      [0, 0],
    );
  },
);

test("calls to nobody, hanging up while ringing, and being busy", patience, async (t) => {
  const [one, two] = [await party(t, 1), await party(t, 2)];
  const nobody = one.client.call("nobody");
  await until(() => nobody.state === "ended");
  assert.equal(nobody.reason, "unavailable");
  const first = one.client.call("user2");
  await until(() => two.calls.length === 1);
  first.hangUp();
  await until(() => two.calls[0].state === "ended");
  const second = one.client.call("user2");
  await until(() => two.calls.length === 2);
  two.calls[1].busy();
  await until(() => second.state === "ended");
  assert.equal(second.reason, "busy");
  two.client.call("user1");
  await until(() => one.calls.length === 1);
  two.client.close();
  await until(() => one.calls[0].state === "ended");
  assert.equal(one.calls[0].reason, "gone");
});

test("a call outlives the server, and is known to the next one", patience, async (t) => {
  const first = await startDemo();
  const parties = [await party(t, 1, portOf(first)), await party(t, 2, portOf(first))];
  const calls = await connected(...parties);
  const before = calls.map(({ pc }) => pc.localDescription.id);
  const farewells = parties.map(({ client }) => heard(client, "goaway"));
  const next = await startDemo();
  t.after(() => next.stop());
  for (const { proxy } of parties) proxy.to(portOf(next));
  const { code } = await first.stop();
  assert.equal(code, 0);
  for (const farewell of farewells) assert.ok((await farewell).reconnect_after >= 0);
  await until(() => parties.every(({ welcomes }) => welcomes.length >= 2));
  for (const { welcomes } of parties) assert.equal(welcomes[1].resumed, false);
  assert.deepEqual(
    calls.map(({ state }) => state),
    ["connected", "connected"],
  );
  // The next server relays for the call.
  await until(() =>
    calls.every(
      ({ pc }, side) =>
        pc.signalingState === "stable" &&
        pc.localDescription.id > Math.max(...before) &&
        pc.localDescription.id === calls[1 - side].pc.remoteDescription.id,
    ),
  );
  calls[0].pc.say(1);
  await until(() => calls[1].pc.heard.includes(1));
  calls[1].hangUp();
  await until(() => calls[0].state === "ended");
  assert.equal(calls[0].reason, "left");
});
