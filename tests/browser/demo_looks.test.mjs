// How the demo page is made: for everybody, in the light and in the dark, on a phone, small, and from
// this server alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, test } from "node:test";

import { launch } from "./browsers.mjs";
import { User, everybodyLeaves } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { failMedia } from "./in_page.mjs";

const kPhone = { width: 360, height: 740 };
const kMaxBytes = 100_000;

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let server;
let browser;

before(async () => {
  server = await startDemo();
  browser = await launch("chromium");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(everybodyLeaves);

async function isAccessible(tab, view) {
  await tab.evaluate(axe);
  const violations = await tab.evaluate(async () => {
    // What fades in is looked at when it is there.
    await Promise.all(document.getAnimations().map(({ finished, effect }) =>
      effect.getComputedTiming().endTime === Infinity ? undefined : finished.catch(() => {})));
    const { violations } = await globalThis.axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
  });
  assert.deepEqual(violations, [], view);
}

async function fits(tab, view) {
  const [wide, there] = await tab.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(wide <= there, `${view} is ${wide} pixels wide, of ${there}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const [device, viewport] of [["phone", kPhone], ["desktop", { width: 1280, height: 800 }]]) {
    test(`axe finds nothing to complain about in the ${colorScheme}, on a ${device}`, async () => {
      const look = { colorScheme, viewport };
      const good = async (user, view) => {
        await isAccessible(user.tab, view);
        await fits(user.tab, view);
      };
      const one = await User.outside(server.origin, browser, { ...look, before: [[failMedia]] });
      await good(one, "login");

      await one.tab.fill("#login-name", "user1");
      await one.tab.fill("#login-password", "wrong");
      await one.tab.click("#login-button");
      await one.tab.reads("#login-error", /Wrong name or password/);
      await good(one, "login refused");

      await one.logIn("user1");
      await one.tab.reads("#people-empty", /Nobody else is here/);
      await good(one, "empty lobby");

      const two = await User.at(server.origin, browser, "user2", look);
      await one.tab.reads("#people", "user2");
      await good(one, "lobby");

      await one.tab.evaluate(() => {
        globalThis.mediaFailure = { kinds: ["audio", "video"], name: "NotAllowedError" };
      });
      await one.press(two);
      await one.tab.reads("#media-text", /does not let this page use/);
      await good(one, "no camera");
      await two.tab.reads("#incoming", "user1");
      await good(two, "incoming call");

      await two.tab.click("#answer");
      await Promise.all([one.connected(two), two.connected(one)]);
      await one.sees();
      await one.talksTo(two, "hello");
      await good(one, "call with a problem");
      await two.tab.click("#details-button");
      await two.tab.reads("#facts", /host/);
      await good(two, "call with details");

      await one.hangUp();
      await good(one, "after the call");
      for (const { tab } of [one, two]) assert.deepEqual([...tab.asked], [server.origin]);
    });
  }
}

test(`the page has at most ${kMaxBytes} bytes, and comes from this server alone`, async () => {
  const user = await User.at(server.origin, browser, "user1");
  const sizes = await user.tab.evaluate(() =>
    ["navigation", "resource"].flatMap((type) =>
      performance.getEntriesByType(type).map(({ name, transferSize }) => [name, transferSize])),
  );
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(sizes.length > 2 && bytes > 0 && bytes <= kMaxBytes, JSON.stringify(sizes));
  assert.deepEqual([...user.tab.asked], [server.origin]);
});
