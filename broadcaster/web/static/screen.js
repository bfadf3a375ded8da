// Shows the words while they are spoken, in letters as large as the screen has room for. What it can't be sure of it
// does not show: without an answer for five seconds there is only the store's name.
"use strict";

(() => {
  const POLL_MS = 1000;
  const TIMEOUT_MS = 2000;
  const FORGET_MS = 5000;
  const LARGEST = 14; // hundredths of the screen's smaller side
  const SMALLEST = 3;

  const said = document.getElementById("said");
  const quiet = document.getElementById("quiet");
  const clock = document.getElementById("clock");
  const hours = document.getElementById("hours");
  const wall = new Intl.DateTimeFormat("en-GB", {
    timeZone: document.body.dataset.timezone, hourCycle: "h23", hour: "2-digit", minute: "2-digit",
  });
  let base = null;
  let freshAt = -Infinity;
  let freshWall = 0;
  let lastNow = null;
  let until = null;
  let shown = null;
  let shownHours = null;

  const stationNow = () => base.station + performance.now() - base.local;

  async function poll() {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    const sent = performance.now();
    try {
      const answer = await fetch(document.body.dataset.feed, { signal: abort.signal, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      const now = Date.parse(told.now);
      if (Number.isFinite(now) && now !== lastNow) {
        lastNow = now;
        base = { station: now + (Number(answer.headers.get("Age-Ms")) || 0), local: performance.now() };
        freshAt = performance.now();
        freshWall = Date.now();
        show(told);
      }
    } catch (error) {
      console.debug(error); // what is not known for five seconds is taken off
    } finally {
      clearTimeout(timer);
    }
    setTimeout(poll, Math.max(0, POLL_MS - (performance.now() - sent)));
  }

  function show(told) {
    until = told.until ? Date.parse(told.until) : null;
    const text = told.speaking ? told.text : null;
    if (text !== shown) say(text);
    showHours(told.hours);
    tick();
  }

  function say(text) {
    shown = text;
    said.replaceChildren(...(text ?? "").split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
      const words = document.createElement("p");
      words.textContent = line;
      words.lang = /[\u3400-\u9fff]/.test(line) ? "zh-CN" : "en";
      return words;
    }));
    said.hidden = !text;
    quiet.hidden = Boolean(text);
    if (text) fit();
  }

  // The largest size at which all of it is seen.
  function fit() {
    const room = window.innerHeight * 0.93 - document.querySelector(".store").getBoundingClientRect().bottom;
    let size = LARGEST;
    do {
      said.style.fontSize = `${size}vmin`;
      size -= 0.5;
    } while (size >= SMALLEST && said.scrollHeight > room);
  }

  function showHours(told) {
    const key = JSON.stringify(told ?? null);
    if (key === shownHours) return;
    shownHours = key;
    hours.hidden = !told;
    if (!told) return;
    const words = document.getElementById(`word-${told.kind}`).content.cloneNode(true);
    for (const place of words.querySelectorAll("b")) place.textContent = wall.format(new Date(told.at));
    hours.replaceChildren(words);
  }

  function tick() {
    const silentMs = Math.max(performance.now() - freshAt, Math.abs(Date.now() - freshWall));
    if (silentMs > FORGET_MS) {
      if (shown !== null) say(null);
      clock.textContent = "––:––";
      hours.hidden = true;
      shownHours = null;
      return;
    }
    const time = wall.format(stationNow());
    if (clock.textContent !== time) clock.textContent = time;
    if (shown !== null && until !== null && stationNow() > until + 2000) say(null);
  }

  window.addEventListener("resize", () => shown && fit());
  setInterval(tick, 250);
  poll();
})();
