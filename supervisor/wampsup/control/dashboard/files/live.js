// Keeps what is known true: events as they happen, and a look at the figures every other second.
//
// A look at all components takes no more than a fiftieth of the supervisor's time: with thousands of them it is seldom,
// and in between it is only at those that are on the screen. A page that nobody sees asks for nothing.

import { Refused, Stream, Unreachable, ask, selecting } from "./wire.js";

const PACE = 2000; // ms between two looks
const HURRY = 300; // ms until the next look, after something happened
const RAREST = 300_000; // ms between two looks at all, at most
const LONG = 60_000; // ms that a look at all may take: thousands of them are megabytes
const LONGEST_QUERY = 8000; // characters: a supervisor takes 16 KiB for all of a request's head
const TAIL = 50; // events to begin with

export class Live {
  #fleet;
  #tell;
  #events;
  #newer = new Set();
  #loadedAt = 0;
  #allDue = 0;
  #allCost = 0;
  #answeredAt = Date.now();
  #wake = () => {};
  #hurried = false;

  /** `visible()` names the components on the screen; `tell` is told what is new, by a function for each kind of it. */
  constructor(fleet, visible, tell) {
    this.#fleet = fleet;
    this.visible = visible;
    this.#tell = tell;
    this.supervisor = null;
    this.goneSince = null;
    this.skew = 0; // ms by which the supervisor's clock is ahead of ours
    this.#events = new Stream("/v1/events", ["transition", "stall", "fleet", "lost"], {
      tail: TAIL,
      take: (kind, event) => this.#take(kind, event),
      broken: () => this.hurry(),
    });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#events.pause() : this.#wake()));
  }

  /** The supervisor's time, in ms. */
  now() {
    return Date.now() + this.skew;
  }

  /** Look again soon. */
  hurry() {
    this.#hurried = true;
    this.#wake();
  }

  async run() {
    for (;;) {
      try {
        await this.#look();
        this.#answered();
      } catch (error) {
        this.#silent(error);
      }
      await this.#pause();
    }
  }

  async #look() {
    const supervisor = await ask("/v1/supervisor");
    if (supervisor.started_at !== this.supervisor?.started_at) this.#met(supervisor);
    this.supervisor = supervisor;
    const now = Date.parse(supervisor.started_at) + supervisor.uptime * 1000;
    this.skew = now - Date.now();
    this.#newer.clear();
    if (performance.now() >= this.#allDue) {
      await this.#lookAtAll(now);
    } else {
      await this.#lookAt(this.visible());
    }
    if (!document.hidden) this.#events.open();
  }

  /** Another supervisor than before, or the first. */
  #met(supervisor) {
    this.#events.forget();
    this.#allDue = 0;
    this.#tell.restarted(supervisor);
  }

  async #lookAtAll(now) {
    const began = performance.now();
    const { components } = await ask("/v1/components", { patience: LONG });
    this.#allCost = performance.now() - began;
    this.#allDue = began + Math.max(PACE, Math.min(50 * this.#allCost, RAREST));
    this.#fleet.replace(components, this.#newer);
    this.#loadedAt = now;
    this.#tell.components();
  }

  async #lookAt(names) {
    if (!names.length) return;
    try {
      const { components } = await ask(`/v1/components?${selecting(names, LONGEST_QUERY)}`);
      this.#fleet.merge(components, this.#newer);
      this.#tell.components();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#lookAtAllSoon(); // one of them is gone
    }
  }

  #take(kind, event) {
    this.#tell.event(kind, event);
    if (kind === "lost" || kind === "fleet") this.#lookAtAllSoon();
    if (kind === "lost" || kind === "fleet" || !event.component || Date.parse(event.at) <= this.#loadedAt) return;
    this.#newer.add(event.component);
    if (!this.#fleet.apply(event)) this.#lookAtAllSoon();
    else this.#tell.components();
    if (this.visible().includes(event.component)) this.hurry(); // when its next try is due, say, no event tells
  }

  /** Soon, but not over and over again where a look costs much. */
  #lookAtAllSoon() {
    this.#allDue = Math.min(this.#allDue, performance.now() + 10 * this.#allCost);
    this.hurry();
  }

  #answered() {
    this.goneSince = null;
    this.#answeredAt = Date.now();
    this.#tell.figures();
  }

  #silent(error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) reportError(error); // a mistake of ours
    this.goneSince ??= this.#answeredAt;
    this.#tell.gone(error);
  }

  /** Wait for the next look: not before somebody sees the page. */
  async #pause() {
    const began = performance.now();
    for (;;) {
      const wait = (this.#hurried ? HURRY : PACE) - (performance.now() - began);
      if (wait <= 0 && !document.hidden) break;
      await new Promise((woken) => {
        this.#wake = woken;
        if (!document.hidden) setTimeout(woken, Math.max(wait, 0));
      });
    }
    this.#hurried = false;
  }
}
