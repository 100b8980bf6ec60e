// The whole tutorial in two pages of a headless Chromium: sign in, call, chat, hang up, call again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

import { startDemo } from "./heliograph.mjs";

let server;
let browser;

before(async () => {
  server = await startDemo();
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
  await server?.stop();
});

// A page of its own in a context of its own: two users, not two tabs of one.
async function openPage() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.problems.push(message.text());
  });
  await page.goto(`${server.origin}/demo/tutorial/`);
  await page.getByText("Connected to the signaling server.").waitFor();
  return page;
}

async function signIn(page, name, password) {
  await page.fill("#usernameInput", name);
  await page.fill("#passwordInput", password);
  await page.click("#loginBtn");
}

async function signedIn(name, password) {
  const page = await openPage();
  await signIn(page, name, password);
  await page.waitForSelector("#callPage", { state: "visible" });
  return page;
}

async function say(page, text) {
  await page.fill("#msgInput", text);
  await page.click("#sendMsgBtn");
}

const callState = (page, text) =>
  page.locator("#callState", { hasText: text }).waitFor({ state: "visible" });
const message = (page, text) => page.locator("#chatarea p", { hasText: text }).waitFor();

async function call(caller, callee) {
  await caller.page.fill("#callToUsernameInput", callee.name);
  await caller.page.click("#callBtn");
  await callState(caller.page, `In a call with ${callee.name}`);
  await callState(callee.page, `In a call with ${caller.name}`);
}

// Runs in the page: messages that arrive from now on wait for releaseInbox().
function holdInbox() {
  const released = new Promise((resolve) => (globalThis.releaseInbox = resolve));
  inbox = inbox.then(() => released);
}

test("the tutorial, from the wrong password to the closed tab", async (t) => {
  const one = { name: "user1" };
  const two = { name: "user2" };

  await t.test("a wrong password is refused", async () => {
    one.page = await openPage();
    await signIn(one.page, one.name, "password2");
    await one.page.getByText("Wrong user name or password").waitFor();
    assert.equal(await one.page.isVisible("#callPage"), false);
  });

  await t.test("both users sign in", async () => {
    await signIn(one.page, one.name, "password1");
    await one.page.waitForSelector("#callPage", { state: "visible" });
    two.page = await signedIn(two.name, "password2");
  });

  await t.test("a name that is signed in is refused to others", async () => {
    const third = await openPage();
    await signIn(third, two.name, "password2");
    await third.getByText("Wrong user name or password").waitFor();
    await third.context().close();
  });

  await t.test("a call connects, and text goes both ways", async () => {
    await call(one, two);
    await say(one.page, "Hello over there <b>&amp;</b>");
    await message(two.page, "user1: Hello over there <b>&amp;</b>");
    await say(two.page, "Good day, Grüße, 你好");
    await message(one.page, "user2: Good day, Grüße, 你好");
  });

  await t.test("hanging up tells the other", async () => {
    await one.page.click("#hangUpBtn");
    await callState(one.page, "You have hung up");
    await callState(two.page, "user1 has left the call");
  });

  await t.test("a second call works, the other way round", async () => {
    await call(two, one);
    await say(two.page, "second call");
    await message(one.page, "user2: second call");
  });

  await t.test("a closed tab tells the other and frees its name", async () => {
    await two.page.context().close();
    await callState(one.page, "user2 has left the call");
    two.page = await signedIn(two.name, "password2");
  });

  await t.test("both press Call at once, and one call connects", async () => {
    for (const [from, to] of [[one, two], [two, one]]) {
      await from.page.fill("#callToUsernameInput", to.name);
    }
    // Neither page sees what the other has sent until both have pressed the button.
    for (const { page } of [one, two]) await page.evaluate(holdInbox);
    await Promise.all([one.page.click("#callBtn"), two.page.click("#callBtn")]);
    for (const { page } of [one, two]) await page.evaluate(() => globalThis.releaseInbox());
    await callState(one.page, "In a call with user2");
    await callState(two.page, "In a call with user1");
    await say(one.page, "after the glare");
    await message(two.page, "user1: after the glare");
  });

  await t.test("no page met an error on the way", () => {
    assert.deepEqual([...one.page.problems, ...two.page.problems], []);
  });
});
