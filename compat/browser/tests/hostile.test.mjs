// What is in events is data, whatever it looks like.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { fits, accessible } from "../checks.mjs";
import { Store, cairn, endAll } from "../programs.mjs";

const evil = `"'><script>globalThis.ran=1;alert(1)</script><img src=x onerror="globalThis.ran=1"><svg onload=alert(2)>`;
const deep = 10_000;
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

const datas = {
  "a script": { data: { [evil]: evil, "</pre><script>": "</script>" } },
  "text": { data_base64: base64(evil), format: "binary" },
  "what htmx would do": { data: { a: `<div hx-get="/ui/" hx-trigger="load" hx-on::load="globalThis.ran=1"></div>` } },
  "huge JSON": { data: { a: "<b>".repeat(1 << 20) } },
  "bytes": { data_base64: base64([0, 1, 2, 255, 254, 60, 115, 62]), format: "binary" },
  "broken UTF-8": { data_base64: base64([...Buffer.from('{"a":"'), 0xc3, 0x28, ...Buffer.from('<b>"}')]), format: "binary" },
  "10,000 levels": { data_base64: base64("[".repeat(deep) + "]".repeat(deep)), format: "binary" },
  "10,000 objects": { data_base64: base64('{"a":'.repeat(deep) + "1" + "}".repeat(deep)), format: "binary" },
};
const streams = ["<script>globalThis.ran=1</script>", evil.slice(0, 100), "../x", "a/b", "%2e%2e%2f", "x".repeat(1000), "\u202etxt.exe", "a b?c=d#e"];

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

// harmless wants a page to be there and nothing of an event to have run.
async function harmless(visit) {
  assert.equal(await visit.page.evaluate(() => globalThis.ran), undefined, "a script ran");
  const foreign = await visit.page.evaluate(() => [...document.querySelectorAll("script:not([src^='/ui/assets/']), img:not([src^='/ui/assets/']), main [hx-trigger=load]")].map((e) => e.outerHTML));
  assert.deepEqual(foreign, []);
  await visit.page.locator("footer").waitFor();
  visit.content();
}

for (const [name, content] of Object.entries(datas)) {
  test(`data: ${name}`, async () => {
    await store.append("first-1", { type: "harmless", data: {} });
    const visit = await browser.visit();
    for (const path of ["/ui/explore", "/ui/streams/first-1"]) { // it comes while one looks
      const following = visit.page.waitForResponse((r) => r.url().includes("/live"));
      await visit.goto(server.where + path);
      await following;
      const kind = `<b>${name}</b>`;
      await store.append("first-1", { type: kind, tags: [evil.slice(0, 200)], ...content });
      await visit.page.locator("tr.fresh", { hasText: kind }).first().waitFor();
      await harmless(visit);
    }
    const [{ position }] = await store.events();
    for (const path of [`/ui/events/${position}`, "/ui/", "/ui/streams/first-1"]) {
      await visit.goto(server.where + path);
      await harmless(visit);
      await fits(visit.page);
    }
    await visit.close();
  });
}

test("names of streams", async () => {
  for (const stream of streams) await store.append(stream, { type: "named", data: {} });
  const visit = await browser.visit();
  for (const stream of streams) {
    await visit.goto(`${server.where}/ui/streams`);
    await harmless(visit);
    await visit.page.getByRole("link", { name: stream, exact: true }).first().click();
    await visit.page.getByText("Newest first").waitFor();
    assert.equal(await visit.page.locator("h1").first().textContent(), stream);
    await harmless(visit);
    await fits(visit.page);
    await accessible(visit.page);
    await visit.page.locator("tbody a").first().click();
    await visit.page.getByText("Around it in the log").waitFor();
    await harmless(visit);
    await fits(visit.page);
  }
  await visit.close();
});
