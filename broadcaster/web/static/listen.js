// Listening in: the output as it is heard, kept close to now; and the record, whose player tells the time of day.
"use strict";

(() => {
  const TYPE = "audio/mpeg";
  const BEHIND_S = 0.7; // so much is kept in hand, so that a stutter of the network is not heard
  const TOO_LATE_S = 2.5; // further behind than this the player jumps forward
  const KEPT_S = 20;
  const AGAIN_MS = 1500;

  const box = document.getElementById("live");
  const button = box.querySelector(".listen-button");
  const audio = box.querySelector("audio");
  const state = box.querySelector(".listen-state");
  let wanted = false;
  let turn = 0;
  let abort = null;
  let words = "";

  button.hidden = false;
  audio.hidden = true;
  audio.removeAttribute("src");

  function say(name) {
    words = name;
    const text = box.dataset[name] ?? "";
    if (state.textContent !== text) state.textContent = text;
  }

  function show() {
    button.setAttribute("aria-pressed", String(wanted));
    button.textContent = wanted ? button.dataset.on : button.dataset.off;
  }

  // A refusal is said in the station's own words.
  async function refusal(answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(".detail")?.textContent.trim() || box.dataset.lost;
  }

  const once = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));

  function keepUp(source) {
    const ranges = audio.buffered;
    if (!ranges.length) return;
    const end = ranges.end(ranges.length - 1);
    if (audio.currentTime < ranges.start(ranges.length - 1) || end - audio.currentTime > TOO_LATE_S) {
      audio.currentTime = Math.max(ranges.start(ranges.length - 1), end - BEHIND_S);
    }
    if (!source.updating && ranges.start(0) < audio.currentTime - KEPT_S) source.remove(0, audio.currentTime - KEPT_S / 2);
  }

  // The plain player keeps seconds in hand before it begins; fed by hand it begins with the first second.
  async function feed(mine) {
    const media = new MediaSource();
    const address = URL.createObjectURL(media);
    audio.src = address;
    try {
      await once(media, "sourceopen");
      const source = media.addSourceBuffer(TYPE);
      source.mode = "sequence";
      abort = new AbortController();
      const answer = await fetch(box.dataset.source, { signal: abort.signal, cache: "no-store", credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(await refusal(answer));
      const reader = answer.body.getReader();
      while (mine === turn) {
        const { done, value } = await reader.read();
        if (done) break;
        source.appendBuffer(value);
        await once(source, "updateend");
        keepUp(source);
        if (source.updating) await once(source, "updateend");
        if (audio.paused && audio.buffered.length && audio.buffered.end(0) - audio.buffered.start(0) >= BEHIND_S) await begin();
      }
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  async function begin() {
    try {
      await audio.play();
      say("listening");
    } catch (error) {
      if (error.name === "NotAllowedError") say("blocked");
      else throw error;
    }
  }

  async function plain(mine) {
    audio.src = `${box.dataset.source}?${Date.now()}`;
    await begin();
    await Promise.race([once(audio, "ended"), once(audio, "error"), once(audio, "emptied")]);
    if (mine === turn && audio.error) {
      const answer = await fetch(box.dataset.source, { cache: "no-store", signal: AbortSignal.timeout(3000) });
      if (!answer.ok) throw new Error(await refusal(answer));
      answer.body.cancel();
    }
  }

  async function listen() {
    const mine = ++turn;
    const canFeed = window.MediaSource?.isTypeSupported(TYPE);
    say("waiting");
    while (wanted && mine === turn) {
      try {
        await (canFeed ? feed(mine) : plain(mine));
        if (mine === turn) say("lost");
      } catch (error) {
        console.debug(error);
        if (mine !== turn) return;
        state.textContent = error instanceof TypeError || error.name === "AbortError" ? box.dataset.lost : error.message;
      }
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }

  function stop() {
    turn += 1;
    abort?.abort();
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
    say("stopped");
  }

  button.addEventListener("click", () => {
    if (wanted && words === "blocked") {
      begin();
      return;
    }
    wanted = !wanted;
    show();
    if (wanted) listen();
    else stop();
  });
  addEventListener("pagehide", stop);

  const past = document.getElementById("past-sound");
  const clock = document.getElementById("past-clock");
  if (!past || !clock) return;
  const begins = Date.parse(clock.dataset.begins);
  const wall = new Intl.DateTimeFormat("en-GB", {
    timeZone: clock.dataset.timezone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  past.addEventListener("timeupdate", () => {
    clock.textContent = `· ${clock.dataset.words} ${wall.format(begins + past.currentTime * 1000)}`;
  });
  // What the player holds already needs no other page.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-at]");
    if (!link) return;
    const at = (Date.parse(link.dataset.at) - begins) / 1000;
    if (!(at >= 0 && at < past.duration)) return;
    event.preventDefault();
    past.currentTime = at;
    past.play();
  });
})();
