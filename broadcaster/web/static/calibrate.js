// The dial, by ear: plays the test sound in the house with the gain of a row, and steps that gain.
"use strict";

(() => {
  const form = document.getElementById("calibrate");
  const state = document.getElementById("calibrate-state");
  const QUIETEST = -40;

  const gainOf = (row) => row.querySelector("[name=gain]");

  async function play(gain) {
    state.textContent = form.dataset.playing;
    const body = new FormData(form);
    const token = body.get("csrf_token");
    const sent = new URLSearchParams({ csrf_token: token, gain_db: String(gain) });
    try {
      const answer = await fetch(form.dataset.sound, { method: "POST", body: sent, credentials: "same-origin" });
      state.textContent = answer.ok ? form.dataset.playing : form.dataset.failed;
    } catch {
      state.textContent = form.dataset.failed;
    }
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[type=button]");
    if (!button) return;
    const row = button.closest("tr");
    if (button.dataset.step) {
      const present = Number.parseFloat(gainOf(row).value) || 0;
      gainOf(row).value = Math.max(QUIETEST, Math.min(0, present + Number(button.dataset.step)));
    } else if (button.dataset.gain !== undefined) {
      play(Number(button.dataset.gain));
    } else {
      play(Number.parseFloat(gainOf(row).value) || 0);
    }
  });
})();
