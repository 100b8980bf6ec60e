// The `ws` package as a client: the library that the tutorial itself is written with.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import WebSocket from "ws";

import { startDemo } from "./heliograph.mjs";

// Milliseconds until an answer that is waited for counts as never coming.
const patience = { timeout: 30_000 };

let server;

before(async () => {
  server = await startDemo();
});

after(async () => {
  await server?.stop();
});

class Client {
  constructor(options = {}, origin = server.origin) {
    this.socket = new WebSocket(origin.replace("https", "wss"), {
      rejectUnauthorized: false,
      ...options,
    });
    this.received = [];
    this.waiting = [];
    this.socket.on("message", (data, isBinary) => {
      const message = { text: data.toString(), isBinary };
      const waiter = this.waiting.shift();
      if (waiter === undefined) this.received.push(message);
      else waiter(message);
    });
  }

  send(message) {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  async next() {
    const message =
      this.received.shift() ?? (await new Promise((resolve) => this.waiting.push(resolve)));
    assert.equal(message.isBinary, false);
    return message.text;
  }

  async close() {
    this.socket.close(1000);
    const [code] = await once(this.socket, "close");
    return code;
  }

  static async signedIn(name, password, options) {
    const client = new Client(options);
    assert.equal(await client.next(), "Hello from server");
    client.send({ type: "login", name, password });
    assert.equal(await client.next(), '{"type":"login","success":true}');
    return client;
  }
}

test("a call is relayed, and a closed socket leaves it", patience, async () => {
  const one = await Client.signedIn("user1", "password1");
  const two = await Client.signedIn("user2", "password2");
  one.send({ type: "offer", offer: { sdp: "v=0" }, name: "user2" });
  assert.equal(await two.next(), '{"type":"offer","offer":{"sdp":"v=0"},"name":"user1"}');
  two.send({ type: "answer", answer: { sdp: "v=1" }, name: "user1" });
  assert.equal(await one.next(), '{"type":"answer","answer":{"sdp":"v=1"}}');
  assert.equal(await one.close(), 1000);
  assert.equal(await two.next(), '{"type":"leave"}');
  assert.equal(await two.close(), 1000);
});

test("JSON is taken from binary frames too, and answered in text", patience, async () => {
  const client = new Client();
  assert.equal(await client.next(), "Hello from server");
  client.socket.send(Buffer.from('{"type":"login","name":"user1","password":"password1"}'));
  assert.equal(await client.next(), '{"type":"login","success":true}');
  assert.equal(await client.close(), 1000);
});

test("a message in fragments is one message", patience, async () => {
  const client = new Client();
  assert.equal(await client.next(), "Hello from server");
  for (const part of ['{"type":"log', 'in","name":"user1",', '"password":"pass']) {
    client.socket.send(part, { fin: false });
  }
  client.socket.send('word1"}', { fin: true });
  assert.equal(await client.next(), '{"type":"login","success":true}');
  assert.equal(await client.close(), 1000);
});

test("a ping is answered with its payload", patience, async () => {
  const client = new Client();
  assert.equal(await client.next(), "Hello from server");
  client.socket.ping("are you there");
  const [payload] = await once(client.socket, "pong");
  assert.equal(payload.toString(), "are you there");
  assert.equal(await client.close(), 1000);
});

test("a message over the limit closes its sender with 1009", patience, async () => {
  const client = await Client.signedIn("user1", "password1");
  client.send({ type: "offer", offer: "x".repeat(70_000), name: "user2" });
  const [code] = await once(client.socket, "close");
  assert.equal(code, 1009);
});

test("TLS 1.2 alone is refused with an alert", patience, async () => {
  const client = new Client({ maxVersion: "TLSv1.2" });
  const [error] = await once(client.socket, "error");
  assert.match(String(error), /alert|protocol version/i);
});

test("messages are compressed if the server was told to and the client offers it", patience, async () => {
  const compressing = await startDemo("--deflate");
  try {
    const open = async (perMessageDeflate) => {
      const client = new Client({ perMessageDeflate }, compressing.origin);
      assert.equal(await client.next(), "Hello from server");
      return client;
    };
    const one = await open({ threshold: 0 });
    const two = await open(false);
    assert.match(one.socket.extensions, /^permessage-deflate/);
    assert.equal(two.socket.extensions, "");
    one.send({ type: "login", name: "user1", password: "password1" });
    two.send({ type: "login", name: "user2", password: "password2" });
    for (const client of [one, two]) {
      assert.equal(await client.next(), '{"type":"login","success":true}');
    }
    const sdp = "v=0 ".repeat(5000);
    one.send({ type: "offer", offer: { sdp }, name: "user2" });
    assert.equal(await two.next(), JSON.stringify({ type: "offer", offer: { sdp }, name: "user1" }));
    two.send({ type: "answer", answer: { sdp }, name: "user1" });
    assert.equal(await one.next(), JSON.stringify({ type: "answer", answer: { sdp } }));
    assert.deepEqual([await one.close(), await two.close()], [1000, 1000]);
  } finally {
    await compressing.stop();
  }
});
