// Files sent with progress, tracks heard and put in order. Words come from the page.
"use strict";

(() => {
  const AT_ONCE = 2;
  const LOOK_EVERY_MS = 700;

  const token = () => document.querySelector("input[name=csrf_token]")?.value || "";
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  // --- sending ---

  // One file on its way: a line of the list with its progress, its state and a button that gives it up.
  class Parcel {
    constructor(zone, file) {
      this.zone = zone;
      this.file = file;
      this.over = false;
      this.xhr = null;
      this.id = "";
      this.line = document.createElement("li");
      this.name = document.createElement("span");
      this.name.className = "name";
      this.name.textContent = file.name;
      this.cancel = document.createElement("button");
      this.cancel.type = "button";
      this.cancel.className = "btn btn-outline-secondary btn-sm";
      this.cancel.textContent = zone.form.dataset.wordCancel;
      this.cancel.setAttribute("aria-label", `${zone.form.dataset.wordCancel}: ${file.name}`);
      this.cancel.addEventListener("click", () => this.giveUp());
      this.bar = document.createElement("progress");
      this.bar.max = 1;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", file.name);
      this.state = document.createElement("span");
      this.state.className = "state";
      this.line.append(this.name, this.cancel, this.bar, this.state);
      zone.list.append(this.line);
      this.say("waiting");
    }

    say(state, more = "") {
      const words = this.zone.form.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`] || state;
      this.line.className = `is-${state}`;
      this.state.textContent = more ? `${words} ${more}` : words;
    }

    end(state, more) {
      this.over = true;
      this.say(state, more);
      this.bar.remove();
      this.cancel.remove();
    }

    async giveUp() {
      if (this.over) return;
      this.xhr?.abort();
      this.end("cancelled");
      if (this.id) await this.ask("DELETE").catch(() => null);
    }

    ask(method = "GET") {
      return fetch(`/api/v1/uploads/${this.id}`, { method, credentials: "same-origin", headers: { "X-CSRFToken": token() } });
    }

    async send() {
      if (this.over) return;
      const { form } = this.zone;
      if (this.file.size > Number(form.dataset.most)) {
        this.end("refused", form.dataset.wordTooLarge);
        return;
      }
      this.say("sending");
      const answer = await this.post();
      if (this.over) return;
      if (!answer?.id) {
        this.end("refused", answer?.errors?.map((one) => one.detail).join(" ") || answer?.detail || form.dataset.wordLost);
        return;
      }
      this.id = answer.id;
      await this.watch();
    }

    post() {
      return new Promise((done) => {
        const xhr = new XMLHttpRequest();
        this.xhr = xhr;
        xhr.open("POST", `${this.zone.form.dataset.upload}?name=${encodeURIComponent(this.file.name)}`);
        xhr.setRequestHeader("X-CSRFToken", token());
        xhr.setRequestHeader("Content-Type", "application/octet-stream");
        xhr.responseType = "json";
        xhr.upload.addEventListener("progress", (event) => {
          if (this.over || !event.lengthComputable) return;
          this.bar.value = event.loaded / event.total;
          this.say("sending", `${Math.floor((100 * event.loaded) / event.total)} %`);
        });
        xhr.addEventListener("load", () => done(xhr.response));
        for (const name of ["error", "abort", "timeout"]) xhr.addEventListener(name, () => done(null));
        xhr.send(this.file);
      });
    }

    async watch() {
      this.say("checking");
      this.bar.removeAttribute("value");
      while (!this.over) {
        const answer = await this.ask().catch(() => null);
        const told = answer?.ok ? await answer.json() : null;
        if (this.over) return;
        if (told?.state === "kept") this.end("kept");
        else if (told?.state === "refused") this.end("refused", this.zone.chinese ? told.reason.zh : told.reason.en);
        else if (answer && answer.status >= 400 && answer.status < 500) this.end("refused", this.zone.form.dataset.wordLost);
        else await sleep(LOOK_EVERY_MS);
      }
    }
  }

  class Zone {
    constructor(form) {
      this.form = form;
      this.list = form.querySelector(".sending");
      this.input = form.querySelector("input[type=file]");
      this.waiting = [];
      this.busy = 0;
      this.chinese = document.documentElement.lang.startsWith("zh");
      this.input.addEventListener("change", () => {
        this.take(this.input.files);
        this.input.value = "";
      });
      const drop = form.querySelector(".drop");
      for (const name of ["dragenter", "dragover"]) {
        drop.addEventListener(name, (event) => {
          event.preventDefault();
          drop.classList.add("is-over");
        });
      }
      for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
      drop.addEventListener("drop", (event) => {
        event.preventDefault();
        this.take(event.dataTransfer.files);
      });
      addEventListener("beforeunload", (event) => {
        if (this.busy) event.preventDefault();
      });
    }

    take(files) {
      for (const file of files) this.waiting.push(new Parcel(this, file));
      this.go();
    }

    async go() {
      while (this.busy < AT_ONCE && this.waiting.length) {
        const parcel = this.waiting.shift();
        this.busy += 1;
        parcel.send().finally(() => {
          this.busy -= 1;
          if (!this.busy && !this.waiting.length) refresh();
          this.go();
        });
      }
    }
  }

  function refresh() {
    const tracks = document.getElementById("tracks");
    if (tracks) htmx.ajax("GET", `/part${location.pathname}`, { target: tracks, swap: "morph:innerHTML" });
  }

  for (const form of document.querySelectorAll("form[data-upload]")) new Zone(form);
  // A file dropped beside the box would replace the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());

  // --- hearing ---

  const player = document.getElementById("player");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-play]");
    if (!link || !player) return;
    event.preventDefault();
    const audio = player.querySelector("audio");
    player.hidden = false;
    player.querySelector(".playing").textContent = link.dataset.title;
    if (audio.getAttribute("src") !== link.getAttribute("href")) audio.src = link.getAttribute("href");
    audio.play().catch(() => {});
  });

  // --- order ---

  const tracks = document.getElementById("tracks");
  const rows = () => [...tracks.querySelectorAll("tr[data-key]")];

  async function order(keys, focus) {
    const form = document.getElementById("order-form");
    await htmx.ajax("POST", form.action, {
      target: tracks,
      swap: "morph:innerHTML",
      values: { keys, tag: form.querySelector("[name=tag]").value, csrf_token: token() },
    });
    sortable();
    if (focus) document.getElementById(focus)?.focus();
  }

  function sortable() {
    const body = tracks?.querySelector("tbody[data-sortable=yes]");
    if (!body || !window.Sortable || Sortable.get(body)) return;
    Sortable.create(body, {
      handle: ".handle",
      animation: 120,
      onEnd: () => order(rows().map((row) => row.dataset.key)),
    });
  }

  function step(from, way) {
    const keys = rows().map((row) => row.dataset.key);
    const at = keys.indexOf(from.closest("tr").dataset.key);
    const to = at + way;
    if (to < 0 || to >= keys.length) return;
    keys.splice(to, 0, ...keys.splice(at, 1));
    order(keys, from.id);
  }

  tracks?.addEventListener("keydown", (event) => {
    const handle = event.target.closest(".handle");
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!handle || !event.altKey || !way) return;
    event.preventDefault();
    step(handle, way);
  });
  tracks?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    step(button, button.value === "up" ? -1 : 1);
  });
  document.addEventListener("htmx:afterSettle", sortable);
  sortable();
})();
