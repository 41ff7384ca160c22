// The shop, as customers see it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { sound } from "../checks.mjs";
import { become, order, set } from "../customer.mjs";
import { Shop, endAll } from "../programs.mjs";

let browser, shop;

before(async () => {
  browser = await Browser.start();
  shop = await Shop.open();
});

after(async () => {
  await browser?.stop();
  await endAll();
});

test("every page of the shop", async (t) => {
  const paths = ["/", "/?category=Sleep", "/?q=nothing+of+the+kind", "/basket", "/orders", "/sales", "/emails", "/failures"];
  for (const path of paths) {
    await t.test(path, async () => {
      const visit = await browser.visit();
      await visit.goto(shop.front + path);
      await sound(visit);
      await visit.close();
    });
  }
});

test("an order: placed, followed until it is allocated, and as it was then", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await order(visit, shop.front);
  await become(page, "allocated");
  await sound(visit);
  await page.getByRole("link", { name: "As it was then" }).click();
  await page.getByRole("heading", { name: "As it was then" }).waitFor();
  await sound(visit);
  await page.locator(".facts a", { hasText: "was paid" }).click();
  await page.locator("#then .badge", { hasText: /^paid$/ }).waitFor();
  await page.getByRole("slider").press("Home");
  await page.locator("#then .badge", { hasText: /^(new|created)$/ }).waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "E-mails about it" }).click();
  await page.locator(".letters summary").first().click();
  await page.getByText("Ann Ødegård").first().waitFor();
  await visit.close();
});

test("a warehouse that is shut: the money goes back", async () => {
  const visit = await browser.visit();
  await set(visit, shop.front, "inventory", "fail");
  await order(visit, shop.front);
  await become(visit.page, "allocation exception");
  await visit.page.locator("dt", { hasText: "Paid back" }).waitFor();
  await sound(visit);
  await set(visit, shop.front, "inventory", "ok");
  await visit.close();
});

test("a shop that is killed while a payment is slow: the page says so, and the order goes on", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await set(visit, shop.front, "payment", "slow");
  await order(visit, shop.front);
  await become(page, "created");
  await shop.kill();
  await page.getByText("The connection is lost.").waitFor();
  shop = await Shop.open({ dir: shop.dir, where: shop.where, front: shop.front });
  await page.getByText("The connection is lost.").waitFor({ state: "hidden" });
  await become(page, "allocated|payment exception"); // some payments take longer than an order waits
  visit.forgive(/ERR_|status of 5|Failed to fetch/);
  await set(visit, shop.front, "payment", "ok");
  visit.content();
  await visit.close();
});
