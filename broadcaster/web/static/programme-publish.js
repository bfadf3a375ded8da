// Publishing, and what is said and offered when somebody else changed the plan meanwhile.
"use strict";

import { FILE } from "./programme-plan.js";
import { Refused } from "./programme-talk.js";
import { make, person, say } from "./programme-words.js";

export class Publisher {
  /** `state()` is the draft's; `fresh(words)` opens the plan anew without the draft; `ask(words, deed)` asks back;
   *  `entryTitle(section, id)` is what people call a daypart or a spot. */
  constructor({ dialog, banner, talk, compareUrl, ask, state, summary, fresh, entryTitle }) {
    Object.assign(this, { dialog, banner, talk, compareUrl, ask, state, summary, fresh, entryTitle });
    this.seen = null;
    this.words = dialog?.querySelector("[name=words]");
    dialog?.querySelector("form").addEventListener("submit", (event) => {
      if (event.submitter?.value === "no") return;
      event.preventDefault();
      this.#send(event.submitter?.value === "anyway");
    });
    dialog?.querySelector("[data-drop-mine]").addEventListener("click", () => this.#dropMine());
    banner.addEventListener("click", (event) => {
      if (event.target.closest("[data-drop-mine]")) this.#dropMine();
      if (event.target.closest("[data-hide]")) banner.hidden = true;
    });
  }

  /** Ask for the words, and show once more what would change. */
  open() {
    const { told, effects } = this.state();
    // What was wrong before does not keep a change from being written.
    const bad = told.filter((fault) => fault.blocking && !fault.known);
    const part = (name) => this.dialog.querySelector(`[data-${name}]`);
    part("conflict").hidden = true;
    part("trouble").hidden = !bad.length;
    part("trouble").textContent = bad.length ? say("fix-first", { n: bad.length }) : "";
    this.#deeds({ publish: !bad.length, anyway: false });
    part("effect").textContent = say("will-change", { n: effects.reduce((sum, one) => sum + one.changes.length, 0), days: effects.length });
    if (!this.words.value || this.words.value === this.proposed) this.words.value = this.proposed = this.summary();
    this.dialog.showModal();
    this.words.focus();
  }

  #deeds({ publish, anyway }) {
    this.dialog.querySelector("[value=publish]").hidden = !publish;
    this.dialog.querySelector("[value=anyway]").hidden = !anyway;
  }

  async #send(anyway) {
    const { tag, edits } = this.state();
    const buttons = [...this.dialog.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const version = await this.talk.publish(tag, edits, this.words.value.trim(), anyway);
      this.dialog.close();
      this.words.value = "";
      const held = version.held_back?.length;
      const words = say(held ? "published-held" : version.preparing ? "published-preparing" : "published", { id: version.id, n: held });
      await this.fresh(words);
      this.#toast(held ? "warning" : "success", words, [this.#link(`${this.compareUrl}/${version.id}`, say("see-version"))]);
    } catch (error) {
      this.#refused(error);
    }
    for (const button of buttons) button.disabled = false;
  }

  #refused(error) {
    const trouble = this.dialog.querySelector("[data-trouble]");
    trouble.hidden = false;
    const { changed, faults } = error instanceof Refused ? error.problem : {};
    if (!changed) {
      const all = (faults ?? []).map((fault) => `${fault.message} ${fault.remedy}`).join("\n");
      trouble.textContent = error instanceof Refused ? [error.message, all].filter(Boolean).join("\n") : say("no-connection");
      return;
    }
    trouble.hidden = true;
    const box = this.dialog.querySelector("[data-conflict]");
    box.hidden = false;
    box.querySelector("[data-words]").replaceChildren(...this.#told(changed));
    box.querySelector("a").href = this.#difference(changed);
    this.#deeds({ publish: false, anyway: !changed.entries?.length });
    box.focus();
  }

  /** Who changed what when, as paragraphs. */
  #told(changed) {
    const at = new Date(changed.at).toLocaleTimeString(document.documentElement.lang, { timeZone: this.zone, hour: "2-digit", minute: "2-digit", hour12: false });
    const lines = [say(changed.how === "file" ? "changed-file" : "changed-by", { who: person(changed.who), time: at, words: changed.words || say("no-words"), files: changed.files.join(say("comma")) })];
    if (changed.entries?.length) lines.push(say("same-entries", { entries: changed.entries.map((one) => this.#entry(one)).join(say("comma")) }));
    return lines.map((line) => make("p", "mb-1", line));
  }

  /** An entry (`config/programme.yaml: dayparts: weather`) by the name that people gave it, where it has one. */
  #entry(label) {
    const [file, section, id] = label.split(": ");
    const title = file === FILE && id ? this.entryTitle(section, id) : "";
    return title ? say(`entry-${section}`, { title }) : label;
  }

  get zone() { return document.getElementById("programme").dataset.timezone; }

  #difference(changed) {
    return `${this.compareUrl}/compare?${new URLSearchParams({ a: this.state().version, b: changed.version })}`;
  }

  #link(href, words) {
    const link = make("a", "alert-link", words);
    link.href = href;
    return link;
  }

  #button(name, words) {
    const button = make("button", "btn btn-sm btn-outline-secondary", words);
    button.type = "button";
    button.dataset[name] = "";
    return button;
  }

  #toast(kind, words, deeds) {
    this.banner.className = `alert alert-${kind}`;
    const row = make("div", "d-flex flex-wrap gap-2 align-items-center");
    row.append(make("span", "me-auto", words), ...deeds, this.#button("hide", say("close")));
    this.banner.replaceChildren(row);
    this.banner.hidden = false;
  }

  /** The trial found that somebody else was quicker. */
  behind(changed) {
    if (this.seen === changed.version) return;
    this.seen = changed.version;
    const theirs = this.#link(this.#difference(changed), say("see-theirs"));
    theirs.target = "_blank";
    const told = this.#told(changed).map((one) => one.textContent).join(" ");
    this.#toast("warning", `${told} ${say("yours-kept")}`, [theirs, this.#button("dropMine", say("drop-mine"))]);
  }

  /** The tag changed under unsaved work: ask what happened, once. */
  async notice(tag) {
    if (this.noticed === tag) return;
    const { tag: own, edits } = this.state();
    const trial = await this.talk.attempt(own, edits, []);
    if (trial.conflict) this.behind(trial.conflict);
    this.noticed = tag;
  }

  /** The tag is ours again. */
  level() { this.noticed = null; }

  tellRenewed(open) {
    this.#toast("info", say("renewed", { who: person(open.who), words: open.words || say("no-words") }), []);
  }

  async #dropMine() {
    if (!await this.ask(say("drop-all"), say("drop-mine"))) return;
    this.dialog.close();
    this.banner.hidden = true;
    await this.fresh(say("dropped"));
  }
}
