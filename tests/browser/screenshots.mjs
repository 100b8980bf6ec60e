// Draws the pictures of the demo page in docs/images:
//
//   node tests/browser/screenshots.mjs [FOLDER]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { launch, until } from "./browsers.mjs";
import { User } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../docs/images", import.meta.url));
const kLooks = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844, deviceScaleFactor: 2 }, colorScheme: "light" },
};

async function draw({ tab }, name) {
  for (const [look, how] of Object.entries(kLooks)) {
    await tab.look(how);
    await tab.evaluate(() => scrollTo(0, 0));
    await until("nothing moves", () => tab.evaluate(() => document.getAnimations().length === 0));
    await tab.page.screenshot({ path: join(folder, `demo-${name}-${look}.png`) });
  }
}

await mkdir(folder, { recursive: true });
const server = await startDemo();
const browser = await launch("chromium");
try {
  const one = await User.outside(server.origin, browser);
  await draw(one, "login");
  await one.logIn("user1");
  const two = await User.at(server.origin, browser, "user2");
  await one.tab.reads("#people", "user2");
  await draw(one, "lobby");
  await one.protect("correct horse");
  await two.protect("correct horse");
  await one.call(two);
  await Promise.all([one.sees(), two.sees()]);
  await one.say("Hello! Do you see me?");
  await two.hears("Hello!");
  await two.say("Clearly. Which six digits do you have?");
  await one.hears("six digits");
  await one.tab.click("#details-button");
  await one.tab.reads("#call-time", "00:20"); // something to plot
  await draw(one, "call");
} finally {
  await browser.close();
  await server.stop();
}
