// What stands below the day: faults and warnings, and what would change on which date.
"use strict";

import { make, say } from "./programme-words.js";

const SHOWN = 12;

const clock = (iso) => (iso ? iso.slice(11, iso.slice(17, 19) === "00" ? 16 : 19) : "");
const span = (one) => (one ? `${clock(one.start)}–${clock(one.end)}` : "");

/** `titles` finds a change's title in the page's language, and `open` is called with an entry's key. */
export class Panels {
  constructor({ faults, known, effects, open, entryAt, titleOfKey, language, levels }) {
    Object.assign(this, { faults, known, effects, entryAt, titleOfKey, language, levels });
    for (const host of [faults, known]) {
      host.addEventListener("click", (event) => {
        const key = event.target.closest("[data-key]")?.dataset.key;
        if (key) open(key);
      });
    }
  }

  #words(fault) {
    const english = this.language === "en";
    return [(english && fault.message_en) || fault.message, (english && fault.remedy_en) || fault.remedy].filter(Boolean).join(" ");
  }

  /** The list of what is wrong; entries of the programme can be gone to. Warnings of long standing are folded away. */
  tell(told) {
    const old = told.filter((fault) => fault.known && fault.severity === "warning");
    this.faults.replaceChildren(...told.filter((fault) => !old.includes(fault)).map((fault) => this.#item(fault)));
    this.known.hidden = !old.length;
    this.known.querySelector("summary").textContent = say("known", { n: old.length });
    this.known.querySelector("ul").replaceChildren(...old.map((fault) => this.#item(fault)));
  }

  #item(fault) {
    const bad = fault.severity === "fault";
    const item = make("li", `list-group-item told ${fault.severity}`);
    item.append(make("strong", "", `${bad ? "✕" : "⚠"} ${say(bad ? (fault.blocking ? "fault-blocking" : "fault") : "warning")}`), " ");
    const key = this.entryAt(fault);
    const title = key && this.titleOfKey(key);
    item.append(title ? `${title}: ${this.#words(fault)}` : this.#words(fault), " ");
    if (!title && fault.file) item.append(make("small", "", fault.line ? `${fault.file}:${fault.line}` : fault.file));
    if (title) {
      const button = make("button", "btn btn-sm btn-outline-secondary", say("go-there"));
      button.type = "button";
      button.dataset.key = key;
      button.setAttribute("aria-label", say("go-to", { title }));
      item.append(button);
    }
    return item;
  }

  /** What would change, a heading for each date. */
  show(days, today) {
    this.effects.replaceChildren(...days.map((day) => {
      const box = make("section", "effect");
      const name = day.date === today ? say("today", { date: day.date }) : day.date;
      box.append(make("h3", "h6", name));
      if (!day.changes.length) box.append(make("p", "text-body-secondary", say("nothing-changes")));
      else box.append(...this.#list(day.changes));
      return box;
    }));
  }

  #list(changes) {
    const rows = paired(changes).map((change) => this.#row(change));
    const list = make("ul", "changes");
    list.append(...rows.slice(0, SHOWN));
    if (rows.length <= SHOWN) return [list];
    const more = make("details");
    const rest = make("ul", "changes");
    rest.append(...rows.slice(SHOWN));
    more.append(make("summary", "", say("more-changes", { n: rows.length - SHOWN })), rest);
    return [list, more];
  }

  #row({ change, what, before, after, title, title_en: english }) {
    const row = make("li", change);
    row.append(make("span", "sign", { added: "+", removed: "−", changed: "→" }[change]));
    row.append(make("span", "visually-hidden", say(`change-${change}`)));
    row.append(` ${(this.language === "en" && english) || title}: `);
    if (before && after) {
      const shown = what === "spot" ? (one) => clock(one.start) : span;
      const [old, fresh] = [shown(before), shown(after)];
      if (old !== fresh) row.append(make("del", "", old), " → ", make("ins", "", fresh));
      const parts = this.#otherwise(before, after);
      if (parts) row.append(` ${parts}`);
      else if (old === fresh) row.append(old, ` ${say("otherwise")}`);
    } else row.append(make(change === "removed" ? "del" : "ins", "", what === "spot" ? clock((before ?? after).start) : span(before ?? after)));
    return row;
  }

  #otherwise(before, after) {
    const found = [];
    for (const name of ["playlist", "level", "dial"]) {
      if (before[name] !== after[name]) {
        found.push(say(`${name}-changed`, { old: this.#shown(name, before[name]), new: this.#shown(name, after[name]) }));
      }
    }
    return found.join(say("comma"));
  }

  #shown(name, value) {
    if (value === null || value === undefined) return say(name === "playlist" ? "silence" : "none");
    const title = name === "level" ? this.levels[value]?.title : null;
    return title ? (title[this.language] ?? title.zh ?? title) : value;
  }
}

/** A spot that is gone at one time and new at another was moved: one line instead of two. */
function paired(changes) {
  const gone = changes.filter((one) => one.what === "spot" && one.change === "removed");
  const moved = new Set();
  const told = changes.map((one) => {
    if (one.what !== "spot" || one.change !== "added") return one;
    const from = gone.find((old) => !moved.has(old) && old.title === one.title);
    if (!from) return one;
    moved.add(from);
    return { ...one, change: "changed", before: from.before };
  });
  return told.filter((one) => !moved.has(one));
}

/** A short account of what moves, comes and goes, to begin the words of a version with. */
export function summary(effects) {
  const told = new Map();
  const all = effects.flatMap((day) => paired(day.changes));
  const moved = all.filter(({ change, before, after }) => change !== "changed" || clock(before.start) !== clock(after.start));
  for (const { change, title, before, after } of moved.length ? moved : all) {
    const times = change === "changed" && moved.length ? ` ${clock(before.start)} → ${clock(after.start)}` : "";
    if (!told.has(title)) told.set(title, change === "changed" && times ? `${title}${times}` : `${say(`change-${change}`)} ${title}`);
  }
  return [...told.values()].slice(0, 3).join(say("semicolon"));
}
