// What people come to the window for, clicked through.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { randomUUID } from "node:crypto";
import { Browser } from "../browser.mjs";
import { sound } from "../checks.mjs";
import { Store, cairn, endAll } from "../programs.mjs";

let browser, server, store;

before(async () => {
  browser = await Browser.start();
  server = await cairn("--insecure");
  store = new Store(server.where);
});

after(async () => {
  await browser?.stop();
  await endAll();
});

// at is a test that begins on a page and ends without complaints.
function at(path, name, act) {
  test(name, async () => {
    const visit = await browser.visit();
    await visit.goto(server.where + path);
    await act(visit.page, visit);
    await visit.close();
  });
}

// rows are the events that a page lists.
const rows = (page) => page.locator("main table[hx-ext] tbody tr");
const enter = (page, label) => page.getByLabel(label, { exact: true });

test("a stream: found, opened, and followed while one looks", async () => {
  await store.append("parcel-1", { type: "parcel.packed", data: { n: 1 } });
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/`);
  await page.getByRole("link", { name: "Streams", exact: true }).first().click();
  await enter(page, "Name begins with").fill("parcel");
  await page.getByRole("button", { name: "Search" }).click();
  const following = page.waitForResponse((r) => r.url().includes("/live"));
  await page.getByRole("link", { name: "parcel-1" }).click();
  await rows(page).nth(0).waitFor();
  await following;
  await store.append("parcel-1", { type: "parcel.sent", data: { n: 2 } });
  await page.locator("tr.fresh", { hasText: "parcel.sent" }).waitFor();
  assert.equal(await rows(page).count(), 2);
  assert.match(await rows(page).first().innerText(), /parcel\.sent/); // the newest is first
  await sound(visit);
  await visit.close();
});

test("a page that follows for long keeps what is new", async () => {
  await store.append("long-1", { type: "long.first", data: {} });
  const visit = await browser.visit();
  const { page } = visit;
  const following = page.waitForResponse((r) => r.url().includes("/live"));
  await visit.goto(`${server.where}/ui/streams/long-1`);
  await following;
  const events = Array.from({ length: 520 }, (_, n) => ({ id: randomUUID(), stream: "long-1", type: `long.${n}`, data: {} }));
  await store.import(...events);
  await rows(page).first().filter({ hasText: "long.519" }).waitFor();
  assert.equal(await rows(page).count(), 500);
  assert.match(await rows(page).last().innerText(), /long\.20\b/);
  await visit.close();
});

test("a stream as it was at a moment", async () => {
  const event = (n, created) => ({ id: randomUUID(), stream: "moment-1", type: `moment.${n}`, data: {}, created });
  await store.import(event("first", "2026-05-01T10:00:00Z"), event("second", "2026-05-01T10:00:01Z"));
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/streams/moment-1`);
  await enter(page, "As it was at (UTC)").fill("2026-05-01T10:00:00.500");
  await page.getByRole("button", { name: "Go there" }).click();
  await page.getByText("moment.first").waitFor();
  assert.equal(await page.getByText("moment.second").count(), 0);
  await page.getByRole("link", { name: "To the end" }).click();
  await page.getByText("moment.second").waitFor();
  await visit.close();
});

test("append by a form; what is no JSON is refused, as is who is late", async () => {
  await store.append("note-1", { type: "note.made", data: {} });
  const visit = await browser.visit();
  const { page } = visit;
  const append = async (type, data) => {
    await page.getByText("Append an event").click();
    await enter(page, "Type").fill(type);
    await page.getByLabel(/^Data, as JSON/).fill(data);
    await page.getByRole("button", { name: "Append" }).click();
  };
  await visit.goto(`${server.where}/ui/streams/note-1`);
  await append("note.changed", '{"text":"from a form"}');
  await page.getByRole("status").getByText("Appended at revision 1").waitFor();
  assert.equal((await store.events("type=note.changed")).length, 1);
  await append("note.changed", "{");
  await page.getByText("is not JSON").waitFor();
  await visit.goto(`${server.where}/ui/streams/note-1`);
  await store.append("note-1", { type: "note.archived", data: {} });
  await append("note.changed", "{}");
  await page.getByText("Somebody was faster").waitFor();
  assert.equal((await store.events("type=note.changed")).length, 1);
  visit.forgive(/status of 400|status of 409/);
  await visit.close();
});

