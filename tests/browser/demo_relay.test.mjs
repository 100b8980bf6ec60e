// Calls of which every byte goes through the coturn of the distribution, by the credentials that
// heliograph hands out: no other path is allowed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, until } from "./browsers.mjs";
import { startCoturn } from "./coturn.mjs";
import { User, visit } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { connectionNow, relayOnly } from "./in_page.mjs";

let coturn;
let server;
const browsers = [];

before(async () => {
  coturn = await startCoturn();
  server = await startDemo(...coturn.options);
  for (const name of ["chromium", "firefox"]) browsers.push(await launch(name));
});

after(async () => {
  for (const browser of browsers) await browser.close();
  await server?.stop();
  await coturn?.stop();
});

const at = (browser, name) => User.at(server.origin, browser, name, { before: [[relayOnly]] });

// Both use an address of the relay's. What a browser calls the other's depends on whether it hears
// of it from the signaling or from the relay first.
async function isRelayed(user) {
  const local = await until("a pair of candidates", async () =>
    (await user.tab.evaluate(connectionNow)).local);
  assert.equal(local, "relay");
}

test("a relayed call from Chromium to Firefox, which outlives the relay", visit(async (t) => {
  const one = await at(browsers[0], "user1");
  const two = await at(browsers[1], "user2");

  await t.test("it connects through the relay alone", async () => {
    await one.call(two);
    await Promise.all([isRelayed(one), isRelayed(two)]);
    await Promise.all([one.sees(), two.sees()]);
    await one.talksTo(two, "relayed");
  });

  await t.test("the relay starts anew, and the call finds its way again", async () => {
    await coturn.end();
    await coturn.start();
    await one.talksTo(two, "again");
    await Promise.all([one.sees(), two.sees()]);
    await Promise.all([isRelayed(one), isRelayed(two)]);
  });
}));
