// The calendar's month: a chosen date's panel comes without a reload; Shift and a second date choose all between.
"use strict";

(() => {
  const table = document.getElementById("cal");
  const panel = document.getElementById("panel");
  let wantsFocus = false;

  function mark(first, last) {
    for (const link of table.querySelectorAll("[data-date]")) {
      link.parentElement.classList.toggle("is-chosen", first <= link.dataset.date && link.dataset.date <= last);
    }
  }

  function chosen() {
    const body = panel.querySelector("[data-first]");
    return body ? [body.dataset.first, body.dataset.last] : null;
  }

  if (table && panel) {
    // Before htmx sees the click: with Shift another address is asked for, and no new window is opened.
    table.addEventListener("click", (event) => {
      const link = event.target.closest("[data-date]");
      if (!link) return;
      wantsFocus = true;
      const from = chosen();
      if (!event.shiftKey || !from) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const [first, last] = [from[0], link.dataset.date].sort();
      htmx.ajax("GET", `/calendar/day/${first}?to=${last}`, { target: "#panel", swap: "innerHTML" });
    }, true);

    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.target !== panel) return;
      const dates = chosen();
      if (!dates) return;
      mark(...dates);
      const address = new URL(location.href);
      address.search = "";
      address.searchParams.set("date", dates[0]);
      if (dates[0] !== dates[1]) address.searchParams.set("to", dates[1]);
      history.replaceState(null, "", address);
      if (!wantsFocus) return;
      wantsFocus = false;
      document.getElementById("panel-title")?.focus({ preventScroll: true });
      if (panel.getBoundingClientRect().top > innerHeight * 0.7) panel.scrollIntoView({ block: "start" });
    });

    // What is filled in beside a choice makes that choice.
    panel.addEventListener("input", (event) => {
      const field = event.target;
      if (field.name === "close" && field.value) panel.querySelector("[name=closing]").value = "at";
      const row = field.closest(".cal-once");
      if (row && field.matches("input") && field.value) row.querySelector("select").value = "at";
    });
    panel.addEventListener("change", (event) => {
      if (event.target.name !== "last") return;
      const dates = chosen();
      if (dates) mark(dates[0], event.target.value || dates[0]);
    });
  }

  // Day page: to what is on air, and onto paper.
  document.querySelector("[data-print]")?.addEventListener("click", () => print());
  document.querySelector("[data-jump]")?.addEventListener("click", (event) => {
    const row = document.getElementById("next");
    if (!row) return;
    event.preventDefault();
    const part = row.closest("details");
    if (part) part.open = true;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  });
})();
