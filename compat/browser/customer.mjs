// What people do in the shop, whatever it is that is looked at then.

// order goes from the shelves to the page of an order, and returns its ID.
export async function order(visit, front, product = "Owl head lamp") {
  const { page } = visit;
  await visit.goto(`${front}/`);
  await page.getByRole("link", { name: new RegExp(product) }).click();
  await page.getByRole("button", { name: "Put into the basket" }).click();
  await page.getByLabel("Your name").fill("Ann Ødegård");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await page.getByRole("heading", { name: /^Order / }).waitFor();
  return new URL(page.url()).pathname.split("/").pop();
}

// become waits until the page of an order says, by itself, that it is so.
export const become = (page, status) => page.locator("#status .badge", { hasText: new RegExp(`^(${status})$`) }).waitFor({ timeout: 60_000 });

// set makes a service work, be slow or fail.
export async function set(visit, front, service, mode) {
  await visit.goto(`${front}/failures`);
  await visit.page.locator(`form[action="/failures/${service}"] input[value=${mode}]`).check();
  await visit.page.getByRole("button", { name: service === "payment" ? "Set payments" : "Set stock" }).click();
  await visit.page.locator(`form[action="/failures/${service}"] input[value=${mode}]:checked`).waitFor();
}
