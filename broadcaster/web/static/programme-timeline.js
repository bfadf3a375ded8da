// The day on a time axis, in three lanes: dayparts, fixed times, windows. Drawn and dragged by FullCalendar.
"use strict";

import { titleOf } from "./programme-plan.js";
import { DAY_S, clockText } from "./programme-times.js";
import { hangs, make, say } from "./programme-words.js";

/* The library knows columns for dates only: each lane is a date that means nothing. */
const LANES = [0, 1, 2].map((lane) => Date.UTC(2001, 0, 1 + lane));
/* A fixed time has no length worth drawing: as high as its words. */
const MARK_S = 240;
const STEP_S = 300;
const FINE_S = 60;
const HOUR_S = 3600;
const ZOOMS = [24, 75, 150];
const COLOURS = 6;

const instant = (lane, seconds) => new Date(LANES[lane] + seconds * 1000);
const secondsIn = (lane, date) => Math.round((date.getTime() - LANES[lane]) / 1000);

/** The name of a block for eyes and ears. */
export function blockName(block, language) {
  const title = titleOf(block.data, language);
  const start = `${clockText(block.start)}${hangs(block.from)}`;
  if (block.lane === 1) return say("spot-name", { title, start });
  return say(block.lane ? "window-name" : "part-name", { title, start, end: `${clockText(block.end)}${hangs(block.to)}` });
}

function flag() {
  const element = make("span", "flag", "⚠");
  element.append(make("span", "visually-hidden", say("has-fault")));
  return element;
}

