// One row of the table: what it is made of, and how it is filled.

import { badge, h, mark, rebadge, s, write } from "./dom.js";
import { duration, moment, note, percent, stalls } from "./words.js";

const SPARK = { width: 48, height: 14 };

/** A row for a component: its element `row`, and what is filled in. */
export function newRow({ name, state }) {
  const cell = (key, ...content) => h("td", { role: "cell", class: `c-${key}` }, ...content);
  const link = h("a", { href: `#/${encodeURIComponent(name)}`, title: name }, name);
  const parts = {
    link,
    state: badge(state),
    since: cell("since"),
    restarts: cell("restarts"),
    share: h("span", { class: "share" }),
    level: h("span", {}),
    line: s("polyline", { class: "stroke" }),
    stalls: cell("stalls"),
    note: cell("note"),
  };
  const spark = s(
    "svg",
    { class: "spark", "aria-hidden": "true", viewBox: `0 0 ${SPARK.width} ${SPARK.height}` },
    parts.line,
  );
  const busy = cell(
    "busy",
    h("span", { class: "busy" }, spark, h("span", { class: "bar", "aria-hidden": "true" }, parts.level), parts.share),
  );
  parts.row = h(
    "tr",
    { role: "row", "data-name": name, click: () => getSelection().isCollapsed && link.click() },
    h("th", { role: "rowheader", scope: "row", class: "c-name" }, link),
    cell("state", parts.state),
    parts.since,
    parts.restarts,
    busy,
    parts.stalls,
    parts.note,
  );
  link.addEventListener("click", (event) => event.stopPropagation());
  return parts;
}

/** Let a row show how its component is now; `history` are its busy shares, `now` in ms. */
export function fill(cells, component, history, now) {
  const said = note(component, now);
  rebadge(cells.state, component.state);
  mark(cells.row, "data-state", component.state);
  write(cells.since, duration((now - Date.parse(component.since)) / 1000));
  mark(cells.since, "title", moment(component.since));
  write(cells.restarts, String(component.restarts));
  mark(cells.restarts, "data-count", component.restarts);
  write(cells.share, percent(component.busy_percent));
  cells.level.style.width = `${Math.min(component.busy_percent ?? 0, 100)}%`;
  mark(cells.line, "points", points(history));
  write(cells.stalls, stalls(component));
  mark(
    cells.stalls,
    "title",
    component.stalls ? "how often it has blocked the others, and for how long at most" : null,
  );
  write(cells.note, said);
  mark(cells.note, "title", said);
}

/** A line of busy shares: its height is that of the busiest of them, or 1 %. */
function points(shares) {
  const top = Math.max(...shares, 1);
  const step = SPARK.width / 39;
  const from = SPARK.width - (shares.length - 1) * step;
  return shares
    .map(
      (share, index) =>
        `${(from + index * step).toFixed(1)},${(SPARK.height - 1 - (share / top) * (SPARK.height - 2)).toFixed(1)}`,
    )
    .join(" ");
}
