// A server that is killed, and comes back.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { Store, cairn, endAll, temporary } from "../programs.mjs";

let browser;

before(async () => {
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await endAll();
});

for (const [path, missed] of [["/ui/streams/trip-1", 1], ["/ui/explore?category=trip", 1]]) {
  test(`${path} says that the connection is lost, and goes on`, async () => {
    const args = ["--insecure", "--store", join(temporary(), "store")];
    const server = await cairn(...args);
    let store = new Store(server.where);
    const kept = [{ type: "trip.begun", data: {} }, { type: "trip.went-on", data: {} }];
    for (const event of kept) await store.append("trip-1", event);
    const visit = await browser.visit();
    const { page } = visit;
    const lost = page.getByText("The connection to the server is lost.");
    const following = page.waitForResponse((r) => r.url().includes("/live"));
    await visit.goto(server.where + path);
    await following;
    await store.append("trip-1", { type: "trip.seen", data: {} });
    await page.locator("tr", { hasText: "trip.seen" }).waitFor();
    assert.equal(await lost.isVisible(), false);

    await server.kill();
    await lost.waitFor();
    await cairn(...args, "--listen", server.address);
    store = new Store(server.where);
    await store.append("trip-1", { type: "trip.missed", data: {} }); // before the page is back
    await lost.waitFor({ state: "hidden" });
    await store.append("trip-1", { type: "trip.ended", data: {} });
    await page.locator("tr", { hasText: "trip.ended" }).waitFor();
    await page.locator("tr", { hasText: "trip.missed" }).waitFor();
    const types = await page.locator("main tbody tr code:first-child").allInnerTexts();
    const all = ["trip.ended", "trip.missed", "trip.seen", "trip.went-on", "trip.begun"];
    assert.deepEqual(types.filter((text) => text.startsWith("trip.")), all); // each once, in order
    visit.forgive(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|object Event/);
    await visit.close();
  });
}
