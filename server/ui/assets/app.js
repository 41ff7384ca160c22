// What pages share: the theme, times in the reader's own zone, and a word when the
// connection is lost. Pages work without it.
(function () {
  'use strict';

  function theme() {
    const button = document.getElementById('theme');
    if (!button) return;
    button.addEventListener('click', () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
      root.dataset.theme = dark ? 'light' : 'dark';
      try { localStorage.setItem('cairn-theme', root.dataset.theme); } catch { /* for this page only */ }
      document.dispatchEvent(new CustomEvent('cairn:theme'));
    });
  }

  // The store's times are UTC; who hovers gets the own zone.
  function times(within) {
    within.querySelectorAll('time[datetime]').forEach((t) => {
      if (!t.title) t.title = new Date(t.dateTime).toLocaleString();
    });
  }

  // Followers reconnect by themselves (EventSource does); until then the page says
  // that it may be old.
  function connection() {
    const lost = document.getElementById('lost');
    const say = (is) => {
      if (lost) lost.hidden = !is;
      if (is) ask();
    };
    addEventListener('offline', () => say(true));
    addEventListener('online', () => say(false));
    document.body.addEventListener('htmx:sseError', () => say(true));
    document.body.addEventListener('htmx:sseOpen', () => say(false));
    document.body.addEventListener('htmx:sendError', () => say(true));
    document.body.addEventListener('htmx:afterOnLoad', () => say(false));
    document.addEventListener('cairn:lost', () => say(true));
    document.addEventListener('cairn:found', () => say(false));
  }

  // Whoever is not let in any more, because the session is over, is led to log in.
  function ask() {
    fetch(location.href, { redirect: 'manual', cache: 'no-store' })
      .then((answer) => { if (answer.type === 'opaqueredirect') location.reload(); }, () => { /* it is lost indeed */ });
  }

  // The arrow keys go where the page's links to what is before and after it lead,
  // unless something else has the focus that may want them.
  function arrows() {
    addEventListener('keydown', (e) => {
      const rel = { ArrowLeft: 'prev', ArrowRight: 'next' }[e.key];
      if (!rel || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
      if (e.target.closest('input, textarea, select, [tabindex="0"]')) return;
      const link = document.querySelector(`main a[rel=${rel}]`);
      if (link) link.click();
    });
  }

  // A list that grows by itself keeps as many lines as it says, and lets go of the
  // oldest, which are at the other end than new ones.
  function trim(list) {
    const most = Number(list && list.dataset.most);
    const oldest = list && list.getAttribute('hx-swap') === 'afterbegin' ? 'lastElementChild' : 'firstElementChild';
    while (most && list.childElementCount > most) list[oldest].remove();
  }

  theme();
  arrows();
  times(document);
  connection();
  document.body.addEventListener('htmx:load', (e) => { times(e.detail.elt); trim(e.detail.elt.parentElement); });
})();
