// Camera, microphone and screen at the demo page: what it does with them, and what it says for each
// way in which a browser can refuse them.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { request } from "node:https";
import { once } from "node:events";
import { after, before, test } from "node:test";

import { Tab, launch, until } from "./browsers.mjs";
import { User, visit } from "./demo_user.mjs";
import { startDemo } from "./heliograph.mjs";
import { connectionNow, dropTimers, failMedia, shareColor, videoNow } from "./in_page.mjs";
import { startMiddle } from "./middle.mjs";

const name = process.env.BROWSER ?? "chromium";

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

// Milliseconds that the page waits for an answer to the browser's question before it calls without.
const kUnanswered = 4000;

const now = (user) => user.tab.evaluate(connectionNow);

// Waits until so many more packets of the other side's voice have come, and says how loud they were.
async function listen(user, packets = 25) {
  const first = await now(user);
  const last = await until("packets of voice", async () => {
    const next = await now(user);
    return next.packets >= first.packets + packets && next;
  });
  return last.loudness - first.loudness;
}

const failures = [
  ["NotAllowedError", "video audio", /does not let this page use your camera and your microphone/],
  ["NotFoundError", "video audio", /There is no camera or microphone: connect one/],
  ["NotReadableError", "video audio", /camera or microphone cannot be read, maybe because another/],
  ["OverconstrainedError", "video audio", /camera or microphone cannot do what this page asks/],
  ["AbortError", "video audio", /camera or microphone cannot be used \(AbortError\)/],
  ["NotAllowedError", "video", /Only your voice is sent.*does not let this page use your camera:/],
  ["NotFoundError", "video", /Only your voice is sent.*There is no camera: connect one/],
  ["NotReadableError", "video", /Only your voice is sent.*The camera cannot be read/],
  ["OverconstrainedError", "video", /Only your voice is sent.*The camera cannot do what this page/],
  [undefined, "video audio", /The browser waits for you to say whether this page may use/],
];

test("each way to have no camera or microphone has its sentence, and Retry mends it", visit(async (t) => {
  const one = await User.at(server.origin, browser, "user1", { before: [[failMedia]] });
  const two = await User.at(server.origin, browser, "user2");
  const fail = (name, kinds) =>
    one.tab.evaluate(
      (failure) => void (globalThis.mediaFailure = failure),
      kinds && { name, kinds: kinds.split(" ") },
    );

  for (const [name, kinds, sentence] of failures) {
    await t.test(`${name ?? "an unanswered prompt"} of ${kinds}`, async () => {
      await fail(name, kinds);
      await one.press(two);
      await one.tab.reads("#media-text", sentence);
      await one.hangUp();
      await until("nothing rings", async () => !(await two.tab.isVisible("#incoming")));
    });
  }

  await t.test("who has neither still sees, hears and writes", async () => {
    await fail("NotFoundError", "video audio");
    await one.call(two);
    await one.sees();
    await one.talksTo(two, "silent");
  });

  await t.test("Retry adds the microphone, and then the camera", async () => {
    await fail("NotFoundError", "video");
    await one.tab.click("#media-retry");
    await one.tab.reads("#media-text", /Only your voice is sent/);
    await until("a voice", async () => (await listen(two)) > 0);
    await fail();
    await one.tab.click("#media-retry");
    await two.sees();
    assert.equal(await one.tab.isVisible("#media-text"), false);
  });
}));

test("who signs out while the browser asks for the camera is in no call", visit(async () => {
  const before = [[failMedia], [dropTimers, kUnanswered]];
  const one = await User.at(server.origin, browser, "user1", { before });
  const two = await User.at(server.origin, browser, "user2");
  await one.tab.evaluate(() => {
    globalThis.mediaFailure = { kinds: ["audio", "video"] };
  });
  await one.press(two);
  await one.tab.reads("#call-state", /Asking for camera/);
  await one.signOut();
  await one.tab.evaluate(() => globalThis.allow());
  await until("camera and microphone are off", () =>
    one.tab.evaluate(() => allowed.getTracks().every(({ readyState }) => readyState === "ended")),
  );
  await one.tab.evaluate(() => delete globalThis.mediaFailure);
  await one.logIn("user1");
  await one.call(two);
  await Promise.all([one.sees(), two.sees()]);
}));

