// The charts of the overview: the last quarter of an hour, a sample a second. The
// page has the figures without them.
(function () {
  'use strict';
  const root = document.getElementById('charts');
  if (!root || typeof uPlot === 'undefined') return;

  const kept = 15 * 60 * 1000;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const data = { at: [] };
  const plots = [];
  let feed = null;
  let drawn = 0;

  // How values are written, as the server writes the first ones.
  const spaced = (v) => v.toFixed(0).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  const few = (v) => (v < 10 && Math.round(v * 10) !== Math.round(v) * 10 ? v.toFixed(1) : spaced(v));
  function size(v) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let i = 0;
    for (; v >= 1024 && i < units.length - 1; i++) v /= 1024;
    return v.toFixed(i === 0 || v >= 100 ? 0 : 1) + ' ' + units[i];
  }
  function short(v) {
    if (v < 0.001) return (v * 1e6).toFixed(0) + ' µs';
    if (v < 1) return (v * 1e3).toFixed(v < 0.01 ? 1 : 0) + ' ms';
    return v.toFixed(1) + ' s';
  }
  const written = {
    rate: (v) => few(v) + '/s', bytes: size, 'bytes/s': (v) => size(v) + '/s',
    seconds: short, cores: (v) => few(v * 100) + ' %', count: few,
  };
  const amount = (unit, v) => (v == null || Number.isNaN(v) ? '–' : written[unit](v));

  // Colours are the theme's.
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const strokes = [() => colour('--accent'), () => colour('--faint')];
  const font = () => '11px ' + colour('--sans');
  const clock = (ms) => new Date(ms).toISOString().slice(11, 19);

  // Axes of bytes go by powers of two, the others by those of ten.
  const binary = Array.from({ length: 50 }, (_, i) => 2 ** i);

  function options(unit, figures, width) {
    const axis = { stroke: () => colour('--faint'), font: font(), ticks: { show: false }, border: { show: false } };
    return {
      width, height: 130, ms: 1, padding: [8, 4, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'overview' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true, range: (u, from, to) => [Math.min(from, to - 60000), to] },
        y: { range: (u, from, to) => [0, to > 0 ? to * 1.15 : 1] },
      },
      axes: [
        { ...axis, size: 24, space: 70, grid: { show: false }, values: (u, at) => at.map((t) => clock(t).slice(0, u.scales.x.max - u.scales.x.min > 300000 ? 5 : 8)) },
        { ...axis, size: 62, space: 34, grid: { stroke: () => colour('--line'), width: 1 }, values: (u, all) => all.map((v) => amount(unit, v)), ...(unit.startsWith('bytes') ? { incrs: binary } : {}) },
      ],
      series: [{}].concat(figures.map((f, i) => ({
        stroke: strokes[i % strokes.length], width: 1.5, spanGaps: false, points: { show: false },
        fill: i === 0 ? () => colour('--accent-soft') : undefined,
      }))),
      hooks: { setCursor: [say] },
    };
  }

  // say writes the values of the moment that is pointed at, or the latest.
  function say(u) {
    const p = plots.find((one) => one.u === u);
    if (!p) return;
    const i = u.cursor.idx == null ? data.at.length - 1 : u.cursor.idx;
    p.now.forEach((dd, n) => { dd.textContent = amount(p.unit, data[p.figures[n]]?.[i]); });
    p.el.classList.toggle('past', u.cursor.idx != null);
  }

  function make(el) {
    const canvas = el.querySelector('.canvas');
    const now = [...el.querySelectorAll('[data-now]')];
    const p = { el, now, unit: el.dataset.unit, figures: now.map((dd) => dd.dataset.now), canvas };
    p.u = new uPlot(options(p.unit, p.figures, canvas.clientWidth || 300), columns(p), canvas);
    plots.push(p);
    new ResizeObserver(() => { if (canvas.clientWidth) p.u.setSize({ width: canvas.clientWidth, height: 130 }); }).observe(canvas);
  }

  const columns = (p) => [data.at].concat(p.figures.map((f) => data[f] || []));

  function draw() {
    drawn = Date.now();
    plots.forEach((p) => { p.u.setData(columns(p)); say(p.u); });
    if (root.querySelector('details').open) table();
  }

  function table() {
    root.querySelectorAll('tr[data-figure]').forEach((tr) => {
      const all = (data[tr.dataset.figure] || []).filter((v) => v != null);
      const last = data[tr.dataset.figure]?.[data.at.length - 1];
      const mean = all.reduce((sum, v) => sum + v, 0) / all.length;
      const low = all.reduce((a, b) => Math.min(a, b), all[0]);
      const high = all.reduce((a, b) => Math.max(a, b), all[0]);
      [last, low, mean, high].forEach((v, i) => { tr.cells[i + 1].textContent = amount(tr.dataset.unit, v); });
    });
  }

  // add takes samples that are newer than those there are.
  function add(more) {
    const last = data.at.length ? data.at[data.at.length - 1] : -Infinity;
    const from = more.at.findIndex((t) => t > last);
    if (from < 0) return;
    const old = data.at.length;
    for (const name of Object.keys(more)) data[name] = (data[name] || new Array(old).fill(null)).concat(more[name].slice(from));
    const begin = data.at.findIndex((t) => t >= data.at[data.at.length - 1] - kept);
    for (const name of Object.keys(data)) data[name] = data[name].slice(begin);
    if (plots.length === 0) root.querySelectorAll('.plot').forEach(make);
    if (!calm.matches || Date.now() - drawn >= 5000) draw();
  }

  async function catchUp() {
    const since = data.at.length ? '?since=' + data.at[data.at.length - 1] : '';
    const answer = await fetch(root.dataset.series + since);
    if (answer.ok) add(await answer.json());
  }

  // A page that nobody sees asks for nothing.
  function follow() {
    if (document.hidden === !feed) return;
    if (document.hidden) {
      feed.close();
      feed = null;
      return;
    }
    feed = new EventSource(root.dataset.live);
    feed.addEventListener('open', () => {
      document.dispatchEvent(new CustomEvent('cairn:found'));
      catchUp().catch(() => { /* the feed goes on */ });
    });
    feed.addEventListener('error', () => document.dispatchEvent(new CustomEvent('cairn:lost')));
    feed.addEventListener('samples', (e) => add(JSON.parse(e.data)));
  }

  // What is not charted is asked for again, unless somebody is about to use it.
  function refresh() {
    const parts = ['now', 'lists'].map((id) => document.getElementById(id));
    if (document.hidden || typeof htmx === 'undefined' || parts.some((p) => p.contains(document.activeElement))) return;
    htmx.trigger(parts[0], 'cairn:refresh');
  }

  const recolour = () => plots.forEach((p) => p.u.redraw(false));
  document.addEventListener('cairn:theme', recolour);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
  document.addEventListener('visibilitychange', () => { follow(); refresh(); });
  root.querySelector('details').addEventListener('toggle', table);
  setInterval(refresh, 10000);
  follow();
})();
