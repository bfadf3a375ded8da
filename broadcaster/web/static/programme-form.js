// The form beside the day: every field of the chosen entry, written into the draft as soon as it is changed.
"use strict";

import { titleOf } from "./programme-plan.js";
import { COMPOUND, KINDS, get, set } from "./programme-fields.js";
import { make, say } from "./programme-words.js";

export class EntryForm {
  /** `acts`: `change(key, write)`, `close()`, and one for each `data-deed` of the form. */
  constructor(panel, { editable, language, levels, acts }) {
    this.panel = panel;
    this.editable = editable;
    this.language = language;
    this.levels = levels;
    this.acts = acts;
    this.key = null;
    this.forms = { dayparts: panel.querySelector("#part-form"), spots: panel.querySelector("#spot-form") };
    for (const form of Object.values(this.forms)) {
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("input", (event) => { if (event.target.matches("input")) event.target.dataset.typing = "true"; });
      form.addEventListener("change", (event) => this.#changed(event.target));
      form.addEventListener("click", (event) => this.#clicked(event.target));
      if (!editable) for (const control of form.elements) control.disabled = true;
    }
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") acts.close();
    });
  }

  get form() { return this.section ? this.forms[this.section] : null; }

  /** Show an entry; null for none. `faults` are those told of it. */
  show(entry, day, faults, { fresh = false } = {}) {
    const first = entry !== null && (fresh || entry.key !== this.key);
    if (entry?.key !== this.key) for (const typed of this.panel.querySelectorAll("[data-typing]")) delete typed.dataset.typing;
    [this.key, this.section, this.day] = [entry?.key ?? null, entry?.section ?? null, day];
    this.entry = entry;
    this.panel.classList.toggle("open", entry !== null);
    this.panel.querySelector("#form-empty").hidden = entry !== null;
    for (const [section, form] of Object.entries(this.forms)) form.hidden = section !== this.section;
    if (entry === null) return;
    const heading = this.form.querySelector("h2");
    heading.textContent = titleOf(entry.data, this.language);
    this.#fill(entry.data);
    this.#tell(faults);
    if (first) heading.focus({ preventScroll: true });
  }

  #fill(data) {
    for (const host of this.form.querySelectorAll("[data-field]")) {
      if (host.dataset.compound) KINDS.choice.fill(host, COMPOUND[host.dataset.compound].value(data));
      else KINDS[host.dataset.kind].fill(host, get(data, host.dataset.field), data);
    }
    for (const host of this.form.querySelectorAll("[data-when]")) {
      const [name, ...values] = host.dataset.when.split(" ");
      host.hidden = !values.includes(COMPOUND[name].value(data) === "silence" ? "silence" : name === "bed" ? "music" : COMPOUND[name].value(data));
    }
    for (const more of this.form.querySelectorAll("details")) {
      // What was set must be seen.
      if ([...more.querySelectorAll("[data-kind=names][data-field]")].some((host) => get(data, host.dataset.field) !== undefined)) more.open = true;
    }
    const range = this.form.querySelector("[data-range]");
    const level = this.levels[data.level]?.range;
    if (range) range.textContent = level ? say("dial-range", { low: Math.min(...level), high: Math.max(...level) }) : "";
  }

  #tell(faults) {
    for (const old of this.form.querySelectorAll(".told")) old.remove();
    for (const host of this.form.querySelectorAll("[data-field]")) host.removeAttribute("aria-invalid");
    const rest = [];
    for (const fault of faults) {
      const name = fault.path.slice(2).join(".");
      const host = name && [...this.form.querySelectorAll("[data-field]")]
        .find((one) => name === one.dataset.field || name.startsWith(`${one.dataset.field}.`));
      if (!host) rest.push(fault);
      else {
        host.setAttribute("aria-invalid", fault.severity === "fault" ? "true" : "false");
        host.closest(".field").append(this.#words(fault));
        const more = host.closest("details");
        if (more) more.open = true;
      }
    }
    this.form.querySelector("[data-faults]").replaceChildren(...rest.map((fault) => this.#words(fault)));
  }

  #words(fault) {
    const english = this.language === "en";
    const text = [(english && fault.message_en) || fault.message, (english && fault.remedy_en) || fault.remedy].filter(Boolean).join(" ");
    return make("p", `told ${fault.severity}`, `${fault.severity === "fault" ? "✕" : "⚠"} ${text}`);
  }

  #changed(control) {
    delete control.dataset.typing;
    const host = control.closest("[data-field]");
    if (host && this.editable) this.#write(host, control);
  }

  #clicked(target) {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.deed) this.acts[button.dataset.deed](this.entry);
    const host = button.closest("[data-field]");
    if (!host || !this.editable) return;
    if (button.hasAttribute("data-add")) this.#write(host, button, "add");
    if (button.hasAttribute("data-drop")) {
      const row = button.closest("[data-rows] > *");
      const next = row.nextElementSibling ?? row.previousElementSibling ?? host;
      this.#write(host, button, [...row.parentElement.children].indexOf(row));
      next.querySelector("button, select, input")?.focus();
    }
  }

  #write(host, control, deed) {
    const field = host.dataset.field;
    if (host.dataset.compound) {
      this.acts.change(this.key, (data) => COMPOUND[host.dataset.compound].write(data, host.value, this.day));
      return;
    }
    const value = KINDS[host.dataset.kind].read(host, this.entry.data, this.day, control, deed);
    // Null: what is typed is no time yet, and the field says so.
    if (value === null) return;
    this.acts.change(this.key, (data) => {
      // `bed: light` is short for a mapping, which the other fields of the bed need.
      if (field.startsWith("bed.") && typeof data.bed === "string") data.bed = { playlist: data.bed };
      set(data, field, value);
    });
  }
}
