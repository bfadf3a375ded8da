// The programme under the editor's hand: what the files say, what was changed, and the edits that lead there.
"use strict";

import { movedTo, secondsOn } from "./programme-times.js";

export const FILE = "config/programme.yaml";
const SECTIONS = ["dayparts", "spots"];
const KEPT_STEPS = 100;

export const listed = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);
const copy = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** A title in a language, or the only one there is. */
export function titleOf(item, language) {
  const title = item?.title;
  if (!isMap(title)) return String(title ?? item?.id ?? "");
  return title[language] || title.zh || title.en || String(item.id ?? "");
}

/** Whether an entry holds on a day of these types. */
export function holds(item, types) {
  const days = listed(item.days);
  return (!days.length || days.some((name) => types.includes(name)))
    && !listed(item.except).some((name) => types.includes(name));
}

/** The least edits that make `after` of `before`, so that comments and order of the file stay. */
function difference(path, before, after, found) {
  if (same(before, after)) return;
  if (after === undefined) found.push({ file: FILE, op: "remove", path });
  else if (isMap(before) && isMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      difference([...path, name], before[name], after[name], found);
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    after.forEach((value, index) => difference([...path, index], before[index], value, found));
  } else found.push({ file: FILE, op: "set", path, value: after });
}

/** What stands in the files (`open`, as the API gives it), and the work on it; every step can be undone. */
export class Draft {
  constructor(open) {
    this.open = open;
    this.past = [];
    this.future = [];
    this.work = {};
    this.count = 0;
    for (const section of SECTIONS) {
      this.work[section] = listed(open.programme[section]).map((data, from) => ({
        key: `${section}-${from}`, from, data: copy(data),
      }));
    }
    this.start = JSON.stringify(this.work);
  }

  get dirty() { return JSON.stringify(this.work) !== this.start; }

  /** All entries: `{key, section, from, data}`; `from` is the place in the file, null for a new one. */
  *entries() {
    for (const section of SECTIONS) for (const entry of this.work[section]) yield { ...entry, section };
  }

  find(key) {
    for (const entry of this.entries()) if (entry.key === key) return entry;
    return null;
  }

  /** The entry that stands, after all edits, at this place of the file; faults name it so. */
  at(path) { return this.work[path[0]]?.[path[1]]?.key ?? null; }

  /** One step: `change` may alter `work` as it likes. */
  step(change) {
    const before = JSON.stringify(this.work);
    change(this.work);
    if (JSON.stringify(this.work) === before) return false;
    this.past.push(before);
    if (this.past.length > KEPT_STEPS) this.past.shift();
    this.future = [];
    return true;
  }

