// The programs whose pages are looked at: the command's server, and the shop.
import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { Server, serve, temporary } from "../node/server.mjs";

export { certificates, temporary } from "../node/server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const command = resolve(process.env.ESHOP ?? join(here, "..", "..", "bin", "eshop"));
const patience = 60_000;

// until asks again and again, and returns the first answer that is something.
export async function until(what, ask) {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patience / 1000} s`);
    await pause(50);
  }
}

const running = new Set();

// endAll ends whatever was started and still runs. A file of tests calls it last.
export async function endAll() {
  await Promise.all([...running].filter((program) => !program.over).map((program) => program.stop()));
}

// cairn starts the command's server. Where is its address for browsers.
export async function cairn(...args) {
  const server = await serve(...args);
  running.add(server);
  server.where = `http${args.includes("--tls-cert") ? "s" : ""}://${server.address}`;
  return server;
}

// A Shop is a running "eshop run": a store with its window, and a storefront.
export class Shop extends Server {
  // open runs a shop and waits until its shelves are full. The settings are a
  // directory, how many customers come in a second, how long a slow payment takes
  // and an order waits for it, and, for one that is opened again, where it was.
  static async open({ dir, shoppers = 0, slow = "3s", wait = "30s", where = "http://127.0.0.1:0", front = "http://127.0.0.1:0" } = {}) {
    const isNew = dir === undefined;
    dir ??= temporary();
    const args = ["run", "--store", join(dir, "store"), "--shoppers", String(shoppers), "--pause", "300ms", "--slow-payment", slow, "--payment-timeout", wait];
    const host = (url) => new URL(url).host;
    const child = spawn(command, [...args, "--listen", host(where), "--shop", host(front)], { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
    const shop = new Shop(child);
    running.add(shop);
    shop.dir = dir;
    await until("the shop opens", () => shop.#isOpen());
    if (isNew) await until("there is stock", () => shop.#isStocked());
    return shop;
  }

  // What is on the shelves is counted a little later.
  async #isStocked() {
    const page = await fetch(`${this.front}/failures`);
    const text = await page.text();
    return page.ok && text.includes("In stock of") && !/not known|name="quantity"[^>]* value="0"/.test(text);
  }

  async #isOpen() {
    if (this.over) throw new Error(`the shop is shut:\n${this.output}`);
    this.where = /The window on it +(http:.*)\/ui/.exec(this.output)?.[1];
    this.front = /The shop is open +(http:.*)/.exec(this.output)?.[1];
    if (!this.where || !this.front) return false;
    const page = await fetch(`${this.front}/`).catch(() => undefined);
    return page?.ok && (await page.text()).includes("/products/");
  }
}

// A Store is what the pages are about, as its REST interface has it.
export class Store {
  constructor(where) {
    this.where = where;
  }

  async ask(method, path, body, type = "application/json") {
    const request = { method, headers: { "Content-Type": type }, body: typeof body === "object" ? JSON.stringify(body) : body };
    const answer = await fetch(`${this.where}/api/v1${path}`, request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  // append appends an event, which is a type, data and whatever else it has.
  append(stream, event) {
    return this.ask("POST", `/streams/${encodeURIComponent(stream)}`, event);
  }

  // events are the latest that a query selects, the newest first.
  async events(query = "") {
    return (await this.ask("GET", `/events?backward=true&limit=100&${query}`)).events;
  }

  // import appends events that say when they happened.
  import(...events) {
    return this.ask("POST", "/import", events.map((e) => JSON.stringify(e)).join("\n"), "application/x-ndjson");
  }

  // park has a group take its first event, and parks it.
  async park(group, reason, query) {
    const taken = await this.ask("POST", `/groups/${group}/receive`, { limit: 1, wait: "10s", group: { query, start: "beginning" } });
    const [delivery] = taken.deliveries;
    await this.ask("POST", `/groups/${group}/settle`, { settlements: [{ id: delivery.id, outcome: "park", reason }] });
    return delivery.event;
  }
}
