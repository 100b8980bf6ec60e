// The status page of the admin endpoint in a browser: live numbers, the end of the server, and no
// word on the console.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import WebSocket from "ws";

import { Tab, launch, until } from "./browsers.mjs";
import { startDemo } from "./heliograph.mjs";

const patience = { timeout: 60_000 };

let browser;

before(async () => {
  browser = await launch(process.env.BROWSER ?? "chromium");
});

after(async () => {
  await browser?.close();
});

const open = (admin, options) => Tab.open(browser, admin, options);

async function signedIn(origin, name, password) {
  const socket = new WebSocket(origin.replace("https", "wss"), { rejectUnauthorized: false });
  await once(socket, "message");
  socket.send(JSON.stringify({ type: "login", name, password }));
  const [answer] = await once(socket, "message");
  assert.equal(answer.toString(), '{"type":"login","success":true}');
  return socket;
}

// Runs in the page: what the card of that title reads.
function read(title) {
  const titled = (card) => card.querySelector("figcaption").textContent === title;
  const card = [...document.querySelectorAll("figure")].find(titled);
  return card?.querySelector(".reading .number").textContent;
}

const reading = (tab, title, expected) =>
  until(`${title} reads ${expected}`, async () => expected.test(await tab.evaluate(read, title)));

test("the page shows what happens while it happens", patience, async () => {
  const server = await startDemo("--admin", "127.0.0.1:0");
  try {
    const tab = await open(server.admin);
    await tab.reads("#state", /^Ready$/);
    await reading(tab, "Connections", /^0$/);
    await tab.reads("body", "not used: users are in a file");
    const one = await signedIn(server.origin, "user1", "password1");
    const two = await signedIn(server.origin, "user2", "password2");
    await reading(tab, "Connections", /^2$/);
    one.send('{"type":"offer","offer":1,"name":"user2"}');
    await once(two, "message");
    await reading(tab, "Active calls", /^1$/);
    await reading(tab, "TLS handshake", /\d/);
    one.close();
    await reading(tab, "Connections", /^1$/);
    await reading(tab, "Active calls", /^0$/);
    assert.match(await tab.text("#about"), /^version \d/);
    assert.deepEqual(tab.problems, []);
    assert.deepEqual([...tab.asked], [new URL(server.admin).origin]);
    two.close();
  } finally {
    await server.stop();
  }
});

test("the page says when the server is gone, and since when", patience, async () => {
  const server = await startDemo("--admin", "127.0.0.1:0");
  const tab = await open(server.admin);
  await reading(tab, "Connections", /^0$/);
  await server.stop();
  await tab.reads("#state", "Connection lost");
  await tab.reads("#lost", /does not answer.*old\. Trying again/);
});

test("the page fits a phone, in the light and in the dark", patience, async () => {
  const server = await startDemo("--admin", "127.0.0.1:0");
  try {
    const colors = [];
    for (const colorScheme of ["light", "dark"]) {
      const tab = await open(server.admin, { colorScheme, viewport: { width: 360, height: 640 } });
      await reading(tab, "Connections", /^0$/);
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 360, `${wide} pixels wide`);
      colors.push(await tab.evaluate(() => getComputedStyle(document.body).backgroundColor));
      assert.deepEqual(tab.problems, []);
    }
    assert.notEqual(colors[0], colors[1]);
  } finally {
    await server.stop();
  }
});
