// One component: what it is, its last error, what happened to it, and its log.

import { Commands } from "./commands.js";
import { badge, byId, h, rebadge, told, write } from "./dom.js";
import { Events } from "./events.js";
import { facts } from "./facts.js";
import { Log, elsewhere } from "./log.js";
import { Refused, ask, lines } from "./wire.js";
import { duration, moment, note } from "./words.js";

const TAIL = 30; // events to begin with

export class Detail {
  #section = byId("detail");
  #parts = null;
  #now;
  #close;
  #seen = 0; // the number of the latest event that is shown
  #held = []; // events that wait for what was before them, which is still asked for
  name = null;

  /** `now()` is the supervisor's time in ms; `close()` is called when a person wants to see no more of it. */
  constructor(now, close) {
    this.#now = now;
    this.#close = close;
    document.addEventListener("visibilitychange", () =>
      document.hidden ? this.#parts?.log?.pause() : this.#parts?.log?.resume(),
    );
  }

  /** Show this component, or with `null` none. */
  open(name) {
    if (name === this.name) return;
    this.#parts?.log?.pause();
    this.#parts = null;
    this.name = name;
    this.#section.hidden = name === null;
    document.body.classList.toggle("detailed", name !== null);
    if (name === null) return this.#section.replaceChildren();
    this.#parts = this.#build(name);
    this.look();
    this.#past(name);
  }

  focus() {
    this.#parts?.heading.focus();
  }

  /** Ask for all of it anew. */
  async look() {
    const { name } = this;
    if (name === null) return;
    try {
      const component = await ask(`/v1/components/${encodeURIComponent(name)}`);
      if (name === this.name) this.#show(component);
    } catch (error) {
      if (name === this.name && error instanceof Refused) this.#absent(error);
    }
  }

  /** Take its state as it is now, between two looks. */
  update(component) {
    if (component && this.#parts) this.#head(component);
  }

  /** Another supervisor than before: its events and lines are others. */
  restart() {
    if (!this.#parts) return;
    this.#parts.log?.restart();
    this.#past(this.name);
  }

  event(kind, event) {
    if (!this.#parts || event.component !== this.name) return;
    if (this.#held) return void this.#held.push([kind, event]);
    if (event.id <= this.#seen) return;
    this.#seen = event.id;
    this.#parts.events.add(kind, event);
  }

  /** What has happened to it so far. */
  async #past(name) {
    this.#seen = 0;
    this.#held = [];
    this.#parts.events.clear();
    const past = await lines(`/v1/events?select=${encodeURIComponent(name)}&tail=${TAIL}`).catch(() => []);
    if (name !== this.name || !this.#held) return;
    const all = [...past.map((event) => [event.event === "stall" ? "stall" : "transition", event]), ...this.#held];
    this.#held = null;
    for (const [kind, event] of all) this.event(kind, event);
  }

  #build(name) {
    const list = h("ol", { tabindex: "0", "aria-label": `Events of ${name}` });
    const nothing = h("p", { class: "empty" }, "Nothing has happened to it yet.");
    const full = told("access") === "full";
    const parts = {
      heading: h("h2", { id: "detail-name", tabindex: "-1" }, name),
      now: h("p", { class: "now", hidden: true }),
      state: badge("stopped"),
      since: h("span", { class: "since" }),
      note: h("p", { class: "said" }),
      next: h("p", { class: "next" }),
      commands: full ? new Commands() : null,
      error: h("section", { class: "error", "aria-label": "Last error", hidden: true }),
      facts: h("dl"),
      events: new Events(list, nothing, { link: false }),
      log: full ? new Log(name) : null,
    };
    parts.now.append(parts.state, parts.since);
    const close = h(
      "button",
      {
        type: "button",
        class: "quiet close",
        "aria-label": "Close the details",
        title: "Close (Esc)",
        click: this.#close,
      },
      "×",
    );
    this.#section.replaceChildren(
      h(
        "header",
        {},
        h("div", { class: "title" }, parts.heading, close),
        parts.now,
        parts.note,
        parts.commands?.element ?? "",
      ),
      part("Next", parts.next),
      parts.error,
      part("Log", parts.log?.element ?? elsewhere()),
      part("Events", list, nothing),
      part("About", parts.facts),
    );
    this.#section.scrollTop = 0;
    return parts;
  }

  #show(component) {
    this.#head(component);
    write(this.#parts.next, component.next);
    this.#error(component.last_error);
    const pairs = facts(component, this.#now());
    const key = JSON.stringify(pairs);
    if (this.#parts.facts.dataset.key === key) return;
    this.#parts.facts.dataset.key = key;
    this.#parts.facts.replaceChildren(
      ...pairs.flatMap(([label, value]) => [h("dt", {}, label), ...[value].flat().map((one) => h("dd", {}, one))]),
    );
  }

  #head(component) {
    const now = this.#now();
    this.#parts.now.hidden = false;
    rebadge(this.#parts.state, component.state);
    write(this.#parts.since, `for ${duration((now - Date.parse(component.since)) / 1000)}`);
    write(this.#parts.note, note(component, now));
    this.#parts.commands?.show(component);
  }

  #error(error) {
    const { error: section } = this.#parts;
    const key = error && `${error.at} ${error.message}`;
    if (!error || section.dataset.key === key) return void (section.hidden = !error);
    section.dataset.key = key;
    section.hidden = false;
    section.replaceChildren(
      h("h3", {}, "Last error"),
      h("p", { class: "message" }, h("strong", {}, error.type), error.message ? `: ${error.message}` : ""),
      h("p", { class: "meta" }, [error.kind, error.uri, moment(error.at)].filter(Boolean).join(" · ")),
      error.traceback
        ? h(
            "details",
            {},
            h("summary", {}, "Traceback"),
            h("pre", { class: "traceback", tabindex: "0" }, error.traceback.trimEnd()),
          )
        : "",
    );
  }

  #absent(error) {
    this.#parts.now.hidden = true;
    this.#parts.commands?.show(null);
    write(this.#parts.note, error.message);
    write(this.#parts.next, "");
  }
}

const part = (title, ...content) =>
  h("section", { class: `part ${title.toLowerCase()}`, "aria-label": title }, h("h3", {}, title), ...content);
