// Deeds of the first page: sent without leaving it, asked back where they do harm, told of in a toast that can take
// them back; and not to be done while the page does not know what is on air.
"use strict";

(() => {
  const TIMEOUT_MS = 15000;
  const toasts = document.getElementById("toasts");
  const sure = document.getElementById("sure");
  let isLost = false;
  let asked = null;

  const busy = new Set(); // a second press of the same button does nothing while the first is under way

  async function send(form, submitter) {
    const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
    const body = new FormData(form);
    if (submitter?.name) body.set(submitter.name, submitter.value);
    if (busy.has(address)) return;
    busy.add(address);
    submitter?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, {
        method: "POST", body, credentials: "same-origin", cache: "no-store", headers: { "X-Deed": "1" },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const html = await answer.text();
      if (!html.includes("deed-toast")) {
        if (!answer.redirected && (answer.ok || answer.status >= 500)) throw new Error(`${address}: ${answer.status}`);
        location.assign(toasts.dataset.login); // the session has ended, or holds for another page
        return;
      }
      toast(html);
      if (answer.ok) closeDialogs(form);
    } catch (error) {
      console.debug(error);
      toast(document.getElementById("unreachable").innerHTML);
    } finally {
      busy.delete(address);
      submitter?.removeAttribute("aria-busy");
    }
    document.dispatchEvent(new CustomEvent("live:hurry"));
  }

  function toast(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const element = holder.content.querySelector(".toast");
    for (const former of toasts.querySelectorAll(".toast")) drop(former);
    toasts.append(element);
    element.addEventListener("hidden.bs.toast", () => element.remove());
    bootstrap.Toast.getOrCreateInstance(element).show();
  }

  function drop(element) {
    bootstrap.Toast.getInstance(element)?.dispose();
    element.remove();
  }

  function closeDialogs(form) {
    for (const open of document.querySelectorAll(".modal.show")) bootstrap.Modal.getOrCreateInstance(open).hide();
    if (form.closest(".modal") && !form.classList.contains("trim")) form.reset();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-deed")) return;
    event.preventDefault();
    if (isLost) return;
    if (event.submitter?.dataset.confirm) {
      asked = { form, submitter: event.submitter.cloneNode(true) }; // the page may have drawn it anew by then
      document.getElementById("sure-words").textContent = event.submitter.dataset.confirm;
      document.getElementById("sure-yes").textContent = event.submitter.textContent;
      bootstrap.Modal.getOrCreateInstance(sure).show();
      return;
    }
    send(form, event.submitter);
  });

  document.getElementById("sure-yes").addEventListener("click", () => {
    if (asked && !isLost) send(asked.form, asked.submitter);
    asked = null;
    bootstrap.Modal.getOrCreateInstance(sure).hide();
  });

  // What must not be pressed now stays where it is, so that nothing jumps and the keyboard keeps its place.
  function lock() {
    for (const button of document.querySelectorAll("[form=deeds], form[data-deed] button, .deeds a.btn, #sure-yes")) {
      if (isLost && !button.hasAttribute("aria-disabled")) button.setAttribute("aria-disabled", "true");
      if (!isLost) button.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("live:lost", (event) => {
    isLost = event.detail;
    lock();
  });
  document.addEventListener("live:changed", lock);
  document.addEventListener("click", (event) => {
    if (isLost && event.target.closest("[aria-disabled=true]")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);

  for (const dialog of document.querySelectorAll(".deed-dialog")) {
    dialog.addEventListener("shown.bs.modal", () => {
      const first = dialog.querySelector(".modal-body :is(input:not([type=hidden]), select)");
      if (first && !first.value) first.focus();
      else if (first && first.type !== "range" && first.type !== "time") first.select?.();
    });
  }

  const list = document.getElementById("play-list");
  document.getElementById("play").addEventListener("show.bs.modal", async () => {
    try {
      const answer = await fetch(list.dataset.part, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok && !answer.redirected) list.innerHTML = await answer.text();
    } catch (error) {
      console.debug(error);
    }
  });
  list.addEventListener("input", (event) => {
    const words = event.target.value.trim().toLowerCase();
    for (const item of list.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(words);
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "search") event.preventDefault();
  });

  document.addEventListener("input", (event) => {
    const shown = event.target.closest(".trim")?.querySelector("output");
    if (shown) shown.textContent = event.target.value;
  });
})();
