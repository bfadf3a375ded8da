// Speaking live: opens the microphone, has the chime sounded, sends what is said in pieces, and says when it is heard.
"use strict";

(() => {
  const RATE = 48000;
  const FLOOR_DB = -60;
  const MOST_UNDERWAY = 4; // pieces that are on their way at once; the station puts them in order
  const MOST_WAITING = 30; // three seconds: with more the network is gone
  const SILENT_DB = -58;
  const SILENT_MS = 4000;
  const TICK_MS = 200;

  const box = document.getElementById("speak");
  const talk = document.getElementById("talk");
  const state = document.getElementById("state");
  const left = document.getElementById("left");
  const level = document.getElementById("level");
  const choice = document.getElementById("microphone");
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");

  let context = null;
  let stream = null;
  let node = null;
  let source = null;
  let page = null; // the live page that is open: {id, speakAt, endsAt, n, waiting, underway, over}
  let opening = false;
  let soundedAt = 0;
  let wantsEnd = false;

  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) {
    document.getElementById("insecure").hidden = false;
    document.getElementById("local-way").textContent = `http://localhost${location.port ? `:${location.port}` : ""}/live`;
    return;
  }
  box.hidden = false;

  function say(name, words = "") {
    const text = words || (box.dataset[name] ?? "");
    if (state.textContent !== text) state.textContent = text;
    box.classList.toggle("is-speaking", name === "speak");
  }

  // The station's own words for why it can't be.
  async function ask(address, options) {
    const answer = await fetch(address, { method: "POST", credentials: "same-origin", cache: "no-store", ...options });
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    const [zh, en] = String(problem.detail ?? "").split(" / ");
    const error = new Error((document.documentElement.lang === "en" ? en ?? zh : zh) || box.dataset.lost);
    error.isRefusal = true;
    throw error;
  }

  async function openMicrophone(id) {
    const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: false };
    const opened = await navigator.mediaDevices.getUserMedia({ audio: id ? { ...wanted, deviceId: { exact: id } } : wanted });
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = opened;
    if (!context) {
      context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      await context.audioWorklet.addModule(box.dataset.worklet);
      node = new AudioWorkletNode(context, "pieces", { numberOfOutputs: 0 });
      node.port.onmessage = (event) => heard(event.data);
    }
    await context.resume();
    source?.disconnect();
    source = context.createMediaStreamSource(stream);
    source.connect(node);
    soundedAt = performance.now();
    stream.getAudioTracks()[0].addEventListener("ended", () => {
      if (page) end("none");
    });
  }

  async function allow() {
    try {
      await openMicrophone("");
    } catch (error) {
      say(error.name === "NotFoundError" ? "none" : "refused");
      return;
    }
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "audioinput");
    choice.replaceChildren(...devices.map((one, at) => new Option(one.label || String(at + 1), one.deviceId)));
    const used = stream.getAudioTracks()[0].getSettings().deviceId;
    if (used) choice.value = used;
    document.getElementById("allow").hidden = true;
    document.getElementById("desk").hidden = false;
    say("idle");
    talk.focus();
  }

  function heard(samples) {
    let sum = 0;
    for (const one of samples) sum += one * one;
    const db = 10 * Math.log10(sum / samples.length + 1e-12);
    level.querySelector(".rms").setAttribute("width", `${Math.max(0, 100 * (1 - Math.max(FLOOR_DB, db) / FLOOR_DB)).toFixed(1)}%`);
    level.setAttribute("aria-valuenow", String(Math.round(Math.max(FLOOR_DB, db))));
    if (db > SILENT_DB) soundedAt = performance.now();
    if (!page || page.over || performance.now() < page.speakAt) return;
    const piece = new Int16Array(samples.length);
    for (let at = 0; at < samples.length; at += 1) piece[at] = Math.round(Math.max(-1, Math.min(1, samples[at])) * 32767);
    page.waiting.push({ n: page.n, piece });
    page.n += 1;
    send(page);
  }

  async function send(mine) {
    if (mine.waiting.length > MOST_WAITING) {
      fail(mine, box.dataset.lost);
      return;
    }
    while (mine.waiting.length && mine.underway < MOST_UNDERWAY && !mine.failed) {
      const { n, piece } = mine.waiting.shift();
      mine.underway += 1;
      put(mine, n, piece).finally(() => {
        mine.underway -= 1;
        send(mine);
      });
    }
    if (mine.over && !mine.waiting.length && !mine.underway) mine.allSent?.();
  }

  async function put(mine, n, piece) {
    try {
      const answer = await ask(`${box.dataset.begin}/${mine.id}/chunk?n=${n}`, {
        body: piece.buffer, headers: { ...token(), "Content-Type": "application/octet-stream" }, signal: AbortSignal.timeout(4000),
      });
      mine.lateS = (await answer.json()).waiting_s;
    } catch (error) {
      if (!mine.over) fail(mine, error.isRefusal ? error.message : box.dataset.lost);
    }
  }

  function fail(mine, words) {
    if (mine !== page) return;
    mine.failed = mine.over = true;
    mine.waiting.length = 0;
    page = null;
    show();
    say("", words);
  }

  async function begin() {
    if (page || opening || talk.disabled) return;
    opening = true;
    wantsEnd = false;
    show();
    say("opening");
    try {
      await context.resume();
      const answer = await ask(box.dataset.begin, { body: "{}", headers: { ...token(), "Content-Type": "application/json" }, signal: AbortSignal.timeout(6000) });
      const begun = await answer.json();
      const now = performance.now();
      page = {
        id: begun.id, speakAt: now + begun.speak_in_s * 1000, endsAt: now + (begun.speak_in_s + begun.longest_s) * 1000,
        n: 0, waiting: [], underway: 0, over: false, failed: false, lateS: null,
      };
      soundedAt = now;
      say("chime");
    } catch (error) {
      say("", error.isRefusal ? error.message : box.dataset.lost);
    }
    opening = false;
    show();
    if (wantsEnd) end();
  }

  async function end(why = "") {
    if (opening) {
      wantsEnd = true;
      return;
    }
    const mine = page;
    if (!mine || mine.over) return;
    mine.over = true;
    say("ending");
    show();
    await Promise.race([
      new Promise((done) => {
        mine.allSent = done;
        send(mine);
      }),
      new Promise((done) => setTimeout(done, 3000)),
    ]);
    try {
      await ask(`${box.dataset.begin}/${mine.id}/end`, { headers: token(), signal: AbortSignal.timeout(6000) });
      if (page === mine) say(why || "ended");
    } catch (error) {
      // The station's own clock may have ended it a moment before ours.
      if (page === mine) say(why, why && error.isRefusal ? "" : error.isRefusal ? error.message : box.dataset.lost);
    }
    if (page === mine) page = null;
    show();
  }

  function show() {
    const on = Boolean(page && !page.over) || opening;
    talk.setAttribute("aria-pressed", String(on));
    talk.textContent = on ? talk.dataset.endWords : talk.dataset.beginWords;
    choice.disabled = on;
    if (!page) left.textContent = "";
  }

  function tick() {
    if (!page || page.over) return;
    const now = performance.now();
    if (now < page.speakAt) return;
    const rest = Math.ceil((page.endsAt - now) / 1000);
    if (rest <= 0) {
      end("longest");
      return;
    }
    say("speak", now - Math.max(soundedAt, page.speakAt) > SILENT_MS ? box.dataset.silent : "");
    const late = page.lateS === null ? "" : ` · ${box.dataset.late} ${(page.lateS + 0.3).toFixed(1)} ${box.dataset.second}`;
    left.textContent = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")} ${box.dataset.left}${late}`;
  }

  const holds = () => document.querySelector("input[name=how]:checked").value === "hold";
  let isHeld = false;

  function press() {
    if (holds()) {
      if (isHeld) return;
      isHeld = true;
      begin();
    } else if (page || opening) end();
    else begin();
  }

  function release() {
    if (!isHeld) return;
    isHeld = false;
    end();
  }

  talk.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (holds()) talk.setPointerCapture(event.pointerId);
    press();
  });
  talk.addEventListener("pointerup", release);
  talk.addEventListener("pointercancel", release);
  talk.addEventListener("click", (event) => {
    if (event.detail === 0) press(); // by a screen reader or the Enter key; a pointer was served above
  });
  talk.addEventListener("contextmenu", (event) => event.preventDefault());
  const typing = (target) => target.closest("input, select, textarea, a, summary, button:not(#talk)");
  document.addEventListener("keydown", (event) => {
    if (event.code !== "Space" || typing(event.target) || document.getElementById("desk").hidden) return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  document.addEventListener("keyup", (event) => {
    if (event.code !== "Space" || typing(event.target)) return;
    event.preventDefault(); // else the button is pressed once more
    release();
  });
  addEventListener("blur", release);
  addEventListener("pagehide", () => {
    if (page && !page.over) fetch(`${box.dataset.begin}/${page.id}/end`, { method: "POST", headers: token(), keepalive: true });
  });
  document.getElementById("allow-now").addEventListener("click", allow);
  choice.addEventListener("change", () => openMicrophone(choice.value).catch(() => say("none")));
  setInterval(tick, TICK_MS);
})();
