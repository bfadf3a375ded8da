// Keeps the first page true: asks for the status each second, fetches a part of the page anew when its content
// changed, counts down by the station's clock, and says so when it no longer knows.
"use strict";

(() => {
  const POLL_MS = 1000;
  const TIMEOUT_MS = 2500;
  const LOST_MS = 3000;
  const TICK_MS = 200;
  const SMOOTH_MS = 250; // within this the running clock is kept, so that a slow answer doesn't make it stutter
  const UNKNOWN = "–:––";
  const UNKNOWN_CLOCK = "––:––:––";

  const live = document.getElementById("live");
  const day = document.getElementById("day");
  const lost = document.getElementById("lost");
  const clock = document.getElementById("clock");
  const announcer = document.getElementById("announcer");
  const wall = new Intl.DateTimeFormat("en-GB", {
    timeZone: live.dataset.timezone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const calendar = new Intl.DateTimeFormat("en-CA", { timeZone: live.dataset.timezone });

  // The browser's own clock may be wrong: only its count of milliseconds since the last answer is used.
  let base = { station: Date.parse(live.dataset.now), local: performance.now() };
  let lastNow = null;
  let freshAt = performance.now();
  let shownLive = null;
  let shownDay = null;
  let isLost = false;
  const chosen = new Map(); // what a person opened or closed stays so when the day is fetched anew

  const stationNow = () => base.station + performance.now() - base.local;

  async function get(address) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const answer = await fetch(address, { signal: abort.signal, cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return await answer.text();
    } finally {
      clearTimeout(timer);
    }
  }

  function follow(now, sent) {
    const received = performance.now();
    const station = now + (received - sent) / 2;
    const ahead = station - (base.station + received - base.local);
    if (Math.abs(ahead) > SMOOTH_MS) base = { station, local: received };
  }

  // What the live part shows, without what changes by itself each second.
  function liveKey(status) {
    const { now, ...rest } = status;
    const { disk_free_mb: disk, dead_air_s: dead, ...health } = status.health;
    return JSON.stringify({
      ...rest,
      on_air: { ...status.on_air, offset_s: null },
      health: [health, Math.round((disk ?? 0) / 100), dead >= 1 ? Math.floor(dead) : dead === null],
    });
  }

  // The day changes with the date, the plan, and each spot or track that begins or ends; once a minute for the rest.
  function dayKey(status, now) {
    const air = status.on_air;
    return JSON.stringify([
      calendar.format(now), Math.floor(now / 60000), status.plan, air.spot?.id, air.track?.started_at,
    ]);
  }

  async function poll() {
    const sent = performance.now();
    try {
      const status = JSON.parse(await get(live.dataset.status));
      const now = Date.parse(status.now);
      // A station whose clock stands still answers, but knows nothing new.
      if (Number.isFinite(now) && now !== lastNow) {
        follow(now, sent);
        await refreshLive(liveKey(status));
        lastNow = now;
        freshAt = performance.now();
        tick();
        await refreshDay(dayKey(status, now));
      }
    } catch (error) {
      console.debug(error); // silence for LOST_MS is what the page reports
    }
    setTimeout(poll, Math.max(0, POLL_MS - (performance.now() - sent)));
  }

  async function refreshLive(key) {
    if (key === shownLive) return;
    live.innerHTML = await get(live.dataset.part);
    shownLive = key;
    const words = live.querySelector("[data-announce]").dataset.announce;
    if (announcer.textContent !== words) announcer.textContent = words;
  }

  async function refreshDay(key) {
    if (key === shownDay) return;
    const html = await get(day.dataset.part);
    const date = day.querySelector("input[type=date]");
    if (date && date === document.activeElement) return; // somebody is choosing a date: the next second will do
    const focus = document.activeElement?.closest("#day") ? document.activeElement.dataset.key : null;
    const left = day.querySelector(".scroller")?.scrollLeft;
    day.innerHTML = html;
    shownDay = key;
    for (const item of day.querySelectorAll("details")) {
      if (chosen.has(item.dataset.key)) item.open = chosen.get(item.dataset.key);
    }
    if (left !== undefined && day.querySelector(".scroller")) day.querySelector(".scroller").scrollLeft = left;
    if (focus) [...day.querySelectorAll("[data-key]")].find((item) => item.dataset.key === focus)?.focus();
    moveNowLine();
  }

  function countdown(ms) {
    const total = Math.ceil(Math.max(0, ms) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(total / 3600);
    const minutes = Math.floor(total / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function moveNowLine() {
    const section = day.querySelector("[data-start]");
    const line = day.querySelector(".timeline .now-line");
    if (!section || !line) return null;
    const start = Date.parse(section.dataset.start);
    const share = (stationNow() - start) / (Date.parse(section.dataset.end) - start);
    const x = share < 0 || share > 1 ? "-1%" : `${(share * 100).toFixed(3)}%`;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    return share;
  }

  function tick() {
    const nowLost = performance.now() - freshAt > LOST_MS;
    if (nowLost !== isLost) setLost(nowLost);
    if (isLost) return;
    const now = stationNow();
    write(clock, wall.format(now));
    for (const item of live.querySelectorAll(".count[data-until]")) {
      write(item, countdown(Date.parse(item.dataset.until) - now));
    }
    for (const item of live.querySelectorAll(".progress")) {
      const since = Date.parse(item.dataset.since);
      const share = (now - since) / (Date.parse(item.dataset.until) - since);
      item.querySelector(".done").setAttribute("width", `${Math.min(100, Math.max(0, share * 100)).toFixed(2)}%`);
    }
    moveNowLine();
  }

  function setLost(value) {
    isLost = value;
    document.documentElement.classList.toggle("is-lost", value);
    if (!value) {
      lost.replaceChildren();
      return;
    }
    for (const item of live.querySelectorAll(".count")) write(item, UNKNOWN);
    write(clock, UNKNOWN_CLOCK);
    const words = document.getElementById("lost-words").content.cloneNode(true);
    words.querySelector("time").textContent = wall.format(lastNow ?? Date.parse(live.dataset.now));
    lost.replaceChildren(words);
  }

  const scroller = day.querySelector(".scroller");
  const share = moveNowLine();
  if (scroller && share !== null) scroller.scrollLeft = share * scroller.scrollWidth - scroller.clientWidth / 2;
  day.addEventListener("click", (event) => {
    const details = event.target.closest("summary")?.parentElement;
    if (details) chosen.set(details.dataset.key, !details.open);
  });
  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
  poll();
})();
