// Takes the pictures of the documentation: docs/images. What is on them differs
// from one time to the next, as customers come and go.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./browser.mjs";
import { Shop, Store, endAll, until } from "./programs.mjs";

const images = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "images");

// Each picture: its name, where it is taken, and how.
const pictures = (shop, found) => [
  ["overview", `${shop.where}/ui/`, {}],
  ["overview-dark", `${shop.where}/ui/`, { colorScheme: "dark" }],
  ["map", `${shop.where}/ui/map`, {}],
  ["event", `${shop.where}/ui/events/${found.event.position}`, {}],
  ["event-dark", `${shop.where}/ui/events/${found.event.position}`, { colorScheme: "dark" }],
  ["explore", `${shop.where}/ui/explore?correlation=${found.order}`, {}],
  ["operations", `${shop.where}/ui/operations`, {}],
  ["shop", `${shop.front}/`, {}],
  ["shop-order", `${shop.front}/orders/${found.order}`, {}],
];

// find waits until there is something to be seen: minutes of the charts, and an
// order that went all the way.
async function find(store) {
  await until("many orders are allocated", async () => (await store.events("type=OrderAllocated")).length >= 100);
  const [event] = await store.events("type=OrderAllocated");
  return { event, order: event.metadata.$correlationId };
}

const browser = await Browser.start();
try {
  mkdirSync(images, { recursive: true });
  const shop = await Shop.open({ shoppers: 4 });
  const found = await find(new Store(shop.where));
  for (const [name, url, options] of pictures(shop, found)) {
    const visit = await browser.visit({ viewport: { width: 1280, height: 800 }, ...options });
    await visit.goto(url);
    await visit.page.evaluate(() => document.fonts.ready);
    await visit.page.screenshot({ path: join(images, `${name}.png`) });
    await visit.close();
    console.log(name);
  }
} finally {
  await browser.stop();
  await endAll();
}
