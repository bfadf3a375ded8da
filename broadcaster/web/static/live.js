// Keeps the first page true: asks for the status each second, fetches a part of the page anew when its content
// changed, counts down by the station's clock, and says so when it no longer knows.
"use strict";

(() => {
  const POLL_MS = 1000;
  const TIMEOUT_MS = 2500;
  const LOST_MS = 3000;
  const LOST_TIMEOUT_MS = 1200; // while lost, shorter steps: what comes back is noticed within two seconds
  const LOST_POLL_MS = 500;
  const SETTLE_MS = 3000; // the log of a day follows the air after a moment
  const TICK_MS = 200;
  const METER_MS = 100;
  const SMOOTH_MS = 250; // within this the running clock is kept, so that a slow answer doesn't make it stutter
  const FLOOR_DB = -60;
  const UNKNOWN = "–:––";
  const UNKNOWN_CLOCK = "––:––:––";

  const air = document.getElementById("air");
  const live = document.getElementById("live");
  const vitals = document.getElementById("vitals");
  const day = document.getElementById("day");
  const lost = document.getElementById("lost");
  const clock = document.getElementById("clock");
  const announcer = document.getElementById("announcer");
  const wall = new Intl.DateTimeFormat("en-GB", {
    timeZone: air.dataset.timezone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const calendar = new Intl.DateTimeFormat("en-CA", { timeZone: air.dataset.timezone });

  // The browser's own clock may be wrong: only its count of milliseconds since the last answer is used.
  let base = { station: Date.parse(air.dataset.now), local: performance.now() };
  let lastNow = null;
  let freshAt = performance.now();
  let freshWall = Date.now();
  let shownLive = null;
  let shownDay = null;
  let settleAt = 0;
  let isLost = false;
  let polling = false;
  let again = null;
  let meter = { shown: FLOOR_DB, at: 0, step: 1000, rms: [], peak: [] };
  const chosen = new Map(); // what a person opened or closed stays so when the day is fetched anew

  const stationNow = () => base.station + performance.now() - base.local;

  // A computer that slept may not have counted the time; its wall clock has.
  function silentMs() {
    return Math.max(performance.now() - freshAt, Math.abs(Date.now() - freshWall));
  }

  async function get(address) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), isLost ? LOST_TIMEOUT_MS : TIMEOUT_MS);
    try {
      const answer = await fetch(address, { signal: abort.signal, cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return { text: await answer.text(), age: Number(answer.headers.get("Age-Ms")) || 0 };
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
    const level = status.on_air.rms_dbfs ?? null;
    return JSON.stringify({
      ...rest,
      on_air: { ...status.on_air, offset_s: null, rms_dbfs: level === null, peak_dbfs: null, meter_ahead: null, bed_depth_db: null },
      health: [health, Math.round((disk ?? 0) / 100), dead >= 1 ? Math.floor(dead) : dead === null],
    });
  }

  // The day changes with the date, the plan, and each spot or track that begins or ends; once a minute for the rest.
  function dayKey(status, now) {
    const on = status.on_air;
    return JSON.stringify([
      calendar.format(now), Math.floor(now / 60000), status.plan, on.spot?.id, on.track?.started_at,
      (status.interventions ?? []).map((one) => one.id),
    ]);
  }

  async function poll() {
    if (polling) return;
    polling = true;
    clearTimeout(again);
    const sent = performance.now();
    try {
      const answer = await get(air.dataset.status);
      const status = JSON.parse(answer.text);
      const told = Date.parse(status.now);
      // A station whose clock stands still answers, but knows nothing new.
      if (Number.isFinite(told) && told !== lastNow) {
        follow(told + answer.age, sent);
        await refreshLive(liveKey(status));
        showMeter(status.on_air, answer.age);
        lastNow = told;
        freshAt = performance.now();
        freshWall = Date.now();
        tick();
        await refreshDay(dayKey(status, told));
      }
    } catch (error) {
      console.debug(error); // silence for LOST_MS is what the page reports
    }
    polling = false;
    again = setTimeout(poll, isLost ? LOST_POLL_MS : Math.max(0, POLL_MS - (performance.now() - sent)));
  }

  // Whoever did something wants to see it, not to wait for the next second.
  function hurry() {
    shownLive = null;
    for (const wait of [0, 300, 800]) setTimeout(poll, wait);
  }

  async function refreshLive(key) {
    if (key === shownLive) return;
    const parts = document.createElement("template");
    parts.innerHTML = (await get(air.dataset.part)).text;
    for (const [target, id] of [[live, "live"], [vitals, "vitals"]]) {
      const part = parts.content.getElementById(id);
      if (part) Idiomorph.morph(target, part.innerHTML, { morphStyle: "innerHTML", callbacks: { beforeNodeMorphed: keep } });
    }
    shownLive = key;
    const words = live.querySelector("[data-announce]").dataset.announce;
    if (announcer.textContent !== words) announcer.textContent = words;
    document.dispatchEvent(new CustomEvent("live:changed"));
  }

  // The countdowns are ours: the server leaves them empty, which must not make them flicker.
  function keep(former, fresh) {
    if (former.nodeType !== Node.ELEMENT_NODE || !fresh.classList?.contains("count")) return;
    if (former.dataset?.until === fresh.dataset.until && !fresh.textContent) {
      fresh.textContent = former.textContent;
    }
  }

  async function refreshDay(key) {
    const settles = settleAt && performance.now() > settleAt;
    if (key === shownDay && !settles) return;
    const html = (await get(day.dataset.part)).text;
    const date = day.querySelector("input[type=date]");
    if (date && date === document.activeElement) return; // somebody is choosing a date: the next second will do
    settleAt = settles ? 0 : performance.now() + SETTLE_MS;
    const left = day.querySelector(".scroller")?.scrollLeft;
    Idiomorph.morph(day, html, { morphStyle: "innerHTML", callbacks: { beforeAttributeUpdated: keepOpen } });
    shownDay = key;
    for (const item of day.querySelectorAll("details")) {
      if (chosen.has(item.dataset.key)) item.open = chosen.get(item.dataset.key);
    }
    if (left !== undefined && day.querySelector(".scroller")) day.querySelector(".scroller").scrollLeft = left;
    moveNowLine();
  }

  function keepOpen(name, element) {
    return !(name === "open" && element.tagName === "DETAILS" && chosen.has(element.dataset.key));
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

  // The station tells the level of the next moments too: the meter moves with the sound, not with our questions.
  function showMeter(on, age) {
    const ahead = on.meter_ahead ?? { step_s: 1, rms_dbfs: [on.rms_dbfs], peak_dbfs: [on.peak_dbfs] };
    meter = { ...meter, at: performance.now() - age, step: ahead.step_s * 1000, rms: ahead.rms_dbfs, peak: ahead.peak_dbfs };
    const bar = document.getElementById("meter");
    if (!bar) return;
    const rms = on.rms_dbfs ?? null;
    const words = rms === null || rms <= FLOOR_DB ? bar.dataset.silent : `${Math.round(rms)} dB`;
    bar.setAttribute("aria-valuenow", String(Math.round(Math.max(FLOOR_DB, rms ?? FLOOR_DB))));
    bar.setAttribute("aria-valuetext", words);
    write(bar.parentElement.querySelector(".meter-word"), words);
  }

  // Up at once, down slowly, as meters of a studio do.
  function moveMeter() {
    const bar = document.getElementById("meter");
    if (!bar || isLost) return;
    const step = Math.min(meter.rms.length - 1, Math.max(0, Math.floor((performance.now() - meter.at) / meter.step)));
    const share = (level) => `${(100 * (1 - Math.max(FLOOR_DB, level ?? FLOOR_DB) / FLOOR_DB)).toFixed(1)}%`;
    const rest = Math.max(FLOOR_DB, meter.rms[step] ?? FLOOR_DB) - meter.shown;
    meter.shown += rest > 0 ? rest : rest * 0.3;
    bar.querySelector(".rms").setAttribute("width", share(meter.shown));
    bar.querySelector(".peak").setAttribute("x", share(meter.peak[step]));
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
    const nowLost = silentMs() > LOST_MS;
    if (nowLost !== isLost) setLost(nowLost);
    if (isLost) return;
    const now = stationNow();
    if (clock) write(clock, wall.format(now));
    for (const item of document.querySelectorAll("#live .count[data-until]")) {
      write(item, countdown(Date.parse(item.dataset.until) - now));
    }
    for (const item of live.querySelectorAll(".progress-line")) {
      const since = Date.parse(item.dataset.since);
      const share = (now - since) / (Date.parse(item.dataset.until) - since);
      item.querySelector(".done").setAttribute("width", `${Math.min(100, Math.max(0, share * 100)).toFixed(2)}%`);
    }
    moveNowLine();
  }

  function setLost(value) {
    isLost = value;
    document.documentElement.classList.toggle("is-lost", value);
    document.dispatchEvent(new CustomEvent("live:lost", { detail: value }));
    if (!value) {
      lost.replaceChildren();
      return;
    }
    for (const item of live.querySelectorAll(".count")) write(item, UNKNOWN);
    if (clock) write(clock, UNKNOWN_CLOCK);
    const words = document.getElementById("lost-words").content.cloneNode(true);
    words.querySelector("time").textContent = wall.format(lastNow ?? Date.parse(air.dataset.now));
    lost.replaceChildren(words);
    clearTimeout(again);
    poll();
  }

  const scroller = day.querySelector(".scroller");
  const share = moveNowLine();
  if (scroller && share !== null) scroller.scrollLeft = share * scroller.scrollWidth - scroller.clientWidth / 2;
  day.addEventListener("click", (event) => {
    const details = event.target.closest("summary")?.parentElement;
    if (details) chosen.set(details.dataset.key, !details.open);
  });
  document.addEventListener("live:hurry", hurry);
  document.addEventListener("visibilitychange", () => {
    tick();
    if (!document.hidden) poll();
  });
  window.addEventListener("online", poll);
  tick();
  setInterval(tick, TICK_MS);
  setInterval(moveMeter, METER_MS);
  poll();
})();
