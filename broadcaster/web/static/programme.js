// The programme page: puts the day, the form, the check and the publishing together.
"use strict";

import { copied, newDaypart, newSpot, removeEntry, removeTime } from "./programme-deeds.js";
import { EntryForm } from "./programme-form.js";
import { DayList } from "./programme-list.js";
import { Panels, summary } from "./programme-panels.js";
import { Draft, FILE, blocksOf, follow, listed, shift, titleOf } from "./programme-plan.js";
import { Publisher } from "./programme-publish.js";
import { Talk, recall, remember } from "./programme-talk.js";
import { Timeline, blockName } from "./programme-timeline.js";
import { clockText } from "./programme-times.js";
import { person, say } from "./programme-words.js";

const root = document.getElementById("programme");
const { language, locale, who, today } = root.dataset;
const editable = root.dataset.editable === "true";
const el = (id) => document.getElementById(id);

const CHECK_AFTER_MS = 250;
const POLL_MS = 3000;
const HALF_HOUR_S = 1800;
/* Besides today and the day that is shown. */
const MOST_DATES = 7;

const talk = new Talk({
  plan: root.dataset.plan, tag: root.dataset.tag, day: root.dataset.day, attempt: root.dataset.try,
  publish: root.dataset.publish, token: root.dataset.token,
});

let draft = null;
let day = null;
let blocks = [];
let told = [];
let effects = [];
let selected = null;
let waiting = 0;
let shown = null;
const asked = new Set();

/** Say aloud, and show, what just happened. */
function announce(words) {
  el("said").textContent = words;
}

const faultsOf = (key) => told.filter((fault) => entryAt(fault) === key);
const entryAt = (fault) => (fault.file === FILE && draft ? draft.at(fault.path) : null);
const titleOfKey = (key) => {
  const entry = draft.find(key);
  return entry ? titleOf(entry.data, language) : "";
};

// --- drawing

function draw({ fresh = false } = {}) {
  blocks = blocksOf(draft, day);
  const faulty = new Set(told.map(entryAt).filter(Boolean));
  const entry = selected && draft.find(selected);
  if (!entry) selected = null;
  const marks = { faulty, selected };
  list.show(blocks, day, marks);
  timeline?.show(blocks, day, marks);
  form.show(entry || null, day, entry ? faultsOf(entry.key) : [], { fresh });
  if (!editable) return;
  el("undo").disabled = !draft.past.length;
  el("redo").disabled = !draft.future.length;
  el("publish").disabled = !draft.dirty;
  el("drop").hidden = !draft.dirty;
  el("unsaved").hidden = !draft.dirty;
}

function choose(key) {
  selected = key;
  draw({ fresh: true });
}

// --- changing

function changed(words) {
  remember(who, draft.dirty ? draft.kept() : null);
  draw();
  announce(words);
  clearTimeout(waiting);
  waiting = setTimeout(check, CHECK_AFTER_MS);
}

function step(change, words) {
  if (draft.step(change)) changed(words());
  else draw();
}

function move(block, start, end) {
  step(
    (work) => shift(work, blocks, block, start, end, day, {
      neighbours: el("neighbours").checked, inside: el("inside").checked,
    }),
    () => say("now-at", { name: blockName(blocksOf(draft, day).find((one) => one.id === block.id) ?? block, language) }),
  );
}

/* A step that makes an entry; it is then the one in the form. */
function make(build) {
  let data = null;
  step((work) => { [selected, data] = build({ draft, work, blocks, day }); }, () => say("added", { title: titleOf(data, language) }));
  choose(selected);
}

const newTitle = (kind) => ({ zh: root.dataset[`${kind}Zh`], en: root.dataset[`${kind}En`] });

const addPart = () => make((at) => newDaypart(at, draft.find(selected), {
  title: newTitle("part"), playlist: root.dataset.playlist, level: Object.keys(form.levels)[0],
}));

const addSpot = () => make((at) => newSpot(at, selected, { title: newTitle("spot"), script: root.dataset.script }));

const duplicate = (entry) => make((at) => copied(at, entry));

