// Every page of the window, on a shop that has been busy, and on an empty store.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { sound } from "../checks.mjs";
import { around } from "../pages.mjs";
import { Shop, Store, cairn, endAll, until } from "../programs.mjs";

let browser, shop, empty;

before(async () => {
  browser = await Browser.start();
  empty = await cairn("--insecure");
  shop = await busyShop();
});

after(async () => {
  await browser?.stop();
  await endAll();
});

// busyShop has customers until some orders are through, and is then opened again
// without any, as what moves cannot be gone through.
async function busyShop() {
  const busy = await Shop.open({ shoppers: 6 });
  const store = new Store(busy.where);
  await until("some orders are allocated", async () => (await store.events("type=OrderAllocated")).length >= 5);
  await busy.stop();
  return Shop.open({ dir: busy.dir });
}

// look opens pages one after the other.
async function look(t, where, paths) {
  for (const path of paths) {
    await t.test(path.slice(0, 120), async () => {
      const visit = await browser.visit();
      await visit.goto(where + path);
      await sound(visit);
      await visit.close();
    });
  }
}

test("a shop's window", async (t) => {
  const paths = await around(shop.where);
  const [order] = await new Store(shop.where).events("type=OrderAllocated");
  paths.push(`/ui/events/${order.position}`, "/ui/streams?prefix=none", "/ui/explore?type=none", `/ui/streams/${order.stream}/truncate?before=1`);
  for (const kind of ["/ui/streams/", "/ui/events/", "/ui/groups/", "/ui/projections/"]) {
    assert.ok(paths.some((path) => path.startsWith(kind)), `no page of ${kind} among ${paths}`);
  }
  await look(t, shop.where, paths);
});

test("an empty store's window", async (t) => look(t, empty.where, await around(empty.where)));

for (const [path, status, says] of [
  ["/ui/nothing", 404, "There is no page at /ui/nothing."],
  ["/ui/events/999999999", 404, "There is no event at position"],
  ["/ui/explore?before=x", 400, "before"],
  ["/ui/streams/none", 404, "Nothing was ever written"],
]) {
  test(`${path} says what is wrong`, async () => {
    const visit = await browser.visit();
    const answer = await visit.goto(shop.where + path);
    assert.equal(answer.status(), status);
    assert.match(await visit.page.innerText("main"), new RegExp(says));
    visit.forgive(/Failed to load resource/);
    visit.sizes.set(path, (await answer.body()).length);
    await sound(visit);
    await visit.close();
  });
}
