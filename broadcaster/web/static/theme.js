// Light or dark before anything is painted: loaded in the head, without defer.
"use strict";

(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function paint() {
    const chosen = root.dataset.theme;
    root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  }

  paint();
  dark.addEventListener("change", paint);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-theme-choice]");
    if (!link) return;
    event.preventDefault();
    root.dataset.theme = link.dataset.themeChoice;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${link.dataset.themeChoice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const other of document.querySelectorAll("[data-theme-choice]")) {
      if (other === link) other.setAttribute("aria-current", "true");
      else other.removeAttribute("aria-current");
    }
    link.closest("details")?.removeAttribute("open");
    paint();
  });
})();
