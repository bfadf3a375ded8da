// The day as a list, for a phone and for whoever prefers it: the same blocks, one row each.
"use strict";

import { titleOf } from "./programme-plan.js";
import { clockText } from "./programme-times.js";
import { hangs, make, say } from "./programme-words.js";

export class DayList {
  constructor(host, { language, open }) {
    this.host = host;
    this.language = language;
    host.addEventListener("click", (event) => {
      const row = event.target.closest("[data-block]");
      if (row) open(this.blocks.get(row.dataset.block));
    });
  }

  /** Draw the rows anew; the keyboard stays where it is. */
  show(blocks, _day, { faulty, selected }) {
    const held = this.host.contains(document.activeElement) ? document.activeElement.dataset.block : null;
    this.blocks = new Map(blocks.map((block) => [block.id, block]));
    this.host.replaceChildren(...blocks.map((block) => this.#row(block, faulty, selected)));
    if (held) this.focus(held);
  }

  #row(block, faulty, selected) {
    const item = make("li", `list-group-item lane-${block.lane}`);
    const button = make("button", "row-button");
    button.type = "button";
    button.dataset.block = block.id;
    if (block.key === selected) button.setAttribute("aria-current", "true");
    const times = block.lane === 1 ? clockText(block.start) : `${clockText(block.start)}–${clockText(block.end)}`;
    button.append(make("span", "when", times), " ", make("span", "what", titleOf(block.data, this.language)), " ");
    const hung = [hangs(block.from), block.lane === 1 ? "" : hangs(block.to)].filter(Boolean).join(" ");
    button.append(make("span", "kind", say(`kind-${block.lane}`) + hung));
    if (faulty.has(block.key)) button.append(make("span", "flag", `⚠ ${say("has-fault")}`));
    item.append(button);
    return item;
  }

  focus(id) { this.host.querySelector(`[data-block="${CSS.escape(id)}"]`)?.focus(); }
}
