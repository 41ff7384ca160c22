// What a page does while one looks at it. Everything else works without.
"use strict";

// Whoever stands on something that is replaced stands on its like afterwards; who
// cannot see hears how the order stands, and only that.
function replace(part, text) {
	const all = () => [...part.querySelectorAll("button")];
	const at = all().indexOf(document.activeElement);
	part.innerHTML = text;
	if (at >= 0) (all()[at] || document.getElementById("main")).focus();
	const now = part.querySelector(".now").textContent.trim(), say = document.getElementById("say");
	if (say.textContent !== now) say.textContent = now;
}

// An order's page hears of each event and fetches its part anew, as it is after that
// event: the tables that it is made of may not have seen it yet.
function follow(part) {
	const lost = document.getElementById("lost");
	let asked = 0, busy = false, after = "";
	async function show(heard) {
		if (heard && heard.data) after = JSON.parse(heard.data).token || after;
		asked++;
		if (busy) return;
		busy = true;
		for (let n = 0; n !== asked;) {
			n = asked;
			try {
				const answer = await fetch(part.dataset.part + "?after=" + after, { cache: "no-store" });
				if (!answer.ok) throw new Error(answer.status);
				const text = await answer.text();
				replace(part, text);
				lost.hidden = true;
			} catch {
				lost.hidden = false;
				setTimeout(show, 3000);
			}
		}
		busy = false;
	}
	let source;
	function listen() {
		source = new EventSource(part.dataset.live);
		source.onopen = show;
		source.onmessage = show;
		for (const name of ["order", "event", "status", "change"]) source.addEventListener(name, show);
		source.onerror = () => {
			lost.hidden = false;
			// A browser gives up when the answer is an error; a shop that was
			// restarted is worth another attempt.
			if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
		};
	}
	listen();
	addEventListener("pagehide", () => source.close());
}

// The slider shows an order as it was, one answer at a time and never an old one
// over a newer.
function travel(form) {
	const slider = form.querySelector("input"), output = form.querySelector("output"), then = document.getElementById("then");
	let wanted = slider.value, shown = slider.value, busy = false;
	async function show() {
		if (busy) return;
		busy = true;
		while (shown !== wanted) {
			const at = wanted;
			try {
				const answer = await fetch(form.dataset.then + "?at=" + at, { cache: "no-store" });
				if (!answer.ok) throw new Error(answer.status);
				then.innerHTML = await answer.text();
				shown = at;
			} catch {
				location.assign(form.action + "?at=" + at);
				break;
			}
		}
		busy = false;
	}
	function choose(at) {
		wanted = slider.value = at;
		output.value = at + " of " + slider.max;
		history.replaceState(null, "", form.getAttribute("action") + "?at=" + at);
		show();
	}
	slider.addEventListener("input", () => choose(slider.value));
	then.addEventListener("click", (e) => {
		const link = e.target.closest("a[data-at]");
		if (!link || e.metaKey || e.ctrlKey || e.shiftKey) return;
		e.preventDefault();
		choose(link.dataset.at);
		slider.focus();
	});
}

const part = document.querySelector("[data-live]");
if (part) follow(part);
const form = document.querySelector("[data-then]");
if (form) travel(form);
