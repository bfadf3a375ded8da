// Moments and lengths of time as the plan writes them (broadcaster/plan/times.py says which forms there are).
"use strict";

export const DAY_S = 86400;

const CLOCK = /^(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?$/;
const ANCHOR = /^(open|close|开门|开业|打烊|关门)\s*(?:([+\-−－＋])\s*(.+))?$/i;
const LENGTH = /^(\d+(?:\.\d+)?)\s*([a-z]+|秒钟|秒|分钟|分|小时)?$/i;
const UNITS = {
  s: 1, sec: 1, second: 1, seconds: 1, 秒: 1, 秒钟: 1,
  min: 60, mins: 60, minute: 60, minutes: 60, 分: 60, 分钟: 60,
  h: 3600, hour: 3600, hours: 3600, 小时: 3600,
};
const OPENING = ["open", "开门", "开业"];

const two = (number) => String(number).padStart(2, "0");

/** Seconds in a written length; null if it is none. */
export function parseLength(value) {
  if (typeof value === "number") return value >= 0 && value <= DAY_S ? value : null;
  const match = LENGTH.exec(String(value ?? "").trim());
  const unit = match ? UNITS[(match[2] ?? "s").toLowerCase()] : undefined;
  if (unit === undefined) return null;
  const seconds = Number(match[1]) * unit;
  return seconds <= DAY_S ? seconds : null;
}

/** `5 min`, `90 s`. */
export function writeLength(seconds) {
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** `{anchor, s}`: seconds from midnight, opening or closing; null if the text is no moment. */
export function parseMoment(value) {
  const text = String(value ?? "").trim();
  const clock = CLOCK.exec(text);
  if (clock) {
    const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
    const total = hours * 3600 + minutes * 60 + seconds;
    return minutes < 60 && seconds < 60 && total <= DAY_S ? { anchor: "midnight", s: total } : null;
  }
  const hung = ANCHOR.exec(text);
  if (!hung) return null;
  const length = hung[3] === undefined ? 0 : parseLength(hung[3]);
  if (length === null) return null;
  const anchor = OPENING.includes(hung[1].toLowerCase()) ? "open" : "close";
  return { anchor, s: Math.round(hung[2] === undefined || "+＋".includes(hung[2]) ? length : -length) + 0 };
}

/** `09:42`, or `09:42:30` where there are seconds. */
export function clockText(seconds) {
  const whole = Math.round(seconds);
  const text = `${two(Math.floor(whole / 3600))}:${two(Math.floor((whole % 3600) / 60))}`;
  return whole % 60 ? `${text}:${two(whole % 60)}` : text;
}

/** The moment as the plan's files say it. */
export function writeMoment(moment) {
  if (moment.anchor === "midnight") return clockText(moment.s);
  if (!moment.s) return moment.anchor;
  return `${moment.anchor} ${moment.s > 0 ? "+" : "-"} ${writeLength(Math.abs(moment.s))}`;
}

const base = (anchor, day) => (anchor === "open" ? day.open_s : anchor === "close" ? day.close_s : 0);

/** Seconds from midnight of a written moment on a day with these hours; null if it is no moment. */
export function secondsOn(text, day) {
  const moment = parseMoment(text);
  return moment && base(moment.anchor, day) + moment.s;
}

/** The written moment set to other seconds of the day: what hangs on opening or closing goes on hanging there. */
export function movedTo(text, seconds, day) {
  const anchor = parseMoment(text)?.anchor ?? "midnight";
  return writeMoment({ anchor, s: Math.round(seconds - base(anchor, day)) });
}

/** The same instant of a day, hung on another anchor. */
export function hungOn(anchor, text, day) {
  return writeMoment({ anchor, s: Math.round((secondsOn(text, day) ?? 0) - base(anchor, day)) });
}
