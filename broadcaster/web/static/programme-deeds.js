// Entries added, copied and taken out, so that the day keeps neither gap nor overlap. Each is for use inside a step:
// `{draft, work, blocks, day}` are the draft, its work, what is drawn of the day, and the day.
"use strict";

import { listed } from "./programme-plan.js";
import { DAY_S, clockText, movedTo } from "./programme-times.js";

const HALF_HOUR_S = 1800;
const copy = (value) => JSON.parse(JSON.stringify(value));

/* A new daypart takes the later half of the one it is put behind, or half an hour after the last. */
function insertDaypart({ draft, work, blocks, day }, behind, data) {
  const block = behind && blocks.find((one) => one.key === behind.key && one.lane === 0);
  if (block) {
    const length = block.end - block.start;
    const grain = length >= HALF_HOUR_S ? 300 : 60;
    data.from = clockText(Math.round((block.start + length / 2) / grain) * grain);
    data.to = block.to;
    work.dayparts.find((one) => one.key === block.key).data.to = data.from;
  } else {
    const last = Math.max(day.open_s, ...blocks.filter((one) => one.lane === 0).map((one) => one.end));
    data.from = clockText(Math.min(last, DAY_S - HALF_HOUR_S));
    data.to = clockText(Math.min(last + HALF_HOUR_S, DAY_S));
  }
  return [draft.insert(work, "dayparts", data, behind?.key), data];
}

/** A daypart with the music of the chosen one, or of the day's first. Returns its key and data, as the others do. */
export function newDaypart(at, chosen, { title, playlist, level }) {
  const near = chosen ?? at.draft.find(at.blocks.find((one) => one.lane === 0)?.key);
  const like = near?.section === "dayparts" ? near.data : {};
  const bed = like.bed && like.bed !== "silence" ? copy(like.bed) : { playlist, order: "shuffled" };
  const data = { id: at.draft.freeId("daypart"), title, from: "", to: "", bed, level: like.level ?? level };
  return insertDaypart(at, chosen?.section === "dayparts" ? chosen : null, data);
}

/** A spot at the time of the chosen entry, or soon after opening. */
export function newSpot({ draft, work, blocks, day }, chosen, { title, script }) {
  const near = blocks.find((one) => one.key === chosen);
  const start = near ? near.start : Math.min(day.open_s + HALF_HOUR_S, DAY_S);
  const data = { id: draft.freeId("spot"), title, script, at: clockText(start) };
  return [draft.insert(work, "spots", data), data];
}

/** A copy with an id of its own; a fixed time comes half an hour later. */
export function copied(at, entry) {
  const data = { ...copy(entry.data), id: at.draft.freeId(entry.data.id) };
  if (entry.section === "dayparts") return insertDaypart(at, entry, data);
  const first = at.blocks.find((one) => one.key === entry.key);
  if (first?.lane === 1) data.at = movedTo(first.from, Math.min(first.start + HALF_HOUR_S, DAY_S), at.day);
  return [at.draft.insert(at.work, "spots", data, entry.key), data];
}

/** Take one of several times of a spot out. */
export function removeTime(work, block) {
  const data = work.spots.find((one) => one.key === block.key).data;
  data.at = listed(data.at).filter((_time, index) => index !== block.index);
}

/** Take an entry out; with `fill`, what touched a daypart reaches over its place, the one before it if there is one. */
export function removeEntry({ work, blocks }, entry, fill) {
  work[entry.section] = work[entry.section].filter((one) => one.key !== entry.key);
  const gone = blocks.find((one) => one.key === entry.key);
  if (!fill || !gone || gone.lane !== 0) return;
  const others = blocks.filter((one) => one.lane === 0 && one.key !== entry.key);
  const before = others.find((one) => one.end === gone.start);
  const heir = before ?? others.find((one) => one.start === gone.end);
  if (!heir) return;
  const data = work.dayparts.find((one) => one.key === heir.key).data;
  if (before) data.to = gone.to;
  else data.from = gone.from;
}
