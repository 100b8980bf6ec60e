// What a call outlives at the demo page: the server, the line to it, the path between the two; and
// what it does not: the page. `BROWSERS` are those of the two users, who call each other by turns.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, until } from "./browsers.mjs";
import { User, visit } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { losePath } from "./in_page.mjs";
import { startMiddle } from "./middle.mjs";

const names = (process.env.BROWSERS ?? "chromium chromium").split(" ");

let browsers;

before(async () => {
  const launched = new Map();
  for (const name of new Set(names)) launched.set(name, await launch(name));
  browsers = names.map((name) => launched.get(name));
});

after(async () => {
  for (const browser of new Set(browsers)) await browser.close();
});

const isOnline = (user) => user.tab.reads("#server-state", /^Online$/);
const isOffline = (user) => user.tab.reads("#server-state", /^(?!Online)/);

// Hanging up is told by the server: it works again.
async function hangUpIsHeard(one, two) {
  await one.hangUp();
  await two.tab.reads("#last-call-text", `${one.name} has hung up`);
}

// That there is no server is what browsers complain of, too.
const kNoServer = /WebSocket|can’t establish a connection/;

// Two users in a call, at the origin of what `start` makes of a server.
const inCall = (start, run) =>
  visit(async () => {
    const server = await startDemo();
    const stage = await start(server);
    try {
      const one = await User.at(stage.origin, browsers[0], "user1");
      const two = await User.at(stage.origin, browsers[1], "user2");
      await one.call(two);
      await Promise.all([one.sees(), two.sees()]);
      await run({ one, two, server, stage });
    } finally {
      if (stage !== server) stage.stop();
      await server.stop();
    }
  }, kNoServer);

const itself = (server) => server;

test("a reload ends the call, and the next one connects", inCall(itself, async ({ one, two }) => {
  await two.tab.page.reload();
  await two.logIn("user2");
  await one.tab.reads("#last-call-text", /user2 (has hung up|is gone)/);
  await one.call(two);
  await Promise.all([one.sees(), two.sees()]);
  await one.talksTo(two, "after the reload");
}));

for (const [how, signal] of [["crashes", "SIGKILL"], ["ends", "SIGTERM"]]) {
  const goesOn = inCall(itself, async ({ one, two, server }) => {
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
  });
  test(`the server ${how} and starts again: the call goes on`, goesOn);
}

// Whoever has called: who looks for another path is the same.
test("the path is lost for both: one of them looks for another", inCall(startMiddle, async (there) => {
  const { one, two, stage } = there;
  const loseIt = async () => {
    const [offers, answers] = ["offer", "answer"].map((type) => stage.count("up", type));
    stage.hold();
    for (const { tab } of [two, one]) await tab.evaluate(losePath);
    await until("another path is offered", () => stage.count("up", "offer") > offers);
    stage.release();
    await until("it is taken", () => stage.count("up", "answer") > answers);
    await Promise.all([one.sees(), two.sees()]);
    await two.talksTo(one, "on another path");
  };
  await loseIt();
  await hangUpIsHeard(one, two);
  await two.call(one);
  await Promise.all([one.sees(), two.sees()]);
  await loseIt();
}));

test("the line to the server is cut: the session is resumed", inCall(startMiddle, async (there) => {
  const { one, two, stage } = there;
  stage.cut();
  await Promise.all([isOffline(one), isOffline(two)]);
  await Promise.all([one.sees(), two.sees()]);
  await one.talksTo(two, "without a line");
  stage.heard.length = 0;
  stage.restore();
  await Promise.all([isOnline(one), isOnline(two)]);
  const said = stage.heard.map(({ message }) => message);
  const welcomes = said.filter(({ type }) => type === "welcome");
  assert.deepEqual(welcomes.map(({ resumed }) => resumed), [true, true]);
  await one.talksTo(two, "with a line again");
  await hangUpIsHeard(two, one);
}));

test("what is said without a line is heard later", inCall(startMiddle, async (there) => {
  const { one, two, stage } = there;
  stage.cut();
  await Promise.all([isOffline(one), isOffline(two)]);
  await one.hangUp();
  stage.restore();
  await two.tab.reads("#last-call-text", /user1 has hung up/);
}));
