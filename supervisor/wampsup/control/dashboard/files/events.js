// Lists of events: those of the fleet, and those of one component.

import { badge, h } from "./dom.js";
import { clock, count, moment } from "./words.js";

const MOST = 200; // rows of a list

/** One event as a row; `link` says whether it names its component. */
function row(kind, event, link) {
  if (kind === "lost")
    return h("li", { class: "lost" }, `${count(event.lost, "event")} came too fast for this page and can't be shown`);
  const time = h("time", { datetime: event.at, title: moment(event.at) }, clock(event.at));
  const who = event.component
    ? link && h("a", { href: `#/${encodeURIComponent(event.component)}`, class: "name" }, event.component)
    : h("span", { class: "name quiet" }, "wampsup");
  return h(
    "li",
    { "data-kind": kind },
    time,
    who || null,
    what(kind, event),
    h("span", { class: "note" }, told(event)),
  );
}

function what(kind, event) {
  if (kind !== "transition") return badge(kind, event.event);
  return event.from === event.to ? badge("wanted", `wanted ${event.desired}`) : badge(event.to);
}

const told = (event) => [event.note, event.by && `(${event.by})`].filter(Boolean).join(" ");

/** The latest events, the newest on top; `empty` is what is seen while there are none. */
export class Events {
  #list;
  #empty;
  #link;
  #new = [];

  constructor(list, empty, { link }) {
    this.#list = list;
    this.#empty = empty;
    this.#link = link;
    this.clear();
  }

  clear() {
    this.#new = [];
    this.#list.replaceChildren();
    this.#list.hidden = true;
    this.#empty.hidden = false;
  }

  /** Take an event; a storm of them costs no more than what is seen of it. */
  add(kind, event) {
    this.#new.push([kind, event]);
    if (this.#new.length > MOST) this.#new.shift();
    if (this.#new.length === 1) requestAnimationFrame(() => this.#show());
  }

  #show() {
    if (!this.#new.length) return;
    this.#list.prepend(...this.#new.reverse().map(([kind, event]) => row(kind, event, this.#link)));
    this.#new = [];
    while (this.#list.childElementCount > MOST) this.#list.lastChild.remove();
    this.#list.hidden = false;
    this.#empty.hidden = true;
  }
}
