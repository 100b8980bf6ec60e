// Calls between two users of the demo page, in one browser or two: `BROWSERS` are theirs.
import { after, before, test } from "node:test";

import { launch, until } from "./browsers.mjs";
import { User, visit } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { dropTimers, failMedia } from "./in_page.mjs";
import { startMiddle } from "./middle.mjs";

const names = (process.env.BROWSERS ?? "chromium chromium").split(" ");
const glares = Number(process.env.GLARES ?? 20);

let server;
let browsers;

before(async () => {
  server = await startDemo();
  const launched = new Map();
  for (const name of new Set(names)) launched.set(name, await launch(name));
  browsers = names.map((name) => launched.get(name));
});

after(async () => {
  for (const browser of new Set(browsers)) await browser.close();
  await server?.stop();
});

test(`a call from ${names[0]} to ${names[1]}`, visit(async (t) => {
  let one;
  let two;

  await t.test("both log in", async () => {
    one = await User.at(server.origin, browsers[0], "user1");
    two = await User.at(server.origin, browsers[1], "user2");
    await one.tab.reads("#people", "user2");
    await two.tab.reads("#people", "user1");
  });

  await t.test("a call connects, and both see and hear each other", async () => {
    await one.call(two);
    await Promise.all([one.sees(), two.sees()]);
    await one.talksTo(two, "Grüße <b>&amp;</b> 你好");
  });

  await t.test("hanging up tells the other", async () => {
    await one.hangUp();
    await two.tab.reads("#last-call-text", /user1 has hung up/);
  });

  await t.test("they call again, the other way round", async () => {
    await two.call(one);
    await Promise.all([one.sees(), two.sees()]);
    await two.talksTo(one, "second call");
    await two.hangUp();
    await one.tab.reads("#last-call-text", /user2 has hung up/);
  });
}));

// While the browser of the one asks for the camera, the other calls or is answered.
async function whileAsked(run) {
  const middle = await startMiddle(server);
  try {
    const before = [[failMedia], [dropTimers, 4000]]; // it would go on without an answer
    const one = await User.at(middle.origin, browsers[0], "user1", { before });
    const two = await User.at(middle.origin, browsers[1], "user2");
    await one.tab.evaluate(() => {
      globalThis.mediaFailure = { kinds: ["audio", "video"] };
    });
    await run(one, two, middle);
  } finally {
    middle.stop();
  }
}

test("a call that came while ours was about to begin rings when ours is given up", visit(() =>
  whileAsked(async (one, two, middle) => {
    await one.press(two);
    await one.tab.reads("#call-state", /Asking for camera/);
    await two.press(one, "#chat-button");
    await until("the call has come", () => middle.count("down", "offer") === 1);
    await one.hangUp();
    await one.tab.reads("#incoming", "user2");
    await one.tab.click("#answer-text");
    await Promise.all([one.connected(two), two.connected(one)]);
  }),
));

test("who answers, and hangs up while asked for the camera, has declined", visit(() =>
  whileAsked(async (one, two) => {
    await two.press(one, "#chat-button");
    await one.tab.reads("#incoming", "user2");
    await one.tab.click("#answer");
    await one.tab.reads("#call-state", /Asking for camera/);
    await one.hangUp();
    await two.tab.reads("#last-call-text", /user1 is busy, or does not take the call/);
  }),
));

// Neither server nor pages hear what the others say until both have pressed the button. Whose offer
// then comes first takes turns.
test(`both press Call at once, ${glares} times, and each time one call connects`, visit(async () => {
  const middle = await startMiddle(server);
  try {
    const one = await User.at(middle.origin, browsers[0], "user1");
    const two = await User.at(middle.origin, browsers[1], "user2");
    for (let i = 0; i < glares; ++i) {
      const offers = middle.count("up", "offer");
      middle.hold();
      await Promise.all([one.press(two, "#chat-button"), two.press(one, "#chat-button")]);
      await until("both have called", () => middle.count("up", "offer") === offers + 2);
      middle.release(i % 2 === 1);
      await Promise.all([one.connected(two), two.connected(one)]);
      await one.talksTo(two, `glare ${i}`);
      const [leaver, left] = i % 4 < 2 ? [one, two] : [two, one];
      await leaver.hangUp();
      await left.tab.reads("#last-call-text", `${leaver.name} has hung up`);
    }
  } finally {
    middle.stop();
  }
}));