async function remove(entry, block = null) {
  const title = titleOf(entry.data, language);
  const times = block?.lane === 1 ? listed(entry.data.at) : [];
  const one = times.length > 1;
  const words = one ? say("remove-time", { title, time: clockText(block.start) }) : say(`remove-${entry.section}`, { title });
  if (!await ask(words, say("remove"))) return;
  step((work) => {
    if (one) removeTime(work, block);
    else removeEntry({ work, blocks }, entry, el("neighbours").checked);
    if (!one && selected === entry.key) selected = null;
  }, () => say("removed", { title }));
}

/** A question with one deed; true if it is wanted. */
function ask(words, deed) {
  const dialog = el("ask");
  dialog.querySelector("[data-words]").textContent = words;
  dialog.querySelector("[value=yes]").textContent = deed;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// --- checking

async function check() {
  const edits = draft.edits();
  el("checking").hidden = false;
  try {
    const dates = new Set([today, ...asked, ...(shown ? [shown] : [])]);
    const trial = await talk.attempt(draft.open.tag, edits, [...dates].sort());
    told = [...trial.faults, ...trial.warnings];
    effects = Object.values(trial.days).sort((a, b) => (a.date < b.date ? -1 : 1));
    el("check-state").textContent = say(trial.faults.length ? "check-faults" : trial.warnings.length ? "check-warnings" : "check-good",
      { faults: trial.faults.length, warnings: trial.warnings.length });
    el("check-state").dataset.state = trial.faults.length ? "bad" : trial.warnings.length ? "warn" : "ok";
    if (trial.conflict) publisher.behind(trial.conflict);
    panels.tell(told);
    panels.show(effects, today);
    draw();
  } catch (error) {
    if (error.name === "AbortError") return;
    // The work is kept; what is shown of the check would be of an earlier state.
    told = [];
    effects = [];
    panels.tell([]);
    panels.show([], today);
    el("check-state").textContent = say("check-failed", { why: error.status ? error.message : say("no-connection") });
    el("check-state").dataset.state = "bad";
  }
  el("checking").hidden = true;
}

// --- opening, publishing, other hands

async function openPlan({ keep = null } = {}) {
  draft = keep ? Draft.restored(keep) : new Draft(await talk.plan());
  form.levels = panels.levels = draft.open.levels?.levels ?? {};
  remember(who, draft.dirty ? draft.kept() : null);
  draw();
  if (editable) await check();
  else {
    told = [...draft.open.faults];
    panels.tell(told);
    draw();
  }
}

async function openDay(date, kind) {
  day = await talk.day(date, kind);
  el("day-hours").textContent = say("hours", { open: clockText(day.open_s), close: clockText(day.close_s) });
  el("day-types").textContent = day.titles.join(say("comma"));
  el("day-date").textContent = day.date;
  // A day that only might be has no rundown to compare.
  shown = kind ? null : day.date;
}

/* Another day without another page: what is not published yet stays as it is. */
async function turnTo(address) {
  const query = new URL(address, location.href).searchParams;
  const link = [...document.querySelectorAll(".kinds a")].find((one) => one.dataset.kind === (query.get("kind") ?? ""));
  const date = query.get("date") || link?.dataset.date || today;
  try {
    await openDay(date, query.get("date") ? "" : link?.dataset.pretended);
  } catch (error) {
    announce(say("check-failed", { why: error.message }));
    return;
  }
  for (const one of document.querySelectorAll(".kinds a")) {
    if (one === link && !query.get("date")) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  el("on-date").value = date;
  history.replaceState(null, "", address);
  draw();
  timeline?.scrollTo(day.open_s - HALF_HOUR_S);
  announce(say("now-day", { date: day.date, types: day.titles.join(say("comma")) }));
  if (editable) await check();
}

const publisher = new Publisher({
  dialog: el("publish-dialog"), banner: el("other-hand"), talk, compareUrl: root.dataset.compare, ask,
  state: () => ({ tag: draft.open.tag, version: draft.open.version, edits: draft.edits(), effects, told, dirty: draft.dirty }),
  summary: () => summary(effects),
  entryTitle(section, id) {
    const item = ["dayparts", "spots"].includes(section) && draft.open.programme?.[section]?.find((one) => one.id === id);
    return item ? titleOf(item, language) : "";
  },
  async fresh(words) {
    await openPlan();
    announce(words);
  },
});

const list = new DayList(el("day-list"), { language, open: (block) => choose(block.key) });
const form = new EntryForm(el("entry"), {
  editable,
  language,
  levels: {},
  acts: {
    change: (key, write) => step(
      (work) => {
        write([...work.dayparts, ...work.spots].find((entry) => entry.key === key).data);
        if (el("neighbours").checked) follow(work, blocks, key, day);
      },
      () => say("noted", { title: titleOfKey(key) }),
    ),
    close() {
      const block = blocks.find((one) => one.key === selected);
      choose(null);
      if (block) (root.dataset.view === "list" ? list : timeline ?? list).focus(block.id);
    },
    duplicate,
    remove: (entry) => remove(entry),
  },
});
const panels = new Panels({
  faults: el("faults"), known: el("known"), effects: el("effects"), entryAt, titleOfKey, language, levels: {},
  open(key) {
    choose(key);
    const block = blocks.find((one) => one.key === key);
    if (block) timeline?.reveal(block.id);
  },
});
const timeline = globalThis.FullCalendar ? new Timeline(el("timeline"), {
  language, locale, editable,
  acts: {
    shift: move,
    open: (block) => choose(block.key),
    remove: (block) => remove(draft.find(block.key), block),
  },
}) : null;

function view(name) {
  root.dataset.view = name;
  for (const button of document.querySelectorAll("[data-view-button]")) {
    button.setAttribute("aria-pressed", String(button.dataset.viewButton === name));
  }
  timeline?.resize();
}

async function poll() {
  if (!document.hidden) await look();
  setTimeout(poll, POLL_MS);
}

async function look() {
  try {
    const { tag } = await talk.tag();
    if (tag === draft.open.tag) publisher.level();
    else if (draft.dirty) await publisher.notice(tag);
    else {
      await openPlan();
      announce(say("renewed", { who: person(draft.open.who), words: draft.open.words || say("no-words") }));
      publisher.tellRenewed(draft.open);
    }
  } catch {
    // The next turn asks again; publishing tells by itself when the station can't be reached.
  }
}

function wire() {
  el("undo").addEventListener("click", () => { if (draft.undo()) changed(say("undone")); });
  el("redo").addEventListener("click", () => { if (draft.redo()) changed(say("redone")); });
  el("add-part").addEventListener("click", addPart);
  el("add-spot").addEventListener("click", addSpot);
  el("drop").addEventListener("click", async () => {
    if (await ask(say("drop-all"), say("drop"))) {
      remember(who, null);
      await openPlan();
      announce(say("dropped"));
    }
  });
  el("publish").addEventListener("click", async () => {
    clearTimeout(waiting);
    await check();
    publisher.open();
  });
  el("fine").addEventListener("change", (event) => timeline?.snap(event.target.checked ? 1 : 5));
  el("more-date").addEventListener("change", (event) => {
    if (!event.target.value || !event.target.checkValidity()) return;
    asked.add(event.target.value);
    if (asked.size > MOST_DATES) asked.delete(asked.values().next().value);
    check();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, select, textarea, dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "z" || key === "y") {
      event.preventDefault();
      el(key === "y" || event.shiftKey ? "redo" : "undo").click();
    }
  });
  addEventListener("beforeunload", (event) => { if (draft?.dirty) event.preventDefault(); });
}

async function start() {
  view(matchMedia("(max-width: 767.98px)").matches || !timeline ? "list" : "time");
  for (const button of document.querySelectorAll("[data-view-button]")) {
    button.addEventListener("click", () => view(button.dataset.viewButton));
  }
  el("larger").addEventListener("click", () => timeline?.magnify(1));
  el("smaller").addEventListener("click", () => timeline?.magnify(-1));
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => form.acts.close());
  document.querySelector(".kinds").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    turnTo(link.href);
  });
  document.querySelector(".kinds form").addEventListener("submit", (event) => {
    event.preventDefault();
    turnTo(`${event.target.action}?${new URLSearchParams({ date: el("on-date").value })}`);
  });
  if (editable) wire();
  await openDay(root.dataset.date, root.dataset.kind);
  const keep = editable ? recall(who) : null;
  await openPlan(keep ? { keep } : {});
  if (keep) announce(say("recalled"));
  timeline?.scrollTo(day.open_s - HALF_HOUR_S);
  root.dataset.ready = "true";
  setTimeout(poll, POLL_MS);
}

start().catch((error) => {
  el("check-state").textContent = say("check-failed", { why: error.status ? error.message : say("no-connection") });
  el("check-state").dataset.state = "bad";
});
