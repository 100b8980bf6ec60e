// What a call outlives at the demo page: the server, the line to it; and what it does not: the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browsers.mjs";
import { User } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { startMiddle } from "./middle.mjs";

const name = process.env.BROWSER ?? "chromium";

let browser;

before(async () => {
  browser = await launch(name);
});

after(async () => {
  await browser?.close();
});

const isOnline = (user) => user.tab.reads("#server-state", /^Online$/);
const isOffline = (user) => user.tab.reads("#server-state", /^(?!Connected$)/);

// Hanging up is told by the server: it works again.
async function hangUpIsHeard(one, two) {
  await one.hangUp();
  await two.tab.reads("#last-call-text", one.name);
}

// Two users in a call, at the origin of what `start` makes of a server.
async function inCall(start, run) {
  const server = await startDemo();
  const stage = await start(server);
  try {
    const one = await User.at(stage.origin, browser, "user1");
    const two = await User.at(stage.origin, browser, "user2");
    await one.call(two);
    await Promise.all([one.sees(), two.sees()]);
    await run({ one, two, server, stage });
    for (const user of [one, two]) await user.leave();
  } finally {
    if (stage !== server) stage.stop();
    await server.stop();
  }
}

test("a reload ends the call, and the next one connects", () =>
  inCall((server) => server, async ({ one, two }) => {
    await two.tab.page.reload();
    await two.logIn("user2");
    await one.tab.reads("#last-call-text", "user2");
    await one.call(two);
    await Promise.all([one.sees(), two.sees()]);
    await one.talksTo(two, "after the reload");
  }));

for (const [how, signal] of [["crashes", "SIGKILL"], ["ends", "SIGTERM"]]) {
  test(`the server ${how} and starts again: the call goes on`, () =>
    inCall((server) => server, async ({ one, two, server }) => {
      await server.end(signal);
      await Promise.all([isOffline(one), isOffline(two)]);
      await Promise.all([one.sees(), two.sees()]);
      await one.talksTo(two, "without a server");
      await server.start(server.port);
      await Promise.all([isOnline(one), isOnline(two)]);
      await Promise.all([one.sees(), two.sees()]);
      await hangUpIsHeard(one, two);
      await two.call(one);
      await two.talksTo(one, "with a new server");
    }));
}

test("the line to the server is cut and comes back: the session is resumed", () =>
  inCall(startMiddle, async ({ one, two, stage }) => {
    stage.cut();
    await Promise.all([isOffline(one), isOffline(two)]);
    await Promise.all([one.sees(), two.sees()]);
    await one.talksTo(two, "without a line");
    stage.heard.length = 0;
    stage.restore();
    await Promise.all([isOnline(one), isOnline(two)]);
    const welcomes = stage.heard.map(({ message }) => message).filter(({ type }) => type === "welcome");
    assert.deepEqual(welcomes.map(({ resumed }) => resumed), [true, true]);
    await one.talksTo(two, "with a line again");
    await hangUpIsHeard(two, one);
  }));

test("what is said without a line is heard when there is one again", () =>
  inCall(startMiddle, async ({ one, two, stage }) => {
    stage.cut();
    await Promise.all([isOffline(one), isOffline(two)]);
    await one.hangUp();
    stage.restore();
    await two.tab.reads("#last-call-text", "user1");
  }));
