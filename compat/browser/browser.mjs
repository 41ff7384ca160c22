// A browser whose pages remember what went wrong in them.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const settings = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

// patience is how long a page may take to show something.
const patience = 20_000;

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.chromium = await chromium.launch(settings);
    return browser;
  }

  // visit opens a page of a visitor of its own: no cookie is shared.
  async visit(options = {}) {
    const context = await this.chromium.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ignoreHTTPSErrors: true, ...options });
    context.setDefaultTimeout(patience);
    return new Visit(await context.newPage());
  }

  stop() {
    return this.chromium.close();
  }
}

// A Visit is a page and what was complained of in it: by the console, which tells
// of scripts and of what the policy forbids, by requests that failed, and by
// dialogs, which no page of ours opens.
export class Visit {
  complaints = [];
  sizes = new Map(); // of what was loaded, by address
  #loading = [];

  constructor(page) {
    this.page = page;
    page.on("console", (m) => ["error", "warning"].includes(m.type()) && this.#complain(`console: ${m.text()} (${m.location().url})`));
    page.on("pageerror", (error) => this.#complain(`script: ${error}`));
    page.on("dialog", (dialog) => {
      this.#complain(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {}); // the page may be gone
    });
    page.on("requestfailed", (r) => this.#failed(r));
    page.on("response", (r) => this.#answered(r));
  }

  #complain(text) {
    this.complaints.push(text);
  }

  // A page that is left cuts off what it follows and what it was still loading.
  #failed(request) {
    const { errorText } = request.failure();
    if (errorText !== "net::ERR_ABORTED") this.#complain(`request: ${errorText} ${request.url()}`);
  }

  #answered(response) {
    const type = response.headers()["content-type"] ?? "";
    if (/^text\/event-stream|^application\/(octet-stream|x-ndjson)/.test(type) || response.status() >= 300) return;
    const sized = response.body().then((b) => this.sizes.set(response.url(), b.length), () => {}); // it was left
    this.#loading.push(sized);
  }

  async goto(url) {
    this.sizes.clear();
    const answer = await this.page.goto(url, { waitUntil: "load" });
    await Promise.all(this.#loading.splice(0));
    return answer;
  }

  // forgive forgets complaints that were to come.
  forgive(pattern) {
    this.complaints = this.complaints.filter((text) => !pattern.test(text));
  }

  // content wants nobody to have complained, and forgets it if somebody has.
  content() {
    const all = this.complaints;
    this.complaints = [];
    assert.deepEqual(all, [], `complaints at ${this.page.url()}`);
  }

  async close() {
    await this.page.context().close();
    this.content();
  }
}
