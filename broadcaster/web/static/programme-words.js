// Words of the page come from its template, in the page's language; numbers and names are filled in here.
"use strict";

import { clockText, parseMoment } from "./programme-times.js";

const known = new Map(
  [...document.getElementById("programme-words").content.querySelectorAll("[data-word]")]
    .map((element) => [element.dataset.word, element.textContent.trim()]),
);

/** The sentence of that name, with `{gaps}` filled. */
export function say(name, values = {}) {
  return (known.get(name) ?? name).replace(/\{(\w+)\}/g, (gap, key) => (key in values ? String(values[key]) : gap));
}

const people = new Map(Object.entries(JSON.parse(document.getElementById("programme").dataset.people)));

/** An account by how people know it; whoever has none goes by the name that is known. */
export const person = (name) => people.get(name) ?? name;

const minutes = (seconds) => {
  const size = Math.abs(seconds);
  return size % 60 ? say("seconds", { n: size }) : say("minutes", { n: size / 60 });
};

/** A written moment in words: `10:05`, or "5 min before closing" where it hangs on that. */
export function momentWords(text) {
  const moment = parseMoment(text);
  if (!moment) return String(text ?? "");
  if (moment.anchor === "midnight") return clockText(moment.s);
  if (!moment.s) return say(`at-${moment.anchor}`);
  return say(`${moment.anchor}-${moment.s > 0 ? "after" : "before"}`, { length: minutes(moment.s) });
}

/** What a moment hangs on, in brackets behind its clock time; empty for a fixed time. */
export function hangs(text) {
  const moment = parseMoment(text);
  return moment && moment.anchor !== "midnight" ? say("bracket", { what: momentWords(text) }) : "";
}

/** An element with classes and text. */
export function make(tag, classes = "", text = "") {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text) element.textContent = text;
  return element;
}
