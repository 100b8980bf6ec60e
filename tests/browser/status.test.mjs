// The status page of the admin endpoint in a headless Chromium: live numbers, the end of the
// server, and no word on the console.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import WebSocket from "ws";

import { startDemo } from "./heliograph.mjs";

const patience = { timeout: 60_000 };

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
});

// `asked` collects where the page sends requests, `problems` what it complains about.
async function open(admin, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.problems = [];
  page.asked = new Set();
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => page.problems.push(message.text()));
  page.on("request", (request) => page.asked.add(new URL(request.url()).origin));
  await page.goto(admin);
  return page;
}

async function signedIn(origin, name, password) {
  const socket = new WebSocket(origin.replace("https", "wss"), { rejectUnauthorized: false });
  await once(socket, "message");
  socket.send(JSON.stringify({ type: "login", name, password }));
  const [answer] = await once(socket, "message");
  assert.equal(answer.toString(), '{"type":"login","success":true}');
  return socket;
}

// Waits until the card of that title reads so.
const reading = (page, title, text) =>
  page
    .locator("figure", { has: page.locator("figcaption", { hasText: title }) })
    .locator(".reading:first-child .number", { hasText: text })
    .waitFor();

test("the page shows what happens while it happens", patience, async () => {
  const server = await startDemo("--admin", "127.0.0.1:0");
  try {
    const page = await open(server.admin);
    await page.locator("#state", { hasText: /^Ready$/ }).waitFor();
    await reading(page, "Connections", /^0$/);
    await page.getByText("not used: users are in a file").waitFor();
    const one = await signedIn(server.origin, "user1", "password1");
    const two = await signedIn(server.origin, "user2", "password2");
    await reading(page, "Connections", /^2$/);
    one.send('{"type":"offer","offer":1,"name":"user2"}');
    await once(two, "message");
    await reading(page, "Active calls", /^1$/);
    await reading(page, "TLS handshake", /\d/);
    one.close();
    await reading(page, "Connections", /^1$/);
    await reading(page, "Active calls", /^0$/);
    assert.match(await page.locator("#about").textContent(), /^version \d/);
    assert.deepEqual(page.problems, []);
    assert.deepEqual([...page.asked], [new URL(server.admin).origin]);
    two.close();
  } finally {
    await server.stop();
  }
});

test("the page says when the server is gone, and since when", patience, async () => {
  const server = await startDemo("--admin", "127.0.0.1:0");
  const page = await open(server.admin);
  await reading(page, "Connections", /^0$/);
  await server.stop();
  await page.locator("#state", { hasText: "Connection lost" }).waitFor();
  await page.locator("#lost", { hasText: /does not answer.*old\. Trying again/ }).waitFor();
});

test("the page fits a phone, in the light and in the dark", patience, async () => {
  const server = await startDemo("--admin", "127.0.0.1:0");
  try {
    const colors = [];
    for (const colorScheme of ["light", "dark"]) {
      const page = await open(server.admin, { colorScheme, viewport: { width: 360, height: 640 } });
      await reading(page, "Connections", /^0$/);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 360, `${wide} pixels wide`);
      colors.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      assert.deepEqual(page.problems, []);
    }
    assert.notEqual(colors[0], colors[1]);
  } finally {
    await server.stop();
  }
});
