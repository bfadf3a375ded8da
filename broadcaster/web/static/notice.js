// Fetches the preview while somebody types, and on the buttons that change it. Without it the same buttons send the
// form, and the answer is the whole page with the preview in it.
"use strict";

(() => {
  const QUIET_MS = 700;
  const TIMEOUT_MS = 60000; // a first rendering loads the voice

  const form = document.querySelector("form[data-part]");
  const preview = document.getElementById("preview");
  const state = document.getElementById("preview-state");
  let timer = null;
  let running = null;

  // What somebody opened, or is typing, stays as it is.
  function show(html) {
    if (window.Idiomorph) Idiomorph.morph(preview, html, { morphStyle: "innerHTML", ignoreActiveValue: true });
    else preview.innerHTML = html;
  }

  function say(words) {
    if (state.textContent !== words) state.textContent = words;
  }

  // Text and times, without the sound: a change there makes what was heard old.
  async function ask(submitter) {
    clearTimeout(timer);
    running?.abort();
    const abort = new AbortController();
    running = abort;
    const limit = setTimeout(() => abort.abort("late"), TIMEOUT_MS);
    const body = new FormData(form);
    const upload = form.querySelector("input[name=upload]");
    const sending = upload?.files.length > 0;
    if (!sending) body.delete("upload");
    body.set("do", submitter ? submitter.value : "preview");
    say(state.dataset.working);
    preview.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.part, { method: "POST", body, signal: abort.signal, credentials: "same-origin" });
      if (answer.redirected || !answer.ok) throw new Error(`${form.dataset.part}: ${answer.status}`);
      const html = await answer.text();
      if (running !== abort) return;
      show(html);
      // The answer names the recording that is kept: it need not be sent twice.
      if (sending && preview.querySelector("input[name=recording]")) upload.value = "";
      say("");
      if (submitter?.value === "hear") preview.querySelector("audio")?.play().catch(() => {});
    } catch (error) {
      if (running !== abort) return; // a newer question is on its way
      console.debug(error);
      say(state.dataset.lost);
    } finally {
      clearTimeout(limit);
      if (running === abort) {
        running = null;
        preview.removeAttribute("aria-busy");
      }
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.name === "no-recording") ask();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-part]");
    if (!button || button.form !== form) return;
    event.preventDefault();
    ask(button);
  });

  form.addEventListener("input", (event) => {
    if (event.target.closest("#preview")) return;
    clearTimeout(timer);
    say(state.dataset.old);
    timer = setTimeout(ask, QUIET_MS);
  });

  // A time chosen with the phone's own clock joins those written already.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-time]");
    if (!button) return;
    const time = document.getElementById(button.dataset.addTime);
    const times = document.getElementById(button.dataset.to);
    if (!time.value) {
      time.focus();
      time.showPicker?.();
      return;
    }
    times.value = [...new Set([...times.value.split(/[\s,，、;；]+/), time.value])].filter(Boolean).join(" ");
    time.value = "";
    times.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Enter in a correction means that correction, not the first button of the form.
  document.addEventListener("keydown", (event) => {
    const input = event.target.closest?.("#preview input");
    if (event.key !== "Enter" || !input) return;
    event.preventDefault();
    ask(input.closest(".deeds").querySelector("button[value^=correct-]"));
  });
})();
