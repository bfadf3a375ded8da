// The emergency page: says at once what is still missing, instead of sending the page for it.
"use strict";

(() => {
  const form = document.getElementById("call-form");
  if (!form) return;
  const wanted = document.getElementById("call-wanted");
  const words = form.elements.words;

  form.addEventListener("submit", (event) => {
    if (form.elements.reason.value || words.value.trim()) return;
    event.preventDefault();
    wanted.textContent = wanted.dataset.words;
    form.querySelector("input[type=radio]").focus();
  }, true);
  form.addEventListener("input", () => {
    wanted.textContent = "";
  });
})();
