// A server with users: logging in and out, roles, and sessions that are over.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser } from "../browser.mjs";
import { accessible, sound } from "../checks.mjs";
import { cairn, certificates, endAll, temporary } from "../programs.mjs";

const files = certificates();
const args = ["--tls-cert", files.cert, "--tls-key", files.key, "--admin-password", "secret", "--ops-password", "other", "--store", join(temporary(), "store")];
let browser, server;

before(async () => {
  browser = await Browser.start();
  server = await cairn(...args);
});

after(async () => {
  await browser?.stop();
  await endAll();
});

async function logIn(page, user, password) {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("a stranger logs in, and comes to where they wanted", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/streams?prefix=order`);
  assert.match(page.url(), /\/ui\/login\?to=/);
  await sound(visit);
  await logIn(page, "admin", "wrong");
  await page.getByRole("alert").getByText("the password is wrong").waitFor();
  visit.forgive(/status of 401/);
  await accessible(page, "after a wrong password");
  await logIn(page, "admin", "secret");
  await page.getByRole("heading", { name: "Streams" }).waitFor();
  assert.equal(await page.getByLabel("Name begins with").inputValue(), "order");
  await sound(visit);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await visit.goto(`${server.where}/ui/streams`);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await visit.close();
});

test("who may less is offered less, and told so", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/login`);
  await logIn(page, "ops", "other");
  await page.getByRole("button", { name: "Log out" }).waitFor();
  await visit.goto(`${server.where}/ui/explore`);
  await page.getByRole("heading", { name: "Not allowed" }).waitFor();
  visit.forgive(/status of 403/);
  await accessible(page);
  await visit.close();
});

test("a session that is over leads to the log-in page, and back", async () => {
  const visit = await browser.visit();
  const { page } = visit;
  await visit.goto(`${server.where}/ui/explore?system`);
  await logIn(page, "admin", "secret");
  await page.getByRole("heading", { name: "Explore" }).waitFor();
  await server.stop(); // sessions end with the server
  server = await cairn(...args, "--listen", server.address);
  await page.getByRole("heading", { name: "Log in" }).waitFor(); // by itself, as the page follows
  await logIn(page, "admin", "secret");
  await page.getByRole("heading", { name: "Explore" }).waitFor();
  assert.match(page.url(), /\/ui\/explore\?system/);

  await visit.goto(`${server.where}/ui/groups`);
  await server.stop();
  server = await cairn(...args, "--listen", server.address);
  await page.getByRole("link", { name: "Streams" }).first().click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  visit.forgive(/ERR_|status of 401|MIME type|EventSource|object Event/);
  await visit.close();
});

test("a user is made, logs in, is disabled and deleted", async () => {
  const admin = await browser.visit();
  const { page } = admin;
  await admin.goto(`${server.where}/ui/operations/users`);
  await logIn(page, "admin", "secret");
  await page.getByText("Create a user").click();
  await page.getByLabel("Login", { exact: true }).fill("ann");
  await page.getByLabel("Password", { exact: true }).fill("one");
  await page.getByLabel("Again").fill("another");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").waitFor();
  admin.forgive(/status of 4/);
  assert.equal(await page.getByLabel("Login", { exact: true }).inputValue(), "ann"); // nothing is to be typed again
  await page.getByLabel("Password", { exact: true }).fill("a good one");
  await page.getByLabel("Again").fill("a good one");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("The user ann is created.").waitFor();
  const ann = await browser.visit();
  await ann.goto(`${server.where}/ui/`);
  await logIn(ann.page, "ann", "a good one");
  await ann.page.getByRole("button", { name: "Log out" }).waitFor();
  await page.getByRole("link", { name: "ann", exact: true }).click();
  await sound(admin);
  for (const [act, sure] of [["Disable…", "Disable it"], ["Delete…", "Delete it"]]) {
    await page.getByRole("button", { name: act }).click();
    await page.getByRole("button", { name: sure }).click();
    await page.getByRole("status").waitFor();
  }
  assert.equal(await page.getByRole("link", { name: "ann", exact: true }).count(), 0);
  await ann.page.goto(`${server.where}/ui/streams`);
  await ann.page.getByRole("heading", { name: "Log in" }).waitFor(); // the session ended with the user
  await ann.close();
  await admin.close();
});
