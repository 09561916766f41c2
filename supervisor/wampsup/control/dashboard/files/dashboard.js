// The dashboard: wires what is known of the fleet to what is seen of it, and takes what a person does.

import { Detail } from "./detail.js";
import { byId, h, told } from "./dom.js";
import { Events } from "./events.js";
import { Fleet, MOST_FIRST, SORTS } from "./fleet.js";
import { Live } from "./live.js";
import { Chips, answering, emptiness, figures } from "./overview.js";
import { Table } from "./table.js";
import { setUp as setUpTheme } from "./theme.js";

const FRAME = 150; // ms between two drawings, at least
const view = { text: "", states: new Set(), sort: "state", ascending: true };
const fleet = new Fleet();
let loaded = false;

const now = () => live.now();
const table = new Table(fleet, now, sortBy);
const detail = new Detail(now, close);
const chips = new Chips(view.states, draw);
const events = new Events(byId("events"), byId("no-events"), { link: true });
const live = new Live(fleet, () => table.visible(), {
  components() {
    loaded = true;
    drawSoon();
  },
  figures() {
    answering(null);
    detail.look();
    drawSoon();
  },
  event(kind, event) {
    events.add(kind, event);
    detail.event(kind, event);
  },
  restarted() {
    events.clear();
    detail.restart();
  },
  gone(error) {
    answering(live.goneSince, error.message);
  },
});

let drawing = null;

/** Draw in a moment, once for all that has changed by then. */
function drawSoon() {
  drawing ??= setTimeout(draw, FRAME);
}

function draw() {
  clearTimeout(drawing);
  drawing = null;
  const counts = fleet.counts();
  const chosen = fleet.chosen(view);
  chips.show(counts, fleet.size);
  emptiness(fleet.size, chosen.length, loaded);
  table.show(chosen, { ...view, open: detail.name, busy: chosen.some((one) => one.busy_percent != null) });
  detail.update(fleet.get(detail.name));
  byId("sorting").value = view.sort;
  if (live.supervisor) figures(live.supervisor, now(), counts);
}

/** Every second, for the times that go on by themselves. */
function tick() {
  if (document.hidden) return;
  if (live.goneSince === null) drawSoon();
  else answering(live.goneSince); // all else is how it was
}

/** Another column, or the other way round. */
function sortBy(column) {
  view.ascending = view.sort === column ? !view.ascending : !MOST_FIRST.has(column);
  view.sort = column;
  draw();
}

/** The component that the address names. */
function addressed() {
  try {
    return location.hash.startsWith("#/") ? decodeURIComponent(location.hash.slice(2)) : null;
  } catch {
    return null; // a person wrote it
  }
}

function follow() {
  const name = addressed();
  detail.open(name);
  draw();
  if (name !== null) detail.focus();
}

function close() {
  const { name } = detail;
  history.pushState(null, "", location.pathname);
  follow();
  table.focus(name);
}

const PAGE = 10; // rows
const MOVES = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: PAGE, PageUp: -PAGE, Home: -Infinity, End: Infinity };

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || byId("dialog").open) return;
  const { target, key } = event;
  const typing = target.closest("input, select, textarea");
  if (key === "/" && !typing) {
    byId("filter").focus();
  } else if (key === "Escape" && target === byId("filter")) {
    filterBy("");
  } else if (key === "Escape" && detail.name !== null) {
    close();
  } else if (key in MOVES && target.closest("#rows")) {
    table.move(MOVES[key]);
  } else if (key in MOVES && (target === document.body || target === byId("fleet"))) {
    table.move(Number.isFinite(MOVES[key]) ? 0 : MOVES[key]); // first to where it was
  } else if ((key === "ArrowDown" || key === "Enter") && target === byId("filter")) {
    table.move(0);
  } else {
    return;
  }
  event.preventDefault();
}

function filterBy(text) {
  byId("filter").value = text;
  view.text = text;
  draw();
}

setUpTheme(byId("theme"));
byId("read-only").hidden = told("access") === "full";
for (const column of SORTS) byId("sorting").append(h("option", { value: column }, column));
byId("sorting").addEventListener("change", (event) => sortBy(event.target.value));
byId("filter").addEventListener("input", (event) => filterBy(event.target.value));
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("fleet").focus();
});
addEventListener("keydown", press);
addEventListener("hashchange", follow);
addEventListener("popstate", follow);
setInterval(tick, 1000);
follow();
live.run();
