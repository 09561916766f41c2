// What stands above the table: the supervisor's own figures, how many components are in which state, does it answer.

import { STATES, TROUBLE } from "./fleet.js";
import { badge, byId, h, mark, write } from "./dom.js";
import { bytes, count, duration, milliseconds, percent } from "./words.js";

/** A button for each state, pressed while its components alone are shown; `changed()` after each press. */
export class Chips {
  #chips = new Map();

  constructor(states, changed) {
    const press = (state) => {
      if (!state) states.clear();
      else if (!states.delete(state)) states.add(state);
      changed();
    };
    this.states = states;
    for (const state of ["", ...STATES]) {
      const number = h("span", { class: "count" }, "0");
      const label = state ? badge(state) : h("span", {}, "all");
      const chip = h(
        "button",
        { type: "button", class: "chip", "data-state": state || null, click: () => press(state) },
        label,
        " ",
        number,
      );
      this.#chips.set(state, { chip, number });
      byId("chips").append(chip);
    }
  }

  show(counts, all) {
    for (const [state, { chip, number }] of this.#chips) {
      const many = state ? counts.get(state) : all;
      write(number, many.toLocaleString("en"));
      chip.hidden = Boolean(state) && !many && !this.states.has(state);
      mark(chip, "aria-pressed", state ? this.states.has(state) : !this.states.size);
    }
  }
}

/** The line of facts, and the title of the page, which says how many are in trouble. */
export function figures(supervisor, now, counts) {
  const busy = supervisor.cpu.percent["10"];
  const facts = [
    `up ${duration((now - Date.parse(supervisor.started_at)) / 1000)}`,
    busy != null && `busy ${percent(busy)}`,
    supervisor.loop && `longest lag ${milliseconds(supervisor.loop.longest_lag_ms)}`,
    bytes(supervisor.memory.rss),
    `wampsup ${supervisor.version}`,
    `pid ${supervisor.pid}`,
  ];
  write(byId("facts"), facts.filter(Boolean).join(" · "));
  mark(byId("facts"), "title", supervisor.fleet_file);
  write(byId("name"), supervisor.name);
  const trouble = [...TROUBLE].reduce((sum, state) => sum + counts.get(state), 0);
  document.title = `${trouble ? `(${trouble}) ` : ""}${supervisor.name} · wampsup`;
}

/** Say for how long nobody has answered, and why, where that is new; `null`: somebody does. */
export function answering(goneSince, why = null) {
  const banner = byId("banner");
  document.body.classList.toggle("gone", goneSince !== null);
  banner.hidden = goneSince === null;
  if (goneSince === null) return banner.replaceChildren();
  if (!banner.firstChild) {
    banner.append("The supervisor has not answered for ", h("span", { "aria-hidden": "true" }), h("span"));
  }
  const [seconds, reason] = banner.querySelectorAll("span");
  write(seconds, duration((Date.now() - goneSince) / 1000));
  if (why !== null) write(reason, ` (${why}); what is shown is how it was`);
}

/** Why the table is empty, where it is. */
export function emptiness(known, shown, loaded) {
  const why = !loaded
    ? "Asking the supervisor…"
    : !known
      ? "This fleet has no components."
      : "No component is like that: change the filter, or choose all states.";
  byId("empty").hidden = shown > 0;
  write(byId("empty"), shown ? "" : why);
  mark(byId("table"), "hidden", shown ? null : "");
  write(byId("fleet-heading"), `Components: ${shown === known ? known : `${shown} of ${count(known, "component")}`}`);
}
