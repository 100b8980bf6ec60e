// Users whose server is played by the test: logged in, and two of them with a relay in between that
// delivers when the test says so, by the rules of the contract.
import assert from "node:assert/strict";

import { HeliographClient } from "../../web/heliograph-client.js";
import { Clock, FakePeerConnection, PlayedServer, crypto, settled, until } from "./support.mjs";

// What the client says of itself is kept: its states, and the calls that ring.
export function startClient(options = {}) {
  const server = new PlayedServer();
  const clock = new Clock();
  const states = [];
  const ringing = [];
  const client = new HeliographClient("wss://server/", {
    WebSocket: server.WebSocket,
    RTCPeerConnection: FakePeerConnection,
    crypto,
    random: () => 0.5,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    ...options,
  });
  client.addEventListener("state", ({ detail }) => states.push(detail));
  client.addEventListener("call", ({ detail }) => ringing.push(detail.call));
  return { client, server, clock, states, ringing };
}

export async function online({ welcome = {}, ...options } = {}) {
  const party = startClient(options);
  const login = party.client.login({ name: "bob", password: "secret" });
  party.server.open();
  await settled();
  party.server.welcome(welcome);
  await login;
  return party;
}

export async function party(name, options) {
  const made = await online({ welcome: { name, heartbeat: 100_000 }, ...options });
  const said = (type) => until(() => made.server.said.find((message) => message.type === type));
  return { ...made, name, said, relayed: 1 };
}

// A message as the server hands it on.
export function relay({ to, ...message }, from) {
  const relayed = { ...message, from };
  if (message.type === "offer") relayed.polite = to > from;
  if (message.type === "leave") relayed.reason = "left";
  return relayed;
}

const relays = ["offer", "answer", "candidate", "leave", "busy"];

// Delivers what `from` has said to `to`, as far as it has been said. What the condition does not
// hold for is dropped. Returns what was delivered.
export function deliver(from, to, condition = () => true) {
  const delivered = [];
  while (from.relayed < from.server.socket.said.length) {
    const message = from.server.socket.said[from.relayed++];
    if (message.to !== to.name || !relays.includes(message.type) || !condition(message)) continue;
    delivered.push(relay(message, from.name));
    to.server.say(delivered.at(-1));
  }
  return delivered;
}

// Delivers in both directions until there is nothing more to say.
export async function talk(one, other) {
  for (let quiet = 0; quiet < 2;) {
    await settled();
    quiet = deliver(one, other).length + deliver(other, one).length > 0 ? 0 : quiet + 1;
  }
}

// The call that the one has made and the other has accepted, at both of them.
export async function connected(one, other) {
  const call = one.client.call(other.name);
  await settled();
  deliver(one, other);
  await until(() => other.ringing.length > 0);
  other.ringing[0].accept();
  await talk(one, other);
  assert.equal(call.state, "connected");
  assert.equal(other.ringing[0].state, "connected");
  return [call, other.ringing[0]];
}
