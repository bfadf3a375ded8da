// What every page shares: menus that close, short words at the edge of the page, fields that send their form.
"use strict";

(() => {
  const TOAST_MS = 8000;
  const KINDS = ["success", "info", "warning", "danger"];
  const toasts = document.getElementById("toasts");

  // Also for other scripts: document.dispatchEvent(new CustomEvent("toast", {detail: {words, kind}})), and for views by
  // the header HX-Trigger: {"toast": {"words": "…", "kind": "success"}}.
  function toast(words, kind = "success") {
    if (!words) return;
    const box = document.createElement("div");
    box.className = `toast toast-${KINDS.includes(kind) ? kind : "info"}`;
    box.setAttribute("role", kind === "danger" ? "alert" : "status");
    const body = document.createElement("div");
    body.className = "toast-body";
    body.textContent = words;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close";
    close.setAttribute("aria-label", toasts.dataset.close);
    close.dataset.bsDismiss = "toast";
    box.append(body, close);
    toasts.append(box);
    box.addEventListener("hidden.bs.toast", () => box.remove());
    bootstrap.Toast.getOrCreateInstance(box, { delay: TOAST_MS, autohide: kind !== "danger" }).show();
  }

  document.addEventListener("toast", (event) => toast(event.detail?.words, event.detail?.kind));
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.target.closest?.("[data-quiet]")) toast(toasts.dataset.lost, "danger");
  });
  document.addEventListener("htmx:timeout", (event) => {
    if (!event.target.closest?.("[data-quiet]")) toast(toasts.dataset.lost, "danger");
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.target.closest?.("[data-quiet]")) return;
    // Our refusals are pages in plain words: their detail is worth more than a general one.
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText || "", "text/html");
    toast(page.querySelector(".detail")?.textContent.trim() || toasts.dataset.refused, "danger");
  });

  function closeMenus(but) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== but && !menu.contains(but)) menu.open = false;
    }
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  });
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });

  // A choice that is its own deed, such as a filter: <select data-send>.
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-send]")) event.target.form.requestSubmit();
  });

  // What is pressed twice is done once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 3000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
