// Deeds of the first page: sent without leaving it, asked back where they do harm, told of in a toast that can take
// them back; and not to be done while the page does not know what is on air.
"use strict";

(() => {
  const TIMEOUT_MS = 15000;
  const URGENT_MS = 6000; // whoever stops everything must know soon whether it was heard of
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
        signal: AbortSignal.timeout(isAlways(form) ? URGENT_MS : TIMEOUT_MS),
      });
      const html = await answer.text();
      if (!html.includes("deed-toast")) {
        if (!answer.redirected && (answer.ok || answer.status >= 500)) throw new Error(`${address}: ${answer.status}`);
        location.assign(toasts.dataset.login); // the session has ended, or holds for another page
        return;
      }
      if (!askBack(html)) toast(html);
      if (answer.ok) closeDialogs(form);
    } catch (error) {
      console.debug(error);
      toast(document.getElementById(isAlways(form) ? "unsent" : "unreachable").innerHTML);
    } finally {
      busy.delete(address);
      submitter?.removeAttribute("aria-busy");
    }
    document.dispatchEvent(new CustomEvent("live:hurry"));
  }

  // The station wants to know whether that is meant: its words, and the button that says so.
  function askBack(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const body = holder.content.querySelector("[data-sure]");
    if (!body) return false;
    for (const open of document.querySelectorAll(".modal.show")) bootstrap.Modal.getOrCreateInstance(open).hide();
    ask(document.getElementById("deeds"), body.querySelector("[formaction]"), body.querySelector("p").textContent);
    return true;
  }

  function ask(form, submitter, words) {
    asked = { form, submitter: document.importNode(submitter, true) }; // the page may have drawn it anew by then
    document.getElementById("sure-words").textContent = words;
    document.getElementById("sure-yes").textContent = submitter.textContent;
    bootstrap.Modal.getOrCreateInstance(sure).show();
  }

  const isAlways = (element) => element.closest("[data-always]") !== null;

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
    const toast = bootstrap.Toast.getInstance(element);
    element.remove();
    if (!element.classList.contains("showing")) {
      toast?.dispose();
      return;
    }
    // While it comes or goes Bootstrap still means to touch it.
    const later = () => setTimeout(() => toast.dispose());
    for (const name of ["shown.bs.toast", "hidden.bs.toast"]) element.addEventListener(name, later, { once: true });
  }

  function closeDialogs(form) {
    for (const open of document.querySelectorAll(".modal.show")) bootstrap.Modal.getOrCreateInstance(open).hide();
    if (form.closest(".modal") && !form.classList.contains("trim")) form.reset();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-deed")) return;
    event.preventDefault();
    if (isLost && !isAlways(form)) return;
    if (event.submitter?.dataset.confirm) {
      ask(form, event.submitter, event.submitter.dataset.confirm);
      return;
    }
    send(form, event.submitter);
  });

  document.getElementById("sure-yes").addEventListener("click", () => {
    if (asked && !isLost) send(asked.form, asked.submitter);
    asked = null;
    bootstrap.Modal.getOrCreateInstance(sure).hide();
  });

  // What must not be pressed now stays where it is, so that nothing jumps and the keyboard keeps its place. To stop
  // everything may always be tried: whether it got through is said.
  function lock() {
    for (const button of document.querySelectorAll("[form=deeds], form[data-deed] button, .deeds a.btn, #sure-yes")) {
      if (isAlways(button)) continue;
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

  // What a dialog offers is as of now, not of when the page was opened.
  for (const part of document.querySelectorAll(".deed-dialog [data-part]")) {
    part.closest(".deed-dialog").addEventListener("show.bs.modal", async () => {
      try {
        const answer = await fetch(part.dataset.part, { credentials: "same-origin", cache: "no-store" });
        if (answer.ok && !answer.redirected) Idiomorph.morph(part, await answer.text(), { morphStyle: "innerHTML", ignoreActiveValue: true });
      } catch (error) {
        console.debug(error);
      }
    });
  }

  const list = document.getElementById("play-list");
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
