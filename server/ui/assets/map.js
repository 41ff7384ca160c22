// The map: follows while it is looked at, and changes only what has changed, so that
// focus, hovering and movement stay; and shows what a box is connected with.
(function () {
  'use strict';
  const map = document.getElementById('map');
  if (!map) return;

  // become makes one node like another one. Lists whose lengths differ are replaced.
  function become(a, b) {
    if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return a.replaceWith(b);
    if (a.nodeType !== Node.ELEMENT_NODE) {
      if (a.data !== b.data) a.data = b.data;
      return;
    }
    for (const { name, value } of b.attributes) if (name !== 'class' && a.getAttribute(name) !== value) a.setAttribute(name, value);
    for (const { name } of [...a.attributes]) if (name !== 'class' && !b.hasAttribute(name)) a.removeAttribute(name);
    const kept = ['on', 'seeking'].filter((c) => a.classList.contains(c));
    const now = [...b.classList, ...kept].join(' ');
    if ((a.getAttribute('class') || '') !== now) a.setAttribute('class', now);
    if (a.childNodes.length !== b.childNodes.length) return a.replaceChildren(...b.childNodes);
    const theirs = [...b.childNodes];
    [...a.childNodes].forEach((child, i) => become(child, theirs[i]));
  }

  let source = null;
  function follow() {
    if (source || document.hidden) return;
    source = new EventSource(map.dataset.live);
    source.addEventListener('map', (e) => {
      const next = document.createElement('div');
      next.innerHTML = e.data;
      const shell = map.cloneNode(false);
      shell.append(...next.childNodes);
      [shell, map].forEach((e) => [...e.childNodes].forEach((n) => n.nodeType === Node.TEXT_NODE && n.remove()));
      become(map, shell);
    });
    source.addEventListener('open', () => document.dispatchEvent(new CustomEvent('cairn:found')));
    source.addEventListener('error', () => document.dispatchEvent(new CustomEvent('cairn:lost')));
  }
  function rest() {
    if (source) source.close();
    source = null;
  }
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : follow()));
  addEventListener('pagehide', rest);
  addEventListener('pageshow', follow);
  follow();

  // What is connected with a box is shown while that is pointed at or has the focus.
  function show(box) {
    const svg = map.querySelector('.landscape');
    if (!svg) return;
    svg.querySelectorAll('.on').forEach((e) => e.classList.remove('on'));
    svg.classList.toggle('seeking', !!box);
    if (!box) return;
    const n = box.dataset.box;
    const near = new Set([n]);
    svg.querySelectorAll(`.way[data-from="${n}"], .way[data-to="${n}"]`).forEach((way) => {
      way.classList.add('on');
      near.add(way.dataset.from).add(way.dataset.to);
    });
    svg.querySelectorAll('[data-box]').forEach((b) => b.classList.toggle('on', near.has(b.dataset.box)));
  }
  const boxOf = (e) => (e.target.closest ? e.target.closest('[data-box]') : null);
  map.addEventListener('pointerover', (e) => show(boxOf(e)));
  map.addEventListener('pointerleave', () => show(null));
  map.addEventListener('focusin', (e) => show(boxOf(e)));
  map.addEventListener('focusout', () => show(null));
})();
