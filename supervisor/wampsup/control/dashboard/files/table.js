// The table of components. Only those rows exist that are on the screen or near it: ten thousand cost no more than
// fifty.

import { SORTS } from "./fleet.js";
import { byId, h, mark } from "./dom.js";
import { fill, newRow } from "./row.js";

const NEAR = 15; // rows above and below the screen
const COLUMNS = [
  ["name", "Name"],
  ["state", "State"],
  ["since", "Since"],
  ["restarts", "Restarts"],
  ["busy", "Busy"],
  ["stalls", "Stalls"],
  ["note", "Note"],
];

export class Table {
  #fleet;
  #now;
  #shown = [];
  #inSight = [];
  #rows = new Map();
  #above = spacer();
  #below = spacer();
  #active = null;
  #open = null;
  #scroller = byId("scroller");
  #body = byId("rows");

  /** `now()` is the supervisor's time in ms; `sorted(column)` is called when a person wants another order. */
  constructor(fleet, now, sorted) {
    this.#fleet = fleet;
    this.#now = now;
    this.#body.append(this.#above, this.#below);
    for (const [key, title] of COLUMNS) byId("headings").append(heading(key, title, sorted));
    document.addEventListener("scroll", () => this.#draw(), { capture: true, passive: true });
    new ResizeObserver(() => this.#draw()).observe(this.#scroller);
    this.#body.addEventListener("focusin", (event) => this.#activate(event.target.closest("tr")?.dataset.name));
  }

  /** The names of those that are on the screen. */
  visible() {
    return this.#inSight;
  }

  /** Show these components in this order; `open` is the one whose details are seen. */
  show(components, { sort, ascending, open, busy }) {
    this.#shown = components;
    this.#open = open;
    mark(byId("table"), "aria-rowcount", components.length + 1);
    mark(byId("table"), "data-busy", busy ? null : "unknown");
    for (const cell of byId("headings").children) {
      const order = cell.dataset.column === sort ? (ascending ? "ascending" : "descending") : null;
      mark(cell, "aria-sort", order);
    }
    this.#draw();
  }

  /** Move the focus: `step` rows from the active one, or to the first or last one. */
  move(step) {
    if (!this.#shown.length) return;
    const from = this.#shown.findIndex((one) => one.name === this.#active);
    const to = from < 0 ? (step > 0 ? 0 : this.#shown.length - 1) : from + step;
    this.focus(this.#shown[Math.min(Math.max(to, 0), this.#shown.length - 1)].name);
  }

  /** Move the focus to the row of a component, wherever it is now. */
  focus(name) {
    const index = this.#shown.findIndex((one) => one.name === name);
    if (index < 0) return byId("fleet").focus();
    this.#activate(name);
    if (!this.#rows.has(name)) this.#draw(index);
    this.#rows.get(name).link.focus();
    this.#rows.get(name).row.scrollIntoView({ block: "nearest" });
  }

  #activate(name) {
    if (!name || name === this.#active) return;
    this.#active = name;
    for (const [one, { link }] of this.#rows) mark(link, "tabindex", one === name ? 0 : -1);
  }

  /** Draw the rows on the screen, or those around the one with number `middle`. */
  #draw(middle = null) {
    const focused = this.#body.contains(document.activeElement) && document.activeElement;
    const size = Number.parseFloat(getComputedStyle(this.#body).getPropertyValue("--row"));
    const [first, last] = middle === null ? this.#onScreen(size) : [middle, middle];
    const from = Math.max(Math.min(first - NEAR, this.#shown.length - 2 * NEAR), 0);
    const wanted = this.#shown.slice(from, Math.max(last + NEAR, from + 2 * NEAR));
    this.#inSight = this.#shown.slice(Math.max(first, 0), Math.max(last + 1, 0)).map((one) => one.name);
    const names = new Set(wanted.map((one) => one.name));
    for (const [name, { row }] of this.#rows) {
      if (names.has(name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    if (!this.#shown.some((one) => one.name === this.#active)) this.#active = this.#shown[0]?.name ?? null;
    wanted.forEach((component, index) => this.#place(component, from + index, index + 1));
    this.#above.style.height = `${from * size}px`;
    this.#below.style.height = `${(this.#shown.length - from - wanted.length) * size}px`;
    if (focused && focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  /** The numbers of the first and the last row on the screen. */
  #onScreen(size) {
    const box = this.#scroller.getBoundingClientRect();
    const start = this.#body.getBoundingClientRect().top;
    const row = (y) => Math.floor((y - start) / size);
    return [row(Math.max(box.top, 0)), row(Math.min(box.bottom, innerHeight))];
  }

  #place(component, number, position) {
    const { name } = component;
    if (!this.#rows.has(name)) this.#rows.set(name, newRow(component));
    const cells = this.#rows.get(name);
    if (this.#body.children[position] !== cells.row) this.#body.insertBefore(cells.row, this.#body.children[position]);
    mark(cells.row, "aria-rowindex", number + 2);
    mark(cells.link, "tabindex", name === this.#active ? 0 : -1);
    mark(cells.link, "aria-current", name === this.#open ? "true" : null);
    fill(cells, component, this.#fleet.history(name), this.#now());
  }
}

const spacer = () => h("tr", { class: "spacer", "aria-hidden": "true" }, h("td"));

function heading(key, title, sorted) {
  const content = SORTS.includes(key) ? h("button", { type: "button", click: () => sorted(key) }, title) : title;
  return h("th", { role: "columnheader", scope: "col", class: `c-${key}`, "data-column": key }, content);
}
