// What people who run a system come to the window for, clicked through while it
// works.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { accessible, sound } from "../checks.mjs";
import { become, order, set } from "../customer.mjs";
import { Shop, endAll } from "../programs.mjs";

let browser, shop;

before(async () => {
  browser = await Browser.start();
  shop = await Shop.open({ slow: "10m", wait: "5m" });
});

after(async () => {
  await browser?.stop();
  await endAll();
});

test("the map leads from what happens to the events of it", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await order(visit, shop.front);
  await become(page, "allocated");
  await visit.goto(`${shop.where}/ui/map`);
  await page.locator("a.happens", { hasText: "allocation" }).click();
  await page.getByRole("heading", { name: "Explore" }).waitFor();
  await page.locator("main td", { hasText: "AllocationMade" }).first().waitFor();
  await visit.close();
});

test("a saga that waits: found, its story read, and its timer fired now", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await set(visit, shop.front, "payment", "slow");
  const id = await order(visit, shop.front);
  await become(page, "created");
  await visit.goto(`${shop.where}/ui/sagas`);
  await page.getByRole("link", { name: "order", exact: true }).click();
  await page.getByLabel("Instance", { exact: true }).fill(id);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("heading", { name: "Story" }).waitFor(); // a whole ID leads there at once
  await page.locator(".story li li", { hasText: "sets the timer payment" }).waitFor();
  await page.getByRole("link", { name: "Timers", exact: true }).first().click();
  await page.getByRole("row").filter({ hasText: `order/payment/${id}` }).getByRole("button", { name: "Fire now…" }).click();
  await page.getByRole("heading", { name: `Fire the timer order/payment/${id} now?` }).waitFor();
  await accessible(page, "before it is confirmed");
  await page.getByRole("button", { name: "Fire it now" }).click();
  await page.getByRole("status").first().waitFor();
  await visit.goto(`${shop.front}/orders/${id}`);
  await become(page, "payment exception");
  await visit.goto(`${shop.where}/ui/sagas/order/${id}`);
  await page.locator(".story code", { hasText: "PaymentOverdue" }).waitFor();
  await set(visit, shop.front, "payment", "ok");
  await visit.close();
});

test("a projection: built anew beside the one that is read, and readers taken back", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${shop.where}/ui/projections`);
  await page.getByRole("link", { name: "sales", exact: true }).click();
  await page.getByRole("button", { name: "Rebuild…" }).click();
  await page.getByRole("heading", { name: /^sales: / }).waitFor();
  await page.locator("form button.danger").click();
  await page.getByRole("heading", { name: "Build 2 active" }).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Roll back…" }).click();
  await page.locator("form button.danger").click();
  await page.getByRole("heading", { name: "Build 1 active" }).waitFor({ timeout: 60_000 });
  await sound(visit);
  await visit.goto(`${shop.front}/sales`); // readers never saw any of it
  await page.getByRole("heading", { name: "Sales" }).waitFor();
  await visit.close();
});

test("the store is verified while it is written to", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${shop.where}/ui/operations/verify`);
  await page.getByRole("button", { name: "Verify the store" }).click();
  await page.locator(".badge", { hasText: "all is well" }).waitFor({ timeout: 60_000 });
  assert.match(await page.locator("dl.figures").innerText(), /Events\s+\d/);
  await page.getByRole("button", { name: "Verify the store again" }).waitFor();
  await visit.close();
});

test("a metric is found by a part of its name", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${shop.where}/ui/operations/metrics`);
  await page.getByLabel("Name, meaning or labels hold").fill("cairn_group_lag");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByText("cairn_group_lag_seconds").waitFor();
  await page.getByText("order-relay").first().waitFor();
  await visit.close();
});
