// How each kind of field shows a value of the plan, and writes it back. `fill` shows, `read` gives the new value;
// undefined means that the entry is left out of the file.
"use strict";

import { listed } from "./programme-plan.js";
import { clockText, hungOn, parseLength, parseMoment, secondsOn, writeLength, writeMoment } from "./programme-times.js";
import { say } from "./programme-words.js";

const MINUTE_S = 60;
/* Where a fresh window ends, and how often a fresh series comes. */
const FRESH = { every: "30 min", gap: "3 min", length_s: 7200 };

/* What somebody is typing at this moment is theirs, until the field is left. */
const put = (input, value) => {
  if (input.value !== value && !input.dataset.typing) input.value = value;
};

/** A value of a mapping by a dotted name. */
export function get(data, name) {
  return name.split(".").reduce((at, key) => (at && typeof at === "object" ? at[key] : undefined), data);
}

/** Set, or with undefined take out, a value by a dotted name. */
export function set(data, name, value) {
  const keys = name.split(".");
  const last = keys.pop();
  let at = data;
  for (const key of keys) at = at[key] = at[key] && typeof at[key] === "object" ? at[key] : {};
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/* As the file had it: one alone stays one, and is no list of one. */
const asListed = (values, old) => (!values.length ? undefined : values.length === 1 && !Array.isArray(old) ? values[0] : values);

const sayInvalid = (input, wrong) => {
  input.setCustomValidity(wrong);
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  if (wrong) input.reportValidity();
};

/** The two controls of a moment: what it hangs on, and the time or the minutes. */
export const moment = {
  fill(host, text) {
    const [anchor, input] = host.querySelectorAll("select, input");
    const known = parseMoment(text);
    host.dataset.text = text ?? "";
    if (!known) {
      put(anchor, "midnight");
      put(input, String(text ?? ""));
      return;
    }
    const kind = known.anchor === "midnight" ? "midnight" : `${known.anchor}${known.s < 0 || (known.anchor === "close" && !known.s) ? "-" : "+"}`;
    put(anchor, kind);
    put(input, kind === "midnight" ? clockText(known.s) : String(Math.abs(known.s) / MINUTE_S));
    sayInvalid(input, "");
  },
  /** The moment as written; null while it is none. */
  read(host, day, changed) {
    const [anchor, input] = host.querySelectorAll("select, input");
    if (changed === anchor) {
      // Another anchor, the same instant; the sign is what the clock makes it.
      return hungOn(anchor.value.replace(/[+-]$/, ""), host.dataset.text, day);
    }
    const typed = input.value.trim().replace(/[.。]/g, anchor.value === "midnight" ? ":" : ".");
    if (anchor.value === "midnight") {
      const bare = /^\d{3,4}$/.test(typed) ? `${typed.slice(0, -2)}:${typed.slice(-2)}` : typed;
      const known = parseMoment(bare);
      sayInvalid(input, known ? "" : say("bad-time"));
      return known && writeMoment(known);
    }
    const minutes = Number(typed);
    const good = typed !== "" && Number.isFinite(minutes) && minutes >= 0 && minutes <= 1440;
    sayInvalid(input, good ? "" : say("bad-minutes"));
    const sign = anchor.value.endsWith("-") ? -1 : 1;
    return good ? writeMoment({ anchor: anchor.value.slice(0, -1), s: Math.round(minutes * MINUTE_S) * sign + 0 }) : null;
  },
};

/* Rows made of a template, as many as there are values. */
function rows(host, values, fillRow) {
  const list = host.querySelector("[data-rows]");
  const pattern = document.getElementById(host.dataset.row);
  while (list.children.length > values.length) list.lastElementChild.remove();
  while (list.children.length < values.length) list.append(pattern.content.cloneNode(true));
  values.forEach((value, index) => {
    const row = list.children[index];
    row.setAttribute("aria-label", say("row", { n: index + 1 }));
    row.querySelector("[data-drop]")?.toggleAttribute("disabled", values.length === 1 && host.hasAttribute("data-least"));
    fillRow(row, value);
  });
}

const places = (host) => [...host.querySelector("[data-rows]").children];
const momentsIn = (row) => [...row.querySelectorAll("[data-moment]")];

/** By ``data-kind``. `read(host, data, day, changed, deed)`: changed is the control, deed is "add" or a row's number to drop. */
export const KINDS = {
  text: {
    fill: (host, value) => put(host, value === undefined || value === null ? "" : String(value)),
    read: (host) => host.value.trim() || undefined,
  },
  title: {
    fill(host, _value, data) {
      const title = data.title;
      put(host, typeof title === "object" && title ? (title[host.dataset.language] ?? "") : host.dataset.language === "zh" ? String(title ?? "") : "");
    },
    read(host, data) {
      const typed = host.value.trim();
      const title = data.title;
      if (typeof title !== "object" || !title) {
        return host.dataset.language === "zh" ? typed : typed ? { zh: String(title ?? ""), en: typed } : title;
      }
      const next = { ...title, [host.dataset.language]: typed };
      if (!next.en) delete next.en;
      return next;
    },
  },
  number: {
    fill: (host, value) => put(host, value === undefined || value === null ? "" : String(value)),
    read: (host) => (host.value === "" ? undefined : Number(host.value)),
  },
  minutes: {
    fill(host, value) {
      const seconds = parseLength(value);
      put(host, value === undefined || value === null ? "" : seconds === null ? String(value) : String(seconds / MINUTE_S));
    },
    read: (host) => (host.value === "" ? undefined : writeLength(Math.round(Number(host.value) * MINUTE_S))),
  },
  check: {
    fill(host, value) { host.checked = value ?? host.dataset.usual === "true"; },
    read: (host) => (String(host.checked) === host.dataset.usual ? undefined : host.checked),
  },
  names: {
    fill(host, value) {
      const chosen = listed(value);
      for (const box of host.querySelectorAll("input")) box.checked = chosen.includes(box.value);
    },
    read(host, data) {
      const old = get(data, host.dataset.field);
      const boxes = [...host.querySelectorAll("input")];
      const known = boxes.map((box) => box.value);
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      return asListed([...listed(old).filter((name) => !known.includes(name) || chosen.includes(name)),
        ...chosen.filter((name) => !listed(old).includes(name))], old);
    },
  },
  moment: {
    fill: (host, value) => moment.fill(host, value),
    read: (host, _data, day, changed) => moment.read(host, day, changed),
  },
  moments: {
    fill: (host, value) => rows(host, listed(value), (row, one) => moment.fill(momentsIn(row)[0], one)),
    read(host, data, day, changed, deed) {
      const old = listed(data.at);
      if (deed === "add") {
        const last = secondsOn(old.at(-1), day) ?? day.open_s;
        return [...old, clockText(Math.min(last + 3600, 86400))];
      }
      if (typeof deed === "number") return asListed(old.filter((_one, index) => index !== deed), data.at);
      const read = places(host).map((row, index) => {
        const own = momentsIn(row)[0];
        return own.contains(changed) ? moment.read(own, day, changed) : old[index];
      });
      return read.includes(null) ? null : asListed(read, data.at);
    },
  },
  windows: {
    fill: (host, value) => rows(host, listed(value), (row, one) => {
      const [from, to] = momentsIn(row);
      moment.fill(from, one?.from);
      moment.fill(to, one?.to);
    }),
    read(host, data, day, changed, deed) {
      const old = listed(data.windows);
      if (deed === "add") {
        const start = secondsOn(old.at(-1)?.to, day) ?? day.open_s;
        return [...old, { from: clockText(start), to: clockText(Math.min(start + FRESH.length_s, 86400)) }];
      }
      if (typeof deed === "number") return asListed(old.filter((_one, index) => index !== deed), data.windows);
      const read = places(host).map((row, index) => {
        const [from, to] = momentsIn(row);
        if (from.contains(changed)) return { ...old[index], from: moment.read(from, day, changed) };
        return to.contains(changed) ? { ...old[index], to: moment.read(to, day, changed) } : old[index];
      });
      return read.some((one) => one.from === null || one.to === null) ? null : asListed(read, data.windows);
    },
  },
  scripts: {
    fill: (host, value) => rows(host, listed(value), (row, one) => choose(row.querySelector("select"), one)),
    read(host, data, _day, _changed, deed) {
      const old = listed(data.followed_by);
      if (deed === "add") return [...old, host.dataset.first];
      if (typeof deed === "number") return asListed(old.filter((_one, index) => index !== deed), data.followed_by);
      return asListed(places(host).map((row) => row.querySelector("select").value), data.followed_by);
    },
  },
  choice: {
    fill: (host, value) => choose(host, value ?? host.dataset.usual ?? ""),
    read: (host) => (host.value === (host.dataset.usual ?? "") ? undefined : host.value),
  },
};

/* What the list does not know is shown all the same: it may be a fault that somebody wants to see. */
function choose(select, value) {
  const text = String(value ?? "");
  if (![...select.options].some((option) => option.value === text)) select.add(new Option(text, text));
  put(select, text);
}

/** Fields that stand for several entries of the data: `fill(form, data)` and `write(data, value, day)`. */
export const COMPOUND = {
  bed: {
    value: (data) => (data.bed === "silence" ? "silence" : (data.bed?.playlist ?? data.bed ?? "")),
    write(data, value) {
      if (value === "silence" || typeof data.bed !== "object" || !data.bed) {
        data.bed = value === "silence" ? value : { playlist: value, order: "shuffled" };
      } else data.bed.playlist = value;
    },
  },
  source: {
    value: (data) => (data.rotation === undefined ? `script:${data.script ?? ""}` : `rotation:${data.rotation}`),
    write(data, value) {
      const [kind, name] = [value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)];
      delete data[kind === "script" ? "rotation" : "script"];
      data[kind] = name;
    },
  },
  timing: {
    value: (data) => (data.loop !== undefined ? "loop" : data.every !== undefined ? "every" : "at"),
    write(data, value, day) {
      const start = listed(data.at)[0] ?? listed(data.windows)[0]?.from ?? clockText(day.open_s);
      for (const name of ["at", "every", "loop"]) delete data[name];
      if (value === "at") {
        delete data.windows;
        data.at = start;
        return;
      }
      data[value] = value === "loop" ? { gap: FRESH.gap } : FRESH.every;
      const from = secondsOn(start, day) ?? day.open_s;
      data.windows ??= [{ from: start, to: clockText(Math.min(from + FRESH.length_s, 86400)) }];
    },
  },
  lateness: {
    value: (data) => (["join", "skip", "make_good"].includes(data.lateness) ? data.lateness : "late_by"),
    write(data, value) {
      data.lateness = value === "late_by" ? "2 min" : value;
    },
  },
};
