// A user at the demo page: what people do there, and what they see.
import assert from "node:assert/strict";

import { Tab, until } from "./browsers.mjs";
import { connectionNow, keepConnections, videoNow } from "./in_page.mjs";

// Whoever has the page open.
const everybody = new Set();

// A test whose users leave when it is over. What their pages have complained of fails it, unless it
// was expected.
export function visit(run, expected = /^$/) {
  return async (t) => {
    try {
      await run(t);
      const complaints = [...everybody].flatMap(({ tab }) => tab.problems);
      assert.deepEqual(complaints.filter((complaint) => !expected.test(complaint)), []);
    } finally {
      for (const user of everybody) await user.leave();
    }
  };
}

export class User {
  // Opens the page, and logs in. `options` are those of Tab.open; `query` goes to the page.
  static async at(origin, browser, name, { query = "", ...options } = {}) {
    const user = await User.outside(origin, browser, { query, ...options });
    await user.logIn(name);
    return user;
  }

  static async outside(origin, browser, { query = "", before = [], ...options } = {}) {
    const user = new User();
    user.tab = await Tab.open(browser, `${origin}/demo/${query}`, {
      before: [[keepConnections], ...before],
      ...options,
    });
    everybody.add(user);
    return user;
  }

  async logIn(name, password = name.replace("user", "password")) {
    this.name = name;
    await this.tab.fill("#login-name", name);
    await this.tab.fill("#login-password", password);
    await this.tab.click("#login-button");
    await until(`${name} is logged in`, async () => {
      if (await this.tab.isVisible("#own-name")) return true;
      // The server may not know yet that the one before, of the same name, is gone.
      if (await this.tab.text("#login-error")) await this.tab.click("#login-button");
    });
    assert.equal(await this.tab.text("#own-name"), name);
  }

  async protect(passphrase) {
    await this.tab.fill("#passphrase", passphrase);
  }

  async press(other, button = "#call-button") {
    await this.tab.fill("#call-name", other.name);
    await this.tab.click(button);
  }

  // Calls, and is answered.
  async call(other, { text = false } = {}) {
    await this.press(other, text ? "#chat-button" : "#call-button");
    await other.tab.reads("#incoming", this.name);
    await other.tab.click(text ? "#answer-text" : "#answer");
    await Promise.all([this.connected(other), other.connected(this)]);
  }

  connected(other) {
    return until(`${this.name} is connected to ${other.name}`, async () => {
      const { state } = await this.tab.evaluate(connectionNow);
      return state === "connected" && (await this.tab.text("#call-title")).includes(other.name);
    });
  }

  async signOut() {
    await this.tab.click("#sign-out");
    await until(`${this.name} is signed out`, () => this.tab.isVisible("#login-button"));
  }

  async hangUp() {
    await this.tab.click("#hang-up");
    await this.tab.reads("#last-call-text", /You have hung up/);
  }

  async say(text) {
    await until("the message can be sent", () =>
      this.tab.evaluate(() => !document.querySelector("#send").disabled),
    );
    await this.tab.fill("#message", text);
    await this.tab.click("#send");
  }

  hears(text) {
    return this.tab.reads("#messages", text);
  }

  // Both hear what the other says.
  async talksTo(other, text) {
    await this.say(`${text} 1`);
    await other.hears(`${text} 1`);
    await other.say(`${text} 2`);
    await this.hears(`${text} 2`);
  }

  // The six digits to compare.
  digits() {
    return until("six digits", async () => {
      const digits = (await this.tab.text("#six-digits")).replaceAll(/\s/g, "");
      return /^\d{6}$/.test(digits) && digits;
    });
  }

  // Waits until the video of the other side moves: frames are decoded, and pixels change. What is
  // counted begins anew when the stream does, so only neighbouring looks are compared.
  async sees(selector = "#remote-video") {
    let last = {};
    await until(`${this.name} sees another picture`, async () => {
      const { frames } = await this.tab.evaluate(connectionNow);
      const { sum } = await this.tab.evaluate(videoNow, selector);
      const moves = frames > last.frames && sum !== undefined && sum !== last.sum;
      last = { frames, sum };
      return moves;
    });
  }

  leave() {
    everybody.delete(this);
    return this.tab.close();
  }
}