test("a call that the browser cannot make has failed", visit(async () => {
  const one = await User.at(server.origin, browser, "user1", {
    before: [[() => {
      globalThis.RTCPeerConnection = function () {
        throw new DOMException("provoked", "UnknownError");
      };
    }]],
  });
  const two = await User.at(server.origin, browser, "user2");
  for (const button of ["#call-button", "#chat-button"]) {
    await one.press(two, button);
    await one.tab.reads("#last-call-text", /The call with user2 has failed/);
  }
}));

test("microphone, camera and screen in a call", visit(async (t) => {
  const red = "rgb(220, 20, 60)";
  const one = await User.at(server.origin, browser, "user1", { before: [[shareColor, red]] });
  const two = await User.at(server.origin, browser, "user2");
  await one.call(two);
  await Promise.all([one.sees(), two.sees()]);

  const isPressed = (button, expected) =>
    until(`${button} is ${expected ? "" : "not "}pressed`, async () => {
      const pressed = await one.tab.evaluate((id) => document.querySelector(id).ariaPressed, button);
      return pressed === `${expected}`;
    });

  await t.test("Mute makes silence, and takes it back", async () => {
    await until("a voice", async () => (await listen(two)) > 0);
    await one.tab.click("#mute");
    await isPressed("#mute", true);
    await until("silence", async () => (await listen(two)) < 1e-6);
    await one.tab.click("#mute");
    await isPressed("#mute", false);
    await until("a voice", async () => (await listen(two)) > 1e-6);
  });

  await t.test("Camera off ends the picture, and takes it back", async () => {
    await one.tab.click("#camera");
    await isPressed("#camera", true);
    await until("no picture", async () => {
      const stage = await two.tab.evaluate(() => document.querySelector("#stage").dataset.remote);
      return stage !== "video";
    });
    await one.tab.click("#camera");
    await isPressed("#camera", false);
    await two.sees();
  });

  await t.test("Share screen shows the screen, and then the camera again", async () => {
    const isRed = async () => {
      const { middle = [] } = await two.tab.evaluate(videoNow, "#remote-video");
      return middle[0] > 170 && middle[1] < 90 && middle[2] < 120;
    };
    await one.tab.click("#screen");
    await until("the screen is there", isRed);
    await isPressed("#screen", true);
    await one.tab.click("#screen");
    await until("the screen is gone", async () => !(await isRed()));
    await two.sees();
  });
}));

// Each call is negotiated twice, for there to be room. Then nothing is, so nothing of it can collide.
test("both turn on a first camera at once, and both are seen", visit(async () => {
  const middle = await startMiddle(server);
  try {
    const one = await User.at(middle.origin, browser, "user1");
    const two = await User.at(middle.origin, browser, "user2");
    for (const [caller, called] of [[one, two], [two, one]]) {
      await caller.call(called, { text: true });
      const negotiated = caller === one ? 2 : 4;
      await until("there is room", () => middle.count("down", "answer") === negotiated);
      middle.hold();
      await Promise.all([one, two].map(({ tab }) => tab.click("#camera")));
      await Promise.all([one.sees(), two.sees()]);
      middle.release();
      await caller.hangUp();
      await called.tab.reads("#last-call-text", `${caller.name} has hung up`);
    }
    assert.equal(middle.count("up", "offer"), 4);
  } finally {
    middle.stop();
  }
}));

// The page by HTTP, as a proxy without TLS in front of it might serve it.
test("a page that did not come by HTTPS says so before anything is tried", async () => {
  const plain = createServer(({ url, method, headers }, answer) => {
    request(server.origin + url, { method, headers, rejectUnauthorized: false }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    }).end();
  });
  plain.listen(0, "127.0.0.1");
  await once(plain, "listening");
  try {
    const tab = await Tab.open(browser, `http://insecure.test:${plain.address().port}/demo/`);
    await tab.reads("#insecure", /HTTPS/);
  } finally {
    plain.closeAllConnections();
    plain.close();
  }
});
