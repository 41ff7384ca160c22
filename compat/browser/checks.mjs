// What every page is held to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
const maxWeight = 200 << 10; // bytes of a page and all that it loads

// sound holds a page to everything: nothing has failed, it can be read in both
// themes and at all widths, used from the keyboard, and is light.
export async function sound(visit) {
  visit.content();
  light(visit);
  for (const colorScheme of ["dark", "light"]) {
    await visit.page.emulateMedia({ colorScheme });
    await accessible(visit.page, colorScheme);
  }
  await fits(visit.page);
  await reachable(visit.page);
  visit.content();
}

// accessible has axe look for what keeps people out.
export async function accessible(page, what = "") {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), rules);
  const said = violations.map((v) => `${v.id}: ${v.help}\n` + v.nodes.slice(0, 3).map((n) => `  ${n.html.slice(0, 200)}\n  ${n.failureSummary.replaceAll("\n", "\n  ")}`).join("\n"));
  assert.deepEqual(said, [], `${page.url()} ${what}`);
}

// fits wants nothing to stick out to the right, from a telephone to a wall. What
// is wide scrolls in itself.
export async function fits(page) {
  const before = page.viewportSize();
  for (const width of [400, 2560, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const out = await page.evaluate(() => {
      const wide = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= wide) return [];
      const scrolls = (e) => e && (["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
      return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > wide + 1 && !scrolls(e.parentElement)).slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
    });
    assert.deepEqual(out, [], `${page.url()} sticks out at ${width} px`);
  }
  await page.setViewportSize(before);
}

// light weighs the page with its scripts, styles and pictures.
function light(visit) {
  const sum = [...visit.sizes.values()].reduce((a, b) => a + b, 0);
  assert.ok(sum > 0 && sum < maxWeight, `${visit.page.url()} weighs ${sum} bytes: ${JSON.stringify([...visit.sizes])}`);
}

// reachable goes through the page with the tab key: whatever can be used is come
// to, and one sees where one is.
export async function reachable(page) {
  const count = await page.evaluate(watchFocus);
  let left = [];
  for (let pressed = 0; pressed < 2 * count + 20; pressed += 10) {
    for (let n = 0; n < 10; n++) await page.keyboard.press("Tab");
    left = await page.evaluate(() => globalThis.missing());
    if (left.length === 0) break;
  }
  assert.deepEqual(left, [], `${page.url()}: not to be reached or seen by tab`);
}

// watchFocus runs in the page.
function watchFocus() {
  const once = new Set(); // of a group of radio buttons the tab key comes to one
  const useful = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) => {
    if (e.disabled || e.type === "hidden" || e.tabIndex < 0 || !e.checkVisibility({ visibilityProperty: true })) return false;
    const key = e.type === "radio" ? e.name : e;
    return !once.has(key) && once.add(key);
  });
  const seen = new Set();
  document.addEventListener("focusin", ({ target }) => {
    const style = getComputedStyle(target);
    const drawn = target.querySelector?.("rect"); // of a picture, whose boxes change their edge
    if (drawn && parseFloat(getComputedStyle(drawn).strokeWidth) >= 2) seen.add(target);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) seen.add(target.type === "radio" ? target.name : target);
  });
  globalThis.missing = () => useful.filter((e) => e.isConnected && !seen.has(e.type === "radio" ? e.name : e)).map((e) => e.outerHTML.slice(0, 120));
  return useful.length;
}
