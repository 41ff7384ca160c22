// The shop, as customers see it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { sound } from "../checks.mjs";
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

// order goes from the shelves to the page of an order.
async function order(visit, product = "Owl head lamp") {
  const { page } = visit;
  await visit.goto(`${shop.front}/`);
  await page.getByRole("link", { name: new RegExp(product) }).click();
  await page.getByRole("button", { name: "Put into the basket" }).click();
  await page.getByLabel("Your name").fill("Ann Ødegård");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await page.getByRole("heading", { name: /^Order / }).waitFor();
}

// become waits until the page says, by itself, that the order is so.
const become = (page, status) => page.locator("#status .badge", { hasText: new RegExp(`^(${status})$`) }).waitFor({ timeout: 60_000 });

async function set(visit, service, mode) {
  await visit.goto(`${shop.front}/failures`);
  await visit.page.locator(`form[action="/failures/${service}"] input[value=${mode}]`).check();
  await visit.page.getByRole("button", { name: service === "payment" ? "Set payments" : "Set stock" }).click();
  await visit.page.locator(`form[action="/failures/${service}"] input[value=${mode}]:checked`).waitFor();
}

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
  await order(visit);
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
  await set(visit, "inventory", "fail");
  await order(visit);
  await become(visit.page, "allocation exception");
  await visit.page.locator("dt", { hasText: "Paid back" }).waitFor();
  await sound(visit);
  await set(visit, "inventory", "ok");
  await visit.close();
});

test("a shop that is killed while a payment is slow: the page says so, and the order goes on", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await set(visit, "payment", "slow");
  await order(visit);
  await become(page, "created");
  await shop.kill();
  await page.getByText("The connection is lost.").waitFor();
  shop = await Shop.open({ dir: shop.dir, where: shop.where, front: shop.front });
  await page.getByText("The connection is lost.").waitFor({ state: "hidden" });
  await become(page, "allocated|payment exception"); // some payments take longer than an order waits
  visit.forgive(/ERR_|status of 5|Failed to fetch/);
  await set(visit, "payment", "ok");
  visit.content();
  await visit.close();
});
