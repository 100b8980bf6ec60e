// Calls between two users of the demo page, in one browser or two: `BROWSERS` are theirs.
import { after, before, test } from "node:test";

import { launch } from "./browsers.mjs";
import { User } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";

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

test(`a call from ${names[0]} to ${names[1]}`, async (t) => {
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
    await two.tab.reads("#last-call-text", "user1");
  });

  await t.test("they call again, the other way round", async () => {
    await two.call(one);
    await Promise.all([one.sees(), two.sees()]);
    await two.talksTo(one, "second call");
    await two.hangUp();
    await one.tab.reads("#last-call-text", "user2");
  });

  await t.test(`both press Call at once, ${glares} times, and each time one call connects`, async () => {
    for (let i = 0; i < glares; ++i) {
      for (const [from, to] of [[one, two], [two, one]]) {
        await from.tab.fill("#call-name", to.name);
      }
      await Promise.all([one.tab.click("#call-button"), two.tab.click("#call-button")]);
      await Promise.all([one.connected(two), two.connected(one)]);
      await one.talksTo(two, `glare ${i}`);
      const hangsUp = i % 2 ? one : two;
      await hangsUp.hangUp();
      await (i % 2 ? two : one).tab.reads("#last-call-text", hangsUp.name);
    }
  });

  await t.test("no page met an error on the way", () => {
    one.metNoError();
    two.metNoError();
  });
});
