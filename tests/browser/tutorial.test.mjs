// The whole tutorial in two pages of a browser: sign in, call, chat, hang up, call again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Tab, launch } from "./browsers.mjs";
import { startDemo } from "./heliograph.mjs";

let server;
let browser;

before(async () => {
  server = await startDemo();
  browser = await launch(process.env.BROWSER ?? "chromium");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openTab() {
  const tab = await Tab.open(browser, `${server.origin}/demo/tutorial/`);
  await tab.reads("#notice", "Connected to the signaling server.");
  return tab;
}

async function signIn(tab, name, password) {
  await tab.fill("#usernameInput", name);
  await tab.fill("#passwordInput", password);
  await tab.click("#loginBtn");
}

async function signedIn(name, password) {
  const tab = await openTab();
  await signIn(tab, name, password);
  await tab.reads("#ownName", name);
  return tab;
}

async function say(tab, text) {
  await tab.fill("#msgInput", text);
  await tab.click("#sendMsgBtn");
}

const callState = (tab, text) => tab.reads("#callState", text);
const message = (tab, text) => tab.reads("#chatarea p", text);

async function call(caller, callee) {
  await caller.tab.fill("#callToUsernameInput", callee.name);
  await caller.tab.click("#callBtn");
  await callState(caller.tab, `In a call with ${callee.name}`);
  await callState(callee.tab, `In a call with ${caller.name}`);
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
    one.tab = await openTab();
    await signIn(one.tab, one.name, "password2");
    await one.tab.reads("#notice", "Wrong user name or password");
    assert.equal(await one.tab.isVisible("#callPage"), false);
  });

  await t.test("both users sign in", async () => {
    await signIn(one.tab, one.name, "password1");
    await one.tab.reads("#ownName", one.name);
    two.tab = await signedIn(two.name, "password2");
  });

  await t.test("a name that is signed in is refused to others", async () => {
    const third = await openTab();
    await signIn(third, two.name, "password2");
    await third.reads("#notice", "Wrong user name or password");
    await third.close();
  });

  await t.test("a call connects, and text goes both ways", async () => {
    await call(one, two);
    await say(one.tab, "Hello over there <b>&amp;</b>");
    await message(two.tab, "user1: Hello over there <b>&amp;</b>");
    await say(two.tab, "Good day, Grüße, 你好");
    await message(one.tab, "user2: Good day, Grüße, 你好");
  });

  await t.test("hanging up tells the other", async () => {
    await one.tab.click("#hangUpBtn");
    await callState(one.tab, "You have hung up");
    await callState(two.tab, "user1 has left the call");
  });

  await t.test("a second call works, the other way round", async () => {
    await call(two, one);
    await say(two.tab, "second call");
    await message(one.tab, "user2: second call");
  });

  await t.test("a closed tab tells the other and frees its name", async () => {
    await two.tab.close();
    await callState(one.tab, "user2 has left the call");
    two.tab = await signedIn(two.name, "password2");
  });

  await t.test("both press Call at once, and one call connects", async () => {
    for (const [from, to] of [[one, two], [two, one]]) {
      await from.tab.fill("#callToUsernameInput", to.name);
    }
    // Neither page sees what the other has sent until both have pressed the button.
    for (const { tab } of [one, two]) await tab.evaluate(holdInbox);
    await Promise.all([one.tab.click("#callBtn"), two.tab.click("#callBtn")]);
    for (const { tab } of [one, two]) await tab.evaluate(() => globalThis.releaseInbox());
    await callState(one.tab, "In a call with user2");
    await callState(two.tab, "In a call with user1");
    await say(one.tab, "after the glare");
    await message(two.tab, "user1: after the glare");
  });

  await t.test("no page met an error on the way", () => {
    assert.deepEqual([...one.tab.problems, ...two.tab.problems], []);
  });
});
