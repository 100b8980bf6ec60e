// A server that cheats, or somebody in its place: what a passphrase keeps from them, and how the
// six digits give them away.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Tab, launch, until } from "./browsers.mjs";
import { User, visit } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { intercept } from "./in_page.mjs";
import { startMiddle } from "./middle.mjs";

const name = process.env.BROWSER ?? "chromium";

let server;
let browser;
let middle;
let one;
let two;

before(async () => {
  server = await startDemo();
  browser = await launch(name);
  middle = await startMiddle(server);
});

after(async () => {
  middle?.stop();
  await browser?.close();
  await server?.stop();
});

const handOn = (message) => [message];

// A test in which both are logged in, with somebody in the middle who is honest at first.
function cheat(what, run) {
  test(what, visit(async () => {
    middle.change = handOn;
    middle.heard.length = 0;
    one = await User.at(middle.origin, browser, "user1");
    two = await User.at(middle.origin, browser, "user2");
    await run();
  }));
}

const said = () => JSON.stringify(middle.heard.map(({ message }) => message));
const isOver = (user, sentence) => user.tab.reads("#last-call-text", sentence);

// The first message of this type is changed, the others pass.
function changeFirst(type, change) {
  let changed = false;
  middle.change = (message, direction) => {
    if (changed || direction !== "down" || message.type !== type) return [message];
    changed = true;
    return change(message);
  };
}

async function protectBoth() {
  for (const user of [one, two]) await user.protect("correct horse");
}

async function ringAndAnswer() {
  await one.press(two);
  await two.tab.reads("#incoming", one.name);
  await two.tab.click("#answer");
}

function flipBit(base64) {
  const bytes = Buffer.from(base64, "base64");
  bytes[bytes.length >> 1] ^= 1;
  return bytes.toString("base64");
}

cheat("with the same passphrase nobody in the middle can read anything", async () => {
  await protectBoth();
  await one.call(two);
  for (const user of [one, two]) await user.tab.reads("#sealed", /Sealed/);
  await Promise.all([one.sees(), two.sees()]);
  await one.talksTo(two, "sealed");
  for (const type of ["offer", "answer", "candidate"]) {
    assert.ok(middle.count("up", type) > 0, type);
  }
  assert.doesNotMatch(said(), /fingerprint|ufrag|127\.0\.0\.1/);
});

cheat("another passphrase opens nothing", async () => {
  await one.protect("correct horse");
  await two.protect("battery staple");
  await ringAndAnswer();
  await isOver(two, /cannot be opened: the passphrase is another one, or it was changed on the way/);
  await isOver(one, /chosen the same passphrase/);
});

cheat("who has no passphrase is told that one is needed", async () => {
  await one.protect("correct horse");
  await ringAndAnswer();
  await isOver(two, /is sealed, and there is no passphrase here/);
});

cheat("signing out forgets the passphrase and what was said", async () => {
  const secrets = () =>
    two.tab.evaluate(() => {
      const [asked, own, show, messages] = ["incoming-passphrase", "passphrase", "passphrase-show",
        "messages"].map((id) => document.getElementById(id));
      const said = messages.textContent;
      return { asked: asked.value, own: own.value, type: own.type, shown: show.checked, said };
    });
  await one.protect("correct horse");
  await one.press(two, "#chat-button");
  await two.tab.reads("#incoming", "Passphrase that you have agreed on");
  await two.tab.fill("#incoming-passphrase", "correct horse");
  await two.tab.click("#answer-text");
  await Promise.all([one.connected(two), two.connected(one)]);
  await one.talksTo(two, "sealed");
  assert.equal((await secrets()).asked, "");
  await two.hangUp();
  await two.tab.click("#passphrase-show");
  const { said: _, ...before } = await secrets();
  assert.deepEqual(before, { asked: "", own: "correct horse", type: "text", shown: true });

  await two.signOut();
  const after = { asked: "", own: "", type: "password", shown: false, said: "" };
  assert.deepEqual(await secrets(), after);
  await two.logIn("user2");
  await two.press(one, "#chat-button");
  await one.tab.reads("#incoming", "Voice, video and text.");
});

