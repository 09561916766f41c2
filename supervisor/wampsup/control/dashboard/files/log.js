// The log of one component, as it comes.

import { h, told, write } from "./dom.js";
import { Stream } from "./wire.js";
import { clock, count, moment } from "./words.js";

const TAIL = 200; // lines to begin with
const MOST = 1000; // lines that are kept on the page

/** What says where the log is to be had, for those who only read here. */
export function elsewhere() {
  const socket = told("socket") || "/run/wampsup/NAME.sock";
  return h(
    "p",
    { class: "empty" },
    "Logs are not open to everybody: forward the control socket with ",
    h("code", {}, `ssh -L 9100:${socket} HOST`),
    ", and open ",
    h("code", {}, "http://localhost:9100/"),
    "; or see ",
    h("code", {}, "wampsup logs"),
    " on the host.",
  );
}

export class Log {
  #stream;
  #empty = h("p", { class: "empty" }, "It has logged nothing yet.");
  #lines;
  #new = [];

  constructor(name) {
    this.#lines = h("div", {
      class: "lines",
      role: "log",
      "aria-live": "off",
      "aria-label": `Log of ${name}`,
      tabindex: "0",
      hidden: true,
    });
    this.element = h("div", { class: "log" }, this.#lines, this.#empty);
    this.#stream = new Stream(`/v1/logs?select=${encodeURIComponent(name)}`, ["line", "lost"], {
      tail: TAIL,
      take: (kind, line) => this.#take(kind, line),
      refused: (error) => write(this.#empty, error.message),
    });
    this.#stream.open();
  }

  pause() {
    this.#stream.pause();
  }

  resume() {
    this.#stream.open();
  }

  /** Begin anew: another supervisor logs. */
  restart() {
    this.#stream.forget();
    this.#lines.replaceChildren();
    this.#stream.open();
  }

  #take(kind, line) {
    this.#new.push(kind === "lost" ? lost(line) : row(line));
    if (this.#new.length > MOST) this.#new.shift();
    if (this.#new.length === 1) requestAnimationFrame(() => this.#show());
  }

  #show() {
    const box = this.#lines;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
    box.append(...this.#new);
    this.#new = [];
    while (box.childElementCount > MOST) box.firstChild.remove();
    box.hidden = false;
    this.#empty.hidden = true;
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}

const lost = (line) => h("p", { class: "lost" }, `${count(line.lost, "line")} came too fast for this page`);

function row(line) {
  const time = h("time", { datetime: line.time, title: moment(line.time) }, clock(line.time));
  const level = h("span", { class: "level" }, line.level);
  const said = h("span", { class: "message" }, line.message);
  const trace = line.traceback && h("pre", { class: "traceback" }, line.traceback.trimEnd());
  return h("div", { class: "line", "data-level": line.level }, time, level, said, trace || null);
}