  undo() { return this.#go(this.past, this.future); }
  redo() { return this.#go(this.future, this.past); }

  #go(from, to) {
    if (!from.length) return false;
    to.push(JSON.stringify(this.work));
    this.work = JSON.parse(from.pop());
    return true;
  }

  /** Insert a new entry behind another one, or at the end; returns its key. For use inside a step. */
  insert(work, section, data, behind = null) {
    this.count += 1;
    const key = `new-${Date.now().toString(36)}-${this.count}`;
    const index = work[section].findIndex((entry) => entry.key === behind);
    work[section].splice(index < 0 ? work[section].length : index + 1, 0, { key, from: null, data });
    return key;
  }

  /** An id that nothing else has. */
  freeId(stem) {
    const taken = new Set([...this.entries()].map((entry) => entry.data.id));
    const root = stem.replace(/-\d+$/, "");
    for (let number = 2; ; number += 1) if (!taken.has(`${root}-${number}`)) return `${root}-${number}`;
  }

  /** Edits from the files to the work: each is applied to what the ones before it left. */
  edits() {
    const found = [];
    for (const section of SECTIONS) {
      const before = listed(this.open.programme[section]);
      const work = this.work[section];
      if (!before.length) {
        if (work.length) found.push({ file: FILE, op: "set", path: [section], value: work.map((one) => one.data) });
        continue;
      }
      const kept = new Map(work.filter((one) => one.from !== null).map((one) => [one.from, one.data]));
      before.forEach((data, index) => {
        if (kept.has(index)) difference([section, index], data, kept.get(index), found);
      });
      for (let index = before.length - 1; index >= 0; index -= 1) {
        if (!kept.has(index)) found.push({ file: FILE, op: "remove", path: [section, index] });
      }
      work.forEach((one, index) => {
        if (one.from === null) found.push({ file: FILE, op: "insert", path: [section, index], value: one.data });
      });
    }
    return found;
  }

  /** For the browser's store, so that a reload loses nothing. */
  kept() { return { open: this.open, work: this.work, past: this.past.slice(-20), future: this.future.slice(-20) }; }

  static restored(kept) {
    const draft = new Draft(kept.open);
    Object.assign(draft, { work: kept.work, past: kept.past, future: kept.future });
    return draft;
  }
}

/**
 * What is drawn of a day: `{key, section, lane, index, data, start, end, from, to}`. Seconds of the day in start and
 * end; from and to as written. Lane 0 are dayparts, 1 fixed times, 2 windows. Of several dayparts with one id, those
 * for the day's highest type count.
 */
export function blocksOf(draft, day) {
  const found = [];
  const chosen = new Map();
  for (const entry of draft.entries()) {
    if (!holds(entry.data, day.types)) continue;
    if (entry.section === "spots") {
      found.push(...spotBlocks(entry, day));
      continue;
    }
    const own = listed(entry.data.days).filter((name) => day.types.includes(name));
    // Types come highest first.
    const rank = own.length ? Math.max(...own.map((name) => day.types.length - day.types.indexOf(name))) : 0;
    const rivals = chosen.get(entry.data.id) ?? [];
    chosen.set(entry.data.id, [...rivals, { rank, entry }]);
  }
  for (const rivals of chosen.values()) {
    const highest = Math.max(...rivals.map((one) => one.rank));
    for (const { rank, entry } of rivals) {
      if (rank === highest) found.push(stretch(entry, 0, 0, entry.data.from, entry.data.to, day));
    }
  }
  return found.filter((one) => one.start !== null && one.end !== null)
    .sort((a, b) => a.start - b.start || a.lane - b.lane || a.end - b.end);
}

function spotBlocks(entry, day) {
  const times = listed(entry.data.at);
  if (times.length) return times.map((at, index) => ({ ...stretch(entry, 1, index, at, at, day) }));
  return listed(entry.data.windows).map((one, index) => stretch(entry, 2, index, one?.from, one?.to, day));
}

function stretch(entry, lane, index, from, to, day) {
  return {
    id: `${entry.key}/${index}`, key: entry.key, section: entry.section, data: entry.data, lane, index, from, to,
    start: secondsOn(from, day), end: secondsOn(to, day),
  };
}

/** Write other seconds into an entry of the work, keeping what each end hangs on. */
export function setTimes(work, block, start, end, day) {
  const data = work[block.section].find((entry) => entry.key === block.key).data;
  if (block.lane === 1) {
    const at = movedTo(block.from, start, day);
    data.at = Array.isArray(data.at) ? data.at.map((one, index) => (index === block.index ? at : one)) : at;
    return;
  }
  const holder = block.lane === 0 ? data : listed(data.windows)[block.index];
  if (start !== block.start) holder.from = movedTo(block.from, start, day);
  if (end !== block.end) holder.to = movedTo(block.to, end, day);
}

/* What the dayparts that touch a block become when it is put elsewhere. */
function touching(blocks, block, start, end) {
  const found = [];
  for (const other of blocks.filter((one) => one.lane === 0 && one.id !== block.id)) {
    if (other.end === block.start && start > other.start) found.push({ block: other, start: other.start, end: start });
    else if (other.start === block.end && end < other.end) found.push({ block: other, start: end, end: other.end });
  }
  return found;
}

/** After a daypart's times were written by hand: those that touched it as it was drawn touch it again. */
export function follow(work, blocks, key, day) {
  const block = blocks.find((one) => one.key === key && one.lane === 0);
  const data = block && work.dayparts.find((one) => one.key === key).data;
  const [start, end] = block ? [secondsOn(data.from, day), secondsOn(data.to, day)] : [null, null];
  if (start === null || end === null || end <= start) return;
  for (const one of touching(blocks, block, start, end)) setTimes(work, one.block, one.start, one.end, day);
}

/**
 * Move or resize a block of the day. With `neighbours`, dayparts that touch it keep touching it; with `inside`, the
 * spots of a daypart that is moved go along, and windows as long as a daypart stay as long. What would be left without
 * any length stays as it is, and the check tells.
 */
export function shift(work, blocks, block, start, end, day, { neighbours, inside }) {
  if (block.lane !== 0) {
    setTimes(work, block, start, end, day);
    return;
  }
  const altered = [{ block, start, end }, ...(neighbours ? touching(blocks, block, start, end) : [])];
  for (const one of altered) setTimes(work, one.block, one.start, one.end, day);
  if (!inside) return;
  const by = end - start === block.end - block.start ? start - block.start : 0;
  for (const spot of blocks.filter((one) => one.lane === 1)) {
    if (by && spot.start >= block.start && spot.start < block.end) setTimes(work, spot, spot.start + by, 0, day);
  }
  for (const stretch of blocks.filter((one) => one.lane === 2)) {
    const frame = altered.find((one) => one.block.start === stretch.start && one.block.end === stretch.end);
    if (frame) setTimes(work, stretch, frame.start, frame.end, day);
  }
}
