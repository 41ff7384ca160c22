// The pages of the window, found as somebody finds them who looks around: by the
// navigation, and by the links on each page.

// A link leads to a page of a kind. Names and numbers in it do not make another
// kind, so that of thousands of streams a few are looked at.
function kind(url) {
  const [section = "", name, ...rest] = url.pathname.split("/").slice(2);
  return [section, name === undefined || name === "" ? "" : "*", ...rest, ...[...url.searchParams.keys()].sort()].join(" ");
}

// few is how many pages of a kind are looked at. The second part of an address is
// somebody's name, except where a section has pages of its own.
const few = (section) => (section === "operations" ? 12 : 1);

const elsewhere = /^\/ui\/(assets|logout)/;

// around returns the addresses of pages, those of the navigation first. A link
// that leads nowhere is an error.
export async function around(where) {
  const queue = ["/ui/"];
  const found = [];
  const kinds = new Map();
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const answer = await fetch(where + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}\n${await answer.text()}`);
    if (!answer.headers.get("content-type").startsWith("text/html")) {
      await answer.body.cancel();
      continue;
    }
    found.push(path);
    for (const url of links(await answer.text(), where + path)) {
      const next = url.pathname + url.search;
      const so = kind(url);
      const seen = kinds.get(so) ?? new Set();
      if (seen.has(next) || seen.size >= few(so.split(" ")[0]) || elsewhere.test(next) || next === "/ui/") continue;
      kinds.set(so, seen.add(next));
      queue.push(next);
    }
  }
  return found;
}

// links are those to pages of the window.
function links(html, base) {
  const all = [...html.matchAll(/<a [^>]*?href="([^"]*)"/g)].map(([, href]) => new URL(decode(href), base));
  return all.filter((url) => url.origin === new URL(base).origin && url.pathname.startsWith("/ui/")).map((url) => Object.assign(url, { hash: "" }));
}

function decode(text) {
  return text.replaceAll("&#43;", "+").replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
