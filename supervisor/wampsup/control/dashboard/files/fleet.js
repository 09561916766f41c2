// What is known of the components, and which of them are shown, in which order. No page and no network in here.

/** All states, the worst first. */
export const STATES = [
  "fatal",
  "failed",
  "backoff",
  "reconnecting",
  "stopping",
  "connecting",
  "waiting",
  "running",
  "completed",
  "stopped",
];

/** States in which something is wrong. */
export const TROUBLE = new Set(STATES.slice(0, 4));

const RANK = new Map(STATES.map((state, rank) => [state, rank]));
const REMEMBERED = 40; // busy shares of each component, one for every look at it

const ORDERS = {
  state: (a, b) => RANK.get(a.state) - RANK.get(b.state),
  name: (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }),
  since: (a, b) => Date.parse(b.since) - Date.parse(a.since),
  restarts: (a, b) => a.restarts - b.restarts,
  busy: (a, b) => (a.busy_percent ?? -1) - (b.busy_percent ?? -1),
  stalls: (a, b) => a.stalls - b.stalls || (a.longest_stall_ms ?? 0) - (b.longest_stall_ms ?? 0),
};

/** What the table can be sorted by, and of what the most comes first unless a person wants it otherwise. */
export const SORTS = Object.keys(ORDERS);
export const MOST_FIRST = new Set(["restarts", "busy", "stalls"]);

export class Fleet {
  #components = new Map();
  #history = new Map();

  get size() {
    return this.#components.size;
  }

  get(name) {
    return this.#components.get(name);
  }

  /** The busy shares of a component that were seen last, the newest at the end. */
  history(name) {
    return this.#history.get(name) ?? [];
  }

  /** These are all components that there are; what is known of those in `newer` is newer. */
  replace(components, newer = new Set()) {
    const before = this.#components;
    this.#components = new Map(
      components.map((one) => [one.name, (newer.has(one.name) && before.get(one.name)) || one]),
    );
    for (const name of this.#history.keys()) if (!this.#components.has(name)) this.#history.delete(name);
    this.#remember(components);
  }

  /** This is how some of them are; what is known of those in `newer` is newer. */
  merge(components, newer = new Set()) {
    for (const one of components)
      if (!newer.has(one.name) && this.#components.has(one.name)) this.#components.set(one.name, one);
    this.#remember(components);
  }

  /** Take an event: whether it is of a component that is known. */
  apply(event) {
    const known = this.#components.get(event.component);
    if (!known) return false;
    const moved = event.from !== event.to;
    this.#components.set(event.component, {
      ...known,
      state: event.to,
      desired: event.desired,
      since: moved ? event.at : known.since,
      note: event.note,
      next_attempt_at: moved ? null : known.next_attempt_at,
    });
    return true;
  }

  /** How many are in which state, the worst first. */
  counts() {
    const counts = new Map(STATES.map((state) => [state, 0]));
    for (const { state } of this.#components.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }

  /** The components to be shown, in their order: those in `states` (none: all) that have all words of `text`. */
  chosen({ text, states, sort, ascending }) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = [...this.#components.values()].filter(
      (one) => (!states.size || states.has(one.state)) && words.every((word) => haystack(one).includes(word)),
    );
    const order = ORDERS[sort];
    return shown.sort(ascending ? order : (a, b) => order(b, a)); // it is stable: the order of the file breaks ties
  }

  #remember(components) {
    for (const { name, busy_percent: busy } of components) {
      if (busy == null) continue;
      const shares = this.#history.get(name) ?? [];
      if (shares.push(busy) > REMEMBERED) shares.shift();
      this.#history.set(name, shares);
    }
  }
}

const haystack = (one) => `${one.name}\n${one.group ?? ""}\n${one.note ?? ""}`.toLowerCase();
