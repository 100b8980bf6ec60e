// The npm package: what is in it, and that the example of its README does what it says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "node:test";

import { startDemo } from "../browser/heliograph.mjs";
import { FakePeerConnection, TrustingWebSocket, crypto, patience, until } from "./support.mjs";

const web = fileURLToPath(new URL("../../web/", import.meta.url));

test("the package contains the modules and their description, and nothing else", patience, () => {
  const [{ files }] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--offline"], {
      cwd: web,
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  assert.deepEqual(files.map(({ path }) => path).sort(), [
    "README.md",
    "call.js",
    "call_stats.js",
    "close_codes.js",
    "descriptions.js",
    "heliograph-client.js",
    "ledger.js",
    "package.json",
    "sealing.js",
    "short_authentication.js",
  ]);
});

test("the package says which Node.js it needs, as its README does", patience, async () => {
  const { engines } = JSON.parse(await readFile(join(web, "package.json"), "utf8"));
  const [, version] = (await readFile(join(web, "README.md"), "utf8")).match(
    /Node\.js from version (\d+) on/,
  );
  assert.deepEqual(engines, { node: `>=${version}` });
});

test("the example of the README calls and is called", patience, async (t) => {
  const server = await startDemo();
  const folder = await mkdtemp(join(tmpdir(), "heliograph-"));
  t.after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  await mkdir(join(folder, "node_modules"));
  await symlink(web, join(folder, "node_modules/heliograph-client"));

  const readme = await readFile(join(web, "README.md"), "utf8");
  const [, example] = readme.match(/```js\n(.*?)```/s);
  const page = { said: [], camera: async () => ({ getTracks: () => [] }), play() {} };
  page.say = (text) => page.said.push(text);
  globalThis.crypto ??= crypto;
  Object.assign(globalThis, {
    page,
    WebSocket: TrustingWebSocket,
    RTCPeerConnection: FakePeerConnection,
  });
  const run = async (user) => {
    const file = join(folder, `${user}.mjs`);
    const text = example
      .replace("wss://example.org:9090/", server.origin.replace("https", "wss"))
      .replace("user1", user)
      .replace("password1", user.replace("user", "password"));
    await writeFile(file, `const { camera, play, say } = page;\n${text}\nexport { client, ring };`);
    return import(pathToFileURL(file));
  };
  const [one, two] = [await run("user1"), await run("user2")];
  await one.ring("user2");
  const calls = [one, two].map(({ client }) => client.calls);
  await until(() => calls.every((all) => [...all.values()][0]?.state === "connected"));
  const { channel } = calls[1].get("user1");
  channel.send = (text) => page.said.push(`sent ${text}`);
  channel.open();
  channel.hear("hi");
  calls[0].get("user2").hangUp();
  await until(() => page.said.length === 4);
  assert.deepEqual(page.said, [
    "sent hello",
    "user1: hi",
    "The call is over: hung-up.",
    "The call is over: left.",
  ]);
  for (const { client } of [one, two]) client.close();
});
