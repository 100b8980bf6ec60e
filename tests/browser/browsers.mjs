// The browsers of the distribution, driven by one interface: Chromium by its DevTools protocol,
// Firefox by WebDriver BiDi. Cameras and microphones are fakes, and ICE works on one machine alone.
import puppeteer from "puppeteer-core";

// Milliseconds until something that is waited for counts as never coming.
export const kPatience = 45_000;

const kChromium = {
  browser: "chrome",
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--host-resolver-rules=MAP insecure.test 127.0.0.1",
  ],
};

const kFirefox = {
  browser: "firefox",
  executablePath: process.env.FIREFOX || "/usr/bin/firefox-esr",
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.peerconnection.ice.loopback": true,
    "media.peerconnection.ice.obfuscate_host_addresses": false,
    "network.dns.localDomains": "insecure.test",
  },
};

const kBrowsers = { chromium: kChromium, firefox: kFirefox };

export function launch(name) {
  return puppeteer.launch({ ...kBrowsers[name], headless: true, acceptInsecureCerts: true });
}

// Polls, so that nothing of it runs in the page, whose policy forbids scripts of others.
export async function until(what, condition, timeout = kPatience) {
  const end = performance.now() + timeout;
  for (;;) {
    const outcome = await condition();
    if (outcome) return outcome;
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// One page in a context of its own: two tabs are two users, not two pages of one.
export class Tab {
  // What went wrong on the page: exceptions, and errors on its console.
  problems = [];
  // The origins that the page asked for something.
  asked = new Set();

  // `before` are functions with their arguments, run in the page ahead of its own scripts.
  static async open(browser, url, { before = [], viewport, colorScheme } = {}) {
    const tab = new Tab();
    tab.context = await browser.createBrowserContext();
    // Windows, since a tab behind another one is not painted.
    tab.page = await tab.context.newPage({ type: "window" });
    tab.page.on("pageerror", (error) => tab.problems.push(String(error)));
    tab.page.on("console", (message) => {
      if (message.type() === "error") tab.problems.push(message.text());
    });
    tab.page.on("request", (request) => tab.asked.add(new URL(request.url()).origin));
    await tab.look({ viewport, colorScheme });
    for (const [run, ...args] of before) await tab.page.evaluateOnNewDocument(run, ...args);
    await tab.page.goto(url);
    return tab;
  }

  async look({ viewport, colorScheme }) {
    if (viewport) await this.page.setViewport(viewport);
    if (colorScheme) {
      await this.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: colorScheme }]);
    }
  }

  evaluate(run, ...args) {
    return this.page.evaluate(run, ...args);
  }

  fill(selector, text) {
    return this.page.locator(selector).fill(text);
  }

  click(selector) {
    return this.page.locator(selector).click();
  }

  text(selector) {
    return this.page.$eval(selector, (element) => element.textContent);
  }

  isVisible(selector) {
    return this.page.$eval(selector, (element) => element.checkVisibility());
  }

  // Waits until an element that can be seen has this text in it.
  reads(selector, expected) {
    const shown = (selector) =>
      [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility())
        .map((element) => element.textContent.trim());
    let texts = [];
    return until(`${selector} reads ${expected}`, async () => {
      texts = await this.evaluate(shown, selector);
      return texts.some((text) =>
        expected instanceof RegExp ? expected.test(text) : text.includes(expected),
      );
    }).catch((error) => {
      throw new Error(`${error.message}, but ${JSON.stringify(texts)}`);
    });
  }

  close() {
    return this.context.close();
  }
}
