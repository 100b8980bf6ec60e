// How the demo page is made: for everybody, in the light and in the dark, on a phone, small, and from
// this server alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { launch } from "./browsers.mjs";
import { User, visit } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { failMedia } from "./in_page.mjs";

const name = process.env.BROWSER ?? "chromium";

const kViewports = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
// What cannot be chosen in Firefox from here: there it is as Firefox has it.
const kColorSchemes = name === "firefox" ? [undefined] : ["light", "dark"];
const kMaxBytes = 100_000;

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server;
let browser;

before(async () => {
  server = await startDemo();
  browser = await launch(name);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// Runs in the page: what axe complains about, when all that fades in is there.
async function complaints() {
  const ends = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
  const animations = document.getAnimations().filter(ends);
  await Promise.allSettled(animations.map(({ finished }) => finished));
  const { violations } = await globalThis.axe.run();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
  );
}

const width = () => document.documentElement.scrollWidth;

async function isGood({ tab }, view) {
  await tab.evaluate(axe);
  for (const [device, viewport] of Object.entries(kViewports)) {
    for (const colorScheme of kColorSchemes) {
      await tab.look({ viewport, colorScheme });
      const what = `${view} on a ${device}, ${colorScheme ?? "as it is"}`;
      assert.deepEqual(await tab.evaluate(complaints), [], what);
      assert.ok((await tab.evaluate(width)) <= viewport.width, `${what} is too wide`);
    }
  }
}

test("axe finds nothing to complain about, and everything fits", visit(async () => {
  const one = await User.outside(server.origin, browser, { before: [[failMedia]] });
  await isGood(one, "the login");
  await one.tab.fill("#login-name", "user1");
  await one.tab.fill("#login-password", "wrong");
  await one.tab.click("#login-button");
  await one.tab.reads("#login-error", /Wrong name or password/);
  await isGood(one, "a login that was refused");

  await one.logIn("user1");
  await one.tab.reads("#people-empty", /Nobody else is here/);
  await isGood(one, "the empty lobby");
  const two = await User.at(server.origin, browser, "user2");
  await one.tab.reads("#people", "user2");
  await isGood(one, "the lobby");

  await one.tab.evaluate(() => {
    globalThis.mediaFailure = { kinds: ["audio", "video"], name: "NotAllowedError" };
  });
  await one.press(two);
  await two.tab.reads("#incoming", "user1");
  await isGood(two, "a call that rings");
  await two.tab.click("#answer");
  await Promise.all([one.connected(two), two.connected(one)]);
  await one.sees();
  await one.talksTo(two, "hello");
  await one.tab.reads("#media-text", /does not let this page use/);
  await isGood(one, "a call without a camera");
  await two.tab.click("#details-button");
  await two.tab.reads("#facts", /host/);
  await isGood(two, "a call with its details");

  await one.hangUp();
  await isGood(one, "the lobby after a call");
  for (const { tab } of [one, two]) assert.deepEqual([...tab.asked], [server.origin]);
}));

test(`the page has at most ${kMaxBytes} bytes, and comes from this server alone`, visit(async () => {
  const user = await User.at(server.origin, browser, "user1");
  const sizes = await user.tab.evaluate(() =>
    ["navigation", "resource"].flatMap((type) =>
      performance.getEntriesByType(type).map(({ name, transferSize }) => [name, transferSize])),
  );
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(sizes.length > 2 && bytes > 0 && bytes <= kMaxBytes, JSON.stringify(sizes));
  assert.deepEqual([...user.tab.asked], [server.origin]);
}));
