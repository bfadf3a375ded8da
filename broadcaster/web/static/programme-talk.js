// What the page says to the API, and what it keeps in the browser so that a reload loses nothing.
"use strict";

const JSON_TYPE = "application/json";

/** An answer other than success: `status`, and the problem document. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? String(status));
    this.status = status;
    this.problem = problem ?? {};
  }
}

export class Talk {
  constructor({ plan, tag, day, attempt, publish, token }) {
    Object.assign(this, { urls: { plan, tag, day, attempt, publish }, token });
  }

  async #ask(url, { body, signal } = {}) {
    const init = { signal, headers: { Accept: JSON_TYPE }, credentials: "same-origin" };
    if (body !== undefined) {
      init.method = "POST";
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, "Content-Type": JSON_TYPE, "X-CSRFToken": this.token };
    }
    const answer = await fetch(url, init);
    const sent = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
    if (!answer.ok || sent === null) throw new Refused(answer.status, sent);
    return sent;
  }

  plan() { return this.#ask(this.urls.plan); }
  tag() { return this.#ask(this.urls.tag); }
  day(date, kind) {
    return this.#ask(`${this.urls.day}?${new URLSearchParams(kind ? { date, kind } : { date })}`);
  }

  /** What the edits would do. A later question cancels an earlier one, which then ends in an AbortError. */
  attempt(tag, edits, dates) {
    this.last?.abort();
    this.last = new AbortController();
    return this.#ask(this.urls.attempt, { body: { tag, edits, dates }, signal: this.last.signal });
  }

  publish(tag, edits, words, anyway) {
    return this.#ask(this.urls.publish, { body: { tag, edits, words, anyway } });
  }

}

const SLOT = "programme-draft";

/** What was kept for this account in this tab; null if there is nothing, or it can't be read. */
export function recall(who) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SLOT));
    return kept?.who === who ? kept.draft : null;
  } catch {
    return null;
  }
}

/** Keep, or with null forget. */
export function remember(who, draft) {
  try {
    if (draft === null) sessionStorage.removeItem(SLOT);
    else sessionStorage.setItem(SLOT, JSON.stringify({ who, draft }));
  } catch {
    // A full or forbidden store: leaving the page still warns.
  }
}