cheat("a flipped bit is noticed", async () => {
  await protectBoth();
  changeFirst("answer", ({ answer, ...rest }) => [
    { ...rest, answer: { ...answer, sealed: flipBit(answer.sealed) } },
  ]);
  await ringAndAnswer();
  await isOver(one, /cannot be opened: the passphrase is another one, or it was changed on the way/);
});

cheat("a repeated message is noticed", async () => {
  await protectBoth();
  changeFirst("answer", (message) => [message, message]);
  await ringAndAnswer();
  await isOver(one, /was repeated on the way/);
});

cheat("a description of somebody else is not taken in a sealed call", async () => {
  await protectBoth();
  changeFirst("answer", (message) => [
    { ...message, answer: { type: "answer", sdp: "v=0\r\na=fingerprint:sha-256 00:11\r\n" } },
  ]);
  await ringAndAnswer();
  await isOver(one, /is not sealed, as it has to be/);
});

cheat("the two see the same six digits if nobody is between them, in each call others", async () => {
  const seen = [];
  for (const [caller, called] of [[one, two], [two, one]]) {
    await caller.call(called);
    const digits = await Promise.all([one.digits(), two.digits()]);
    assert.equal(digits[0], digits[1]);
    seen.push(digits[0]);
    await caller.hangUp();
    await called.tab.reads("#last-call-text", `${caller.name} has hung up`);
  }
  assert.notEqual(seen[0], seen[1]);
});

cheat("the six digits stay when another path was looked for", async () => {
  await one.call(two, { text: true });
  const digits = await one.digits();
  await until("there is room for media", () => middle.count("down", "answer") === 2);
  const offers = middle.count("down", "offer");
  await two.tab.evaluate(() => connections.at(-1).restartIce());
  await until("the path was offered and taken", () => middle.count("down", "answer") === 3);
  assert.equal(middle.count("down", "offer"), offers + 1);
  await one.talksTo(two, "on another path");
  assert.deepEqual(await Promise.all([one.digits(), two.digits()]), [digits, digits]);
});

cheat("swapped fingerprints connect nobody, and the call says so", async () => {
  const other = Array(32).fill("AB").join(":");
  const swap = ({ type, sdp }) => ({
    type,
    sdp: sdp.replace(/(a=fingerprint:sha-256) \S+/g, `$1 ${other}`),
  });
  middle.change = (message, direction) => {
    const body = message[message.type];
    const swaps = direction === "down" && body?.sdp;
    return [swaps ? { ...message, [message.type]: swap(body) } : message];
  };
  await ringAndAnswer();
  await Promise.race([one, two].map((user) => isOver(user, /could not prove to be the user[12] .* as if the fingerprints differed/)));
});

// The whole attack: a third page takes the call of the one and calls the other, so that both are
// connected, and everything passes through it.
function between(what, manner, run) {
  cheat(what, async () => {
    const third = await Tab.open(browser, `${server.origin}/demo/tutorial/`);
    await third.evaluate(intercept, manner);
    middle.change = async (message, direction) => {
      if (direction === "up" || !["offer", "answer", "candidate"].includes(message.type)) {
        return [message];
      }
      const body = await third.evaluate(
        (type, to, body) => globalThis.intercepted(type, to, body),
        message.type,
        message.from === one.name ? "two" : "one",
        message[message.type],
      );
      return body ? [{ ...message, [message.type]: body }] : [];
    };
    await one.press(two, "#chat-button");
    await two.tab.reads("#incoming", one.name);
    await two.tab.click("#answer-text");
    await run();
    middle.change = handOn;
    await middle.queue; // candidates may be on their way still
    await third.close();
  });
}

between("the six digits differ if somebody is between them", "honest", async () => {
  const digits = await Promise.all([one.digits(), two.digits()]);
  assert.notEqual(digits[0], digits[1]);
});

between("whoever reveals what he has not committed to ends the call", "flip", async () => {
  await isOver(two, /six digits were not agreed on as they have to be, as if somebody sat between you/);
});

between("there are no six digits with whoever does not agree on any", "silent", async () => {
  await Promise.all([one.connected(two), two.connected(one)]);
  for (const { tab } of [one, two]) {
    await tab.reads("#six-digits-help", /Six digits to compare have not been agreed on yet/);
    assert.equal(await tab.text("#six-digits"), "");
  }
});