test("truncate and delete ask once", async () => {
  for (let n = 0; n < 3; n++) await store.append("old-1", { type: "old.thing", data: { n } });
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/streams/old-1`);
  await page.getByText("Truncate", { exact: true }).click();
  await enter(page, "Read no events before revision").fill("2");
  await page.getByRole("button", { name: "Truncate…" }).click();
  await page.getByText("before revision 2 are read no more").waitFor();
  await page.getByRole("link", { name: "Leave it" }).click();
  assert.equal(await rows(page).count(), 3);
  await page.getByText("Truncate", { exact: true }).click();
  await enter(page, "Read no events before revision").fill("2");
  await page.getByRole("button", { name: "Truncate…" }).click();
  await page.getByRole("button", { name: "Truncate it" }).click();
  await page.getByRole("status").getByText("before revision 2 are read no more").waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByRole("link", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByText("The stream old-1 is deleted.").waitFor();
  await visit.close();
});

test("a search has an address to share, follows, and is exported", async () => {
  const wanted = { type: "fruit.eaten", data: { by: { name: "ann" } }, tags: ["fruit:a b+c"] };
  await store.append("fruit-1", wanted);
  await store.append("fruit-2", { ...wanted, data: { by: { name: "bob" } }, tags: [] });
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/explore`);
  await enter(page, "Type").fill("fruit.eaten");
  await enter(page, "Field of the data").fill("by.name");
  await enter(page, "is").fill("ann");
  await enter(page, "Tag").fill("fruit:a b+c");
  const following = page.waitForResponse((r) => r.url().includes("/live"));
  await page.getByRole("button", { name: "Search" }).click();
  await following;
  assert.equal(await rows(page).count(), 1);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export what matches" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((e) => e.data), [wanted.data]);
  await store.append("fruit-2", { type: "fruit.grown", data: wanted.data, tags: wanted.tags });
  await store.append("fruit-3", wanted);
  await page.locator("tr.fresh", { hasText: "fruit-3" }).waitFor();
  assert.equal(await page.getByText("fruit.grown").count(), 0);
  const other = await browser.visit();
  await other.goto(page.url());
  assert.equal(await rows(other.page).count(), 2);
  assert.equal(await enter(other.page, "Tag").inputValue(), "fruit:a b+c");
  await other.close();
  await visit.close();
});

test("what a group has parked is replayed, or given up", async () => {
  for (const n of [1, 2]) await store.append(`letter-${n}`, { type: "letter.written", data: {} });
  for (let n = 0; n < 2; n++) await store.park("mailer", "no address", [{ types: ["letter.written"] }]);
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/`);
  await page.getByRole("link", { name: "mailer" }).first().click();
  const parked = page.locator("tr", { hasText: "no address" });
  assert.equal(await parked.count(), 2);
  await sound(visit);
  await parked.filter({ hasText: "letter-1" }).getByRole("button", { name: "Replay" }).click();
  await page.getByRole("status").waitFor();
  await parked.filter({ hasText: "letter-2" }).getByRole("button", { name: "Give up…" }).click();
  await page.getByRole("heading", { name: /Give up/ }).waitFor();
  await page.locator("button.danger").click();
  await page.getByRole("status").waitFor();
  assert.equal(await parked.filter({ hasText: "letter-2" }).count(), 0);
  await visit.close();
});

test("from an event to what it has led to", async () => {
  const first = randomUUID();
  const metadata = (cause) => ({ $correlationId: "talk-1", ...(cause && { $causationId: cause }) });
  await store.append("ask-1", { id: first, type: "ask.made", data: {}, metadata: metadata() });
  await store.append("answer-1", { type: "answer.given", data: {}, metadata: metadata(first) });
  const [asked] = await store.events("type=ask.made");
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/events/${asked.position}`);
  await sound(visit);
  await page.locator("svg.graph a", { hasText: "answer.given" }).first().click();
  await page.getByRole("heading", { name: "answer.given" }).waitFor();
  assert.match(await page.locator("svg.graph a[aria-current]").textContent(), /answer\.given/);
  await visit.close();
});

at("/ui/", "a theme that is chosen stays", async (page) => {
  const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).color].join());
  const before = await theme();
  await page.getByRole("button", { name: "Change between light and dark" }).click();
  const chosen = await theme();
  assert.match(chosen, /^dark/);
  assert.notEqual(chosen, before);
  await page.getByRole("link", { name: "Explore" }).click();
  assert.equal(await theme(), chosen);
  await page.reload();
  assert.equal(await theme(), chosen);
});

at("/ui/", "from the keyboard one skips to the content", async (page) => {
  await page.keyboard.press("Tab");
  await page.getByRole("link", { name: "Skip to content" }).waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});