export class Timeline {
  /**
   * `acts`: `shift(block, start, end)`, `open(block)`, `remove(block)`, called for what people do.
   */
  constructor(host, { language, locale, editable, acts }) {
    this.host = host;
    this.language = language;
    this.editable = editable;
    this.acts = acts;
    this.blocks = new Map();
    this.zoom = 1;
    this.calendar = new FullCalendar.Calendar(host, {
      timeZone: "UTC",
      locale,
      initialDate: new Date(LANES[0]),
      initialView: "lanes",
      views: { lanes: { type: "timeGrid", duration: { days: LANES.length } } },
      headerToolbar: false,
      allDaySlot: false,
      height: "100%",
      slotDuration: "00:15:00",
      slotLabelInterval: "00:30:00",
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false, hourCycle: "h23" },
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false, hourCycle: "h23" },
      snapDuration: "00:05:00",
      dayHeaderContent: ({ date }) => say(`lane-${LANES.indexOf(date.getTime())}`),
      dayHeaderDidMount: ({ date, el }) => {
        // It would be read out as the date that the lane is to the library.
        el.querySelector("a")?.setAttribute("aria-label", say(`lane-${LANES.indexOf(date.getTime())}`));
      },
      editable,
      eventResizableFromStart: true,
      eventDragMinDistance: 3,
      eventLongPressDelay: 250,
      longPressDelay: 250,
      dragScroll: true,
      eventMinHeight: 24,
      eventShortHeight: 40,
      slotEventOverlap: false,
      eventInteractive: false,
      eventContent: (arg) => this.#content(arg),
      eventDidMount: (arg) => this.#mounted(arg),
      eventClick: ({ event }) => this.#on(event, (block) => acts.open(block)),
      eventDrop: ({ event }) => this.#dropped(event),
      eventResize: ({ event }) => this.#dropped(event),
    });
    this.calendar.render();
    // Until there is a day to see, there would be hours to scroll with nothing in them that a keyboard could reach.
    host.style.visibility = "hidden";
    this.#setSlots();
  }

  #on(event, act) {
    const block = this.blocks.get(event.id);
    if (block) act(block);
  }

  #dropped(event) {
    this.#on(event, (block) => {
      const start = secondsIn(block.lane, event.start);
      this.acts.shift(block, start, block.lane === 1 ? start : secondsIn(block.lane, event.end));
    });
  }

  #content({ event, isMirror: mirror }) {
    const block = this.blocks.get(event.id);
    if (!block) return { domNodes: [make("span", "guide-words", event.title)] };
    const [start, end] = mirror
      ? [secondsIn(block.lane, event.start), secondsIn(block.lane, event.end ?? event.start)]
      : [block.start, block.end];
    const time = make("span", "when", clockText(start) + (block.lane === 1 ? "" : `–${clockText(end)}`));
    if (mirror) return { domNodes: [time, document.createTextNode(" "), make("span", "what", titleOf(block.data, this.language))] };
    const nodes = [time, " ", make("span", "what", titleOf(block.data, this.language))];
    if (this.faulty?.has(block.key)) nodes.unshift(flag());
    for (const hung of [hangs(block.from), block.lane === 1 ? "" : hangs(block.to)]) {
      if (hung) nodes.push(" ", make("span", "hung", hung));
    }
    return { domNodes: nodes.map((one) => (typeof one === "string" ? document.createTextNode(one) : one)) };
  }

  #mounted({ event, el, isMirror: mirror }) {
    const block = this.blocks.get(event.id);
    // What hangs on the pointer is a picture of the block.
    if (!block || mirror) {
      el.setAttribute("aria-hidden", "true");
      return;
    }
    el.dataset.block = event.id;
    el.tabIndex = 0;
    el.setAttribute("role", "button");
    el.addEventListener("keydown", (press) => this.#pressed(press, event.id));
  }

  #pressed(press, id) {
    const block = this.blocks.get(id);
    if (!block) return;
    const step = press.altKey ? FINE_S : STEP_S;
    const by = { ArrowUp: -step, ArrowDown: step }[press.key];
    if (press.key === "Enter" || press.key === " ") this.acts.open(block);
    else if (!this.editable) return;
    else if (press.key === "Delete") this.acts.remove(block);
    else if (by === undefined) return;
    else if (!press.shiftKey) this.#moveBy(block, by, by);
    else if (block.lane !== 1) this.#moveBy(block, 0, by);
    press.preventDefault();
  }

  #moveBy(block, first, last) {
    const [start, end] = [block.start + first, block.end + last];
    if (start >= 0 && end <= DAY_S && (block.lane === 1 || end > start)) this.acts.shift(block, start, end);
  }

  /** Draw the day. `faulty` holds the keys of entries with a fault, `selected` the key of the one in the form. */
  show(blocks, day, { faulty, selected }) {
    const held = document.activeElement?.dataset?.block;
    this.blocks = new Map(blocks.map((block) => [block.id, block]));
    this.faulty = faulty;
    const starts = [day.open_s, ...blocks.map((block) => block.start)];
    const ends = [day.close_s, ...blocks.map((block) => block.end)];
    const first = Math.max(0, Math.floor(Math.min(...starts) / HOUR_S - 0.5) * HOUR_S);
    const last = Math.min(DAY_S, Math.ceil(Math.max(...ends) / HOUR_S + 0.5) * HOUR_S);
    this.calendar.batchRendering(() => {
      this.calendar.setOption("slotMinTime", clockText(first));
      this.calendar.setOption("slotMaxTime", clockText(last));
      this.calendar.removeAllEvents();
      for (const event of this.#guides(day, first, last)) this.calendar.addEvent(event);
      for (const block of blocks) this.calendar.addEvent(this.#event(block, selected));
    });
    this.host.style.visibility = "";
    this.#label();
    if (held) this.focus(held);
  }

  #event(block, selected) {
    const silent = block.lane === 0 && block.data.bed === "silence";
    const names = ["block", `lane-${block.lane}`, silent ? "silent" : `hue-${hue(block)}`];
    if (block.key === selected) names.push("selected");
    if (this.faulty.has(block.key)) names.push("faulty");
    const end = block.lane === 1 ? Math.min(block.start + MARK_S, DAY_S) : Math.max(block.end, block.start + FINE_S);
    return {
      id: block.id,
      title: titleOf(block.data, this.language),
      start: instant(block.lane, block.start),
      end: instant(block.lane, end),
      classNames: names,
      constraint: { start: instant(block.lane, 0), end: instant(block.lane, DAY_S) },
      startEditable: this.editable,
      durationEditable: this.editable && block.lane !== 1,
    };
  }

  *#guides(day, first, last) {
    for (const lane of LANES.keys()) {
      const kind = { display: "background", editable: false };
      const shut = { ...kind, classNames: ["guide", "shut"] };
      if (first < day.open_s) yield { ...shut, start: instant(lane, first), end: instant(lane, day.open_s) };
      if (last > day.close_s) yield { ...shut, start: instant(lane, day.close_s), end: instant(lane, last) };
    }
  }

  #label() {
    for (const element of this.host.querySelectorAll("[data-block]")) {
      const block = this.blocks.get(element.dataset.block);
      if (!block) continue;
      element.title = blockName(block, this.language);
      if (this.editable) element.setAttribute("aria-describedby", "timeline-keys");
    }
  }

  /** Put the keyboard on a block, and bring it into view. */
  focus(id) {
    this.host.querySelector(`[data-block="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  }

  reveal(id) {
    this.host.querySelector(`[data-block="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "center" });
  }

  scrollTo(seconds) { this.calendar.scrollToTime(clockText(Math.max(0, seconds))); }

  /** Larger (1) or smaller (-1). */
  magnify(by) {
    this.zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.zoom + by));
    this.#setSlots();
  }

  #setSlots() {
    this.host.style.setProperty("--slot", `${ZOOMS[this.zoom]}px`);
    this.calendar.updateSize();
  }

  /** Minutes that a drag goes by. */
  snap(minutes) { this.calendar.setOption("snapDuration", { minutes }); }

  resize() { this.calendar.updateSize(); }
}

/** One colour a playlist, script or rotation: the same music looks the same. */
function hue(block) {
  const bed = block.data.bed;
  const name = block.lane === 0 ? (bed?.playlist ?? bed ?? "") : (block.data.script ?? block.data.rotation ?? "");
  let sum = 0;
  for (const letter of String(name)) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return sum % COLOURS;
}
