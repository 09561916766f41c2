// Requests to the supervisor that served this page.

const PATIENCE = 10_000; // ms for an answer

/** Nobody answered, or not to the end, or not in time. */
export class Unreachable extends Error {}

/** The supervisor said no: `message` is why. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.hint ? `${problem.detail} (${problem.hint})` : problem.detail);
  }
}

/** Ask for something, and take the answer as text. Throws Refused or Unreachable. */
async function text(path, { patience = PATIENCE, ...options } = {}) {
  const [status, body] = await fetch(path, { signal: AbortSignal.timeout(patience), cache: "no-store", ...options })
    .then(async (response) => [response.status, await response.text()])
    .catch((error) => {
      throw new Unreachable(error.name === "TimeoutError" ? "it takes too long" : "it can't be reached");
    });
  if (status < 400) return body;
  throw new Refused(problem(body) ?? { detail: `the supervisor says ${status}` });
}

function problem(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null; // something between us and the supervisor said it
  }
}

/** Ask for something, and take the answer as JSON; `patience` in ms. Throws Refused or Unreachable. */
export const ask = async (path, options) => JSON.parse(await text(path, options));

/** What a stream holds so far, without what comes. */
export async function lines(path) {
  const parts = (await text(path)).split("\n").filter((line) => line.trim());
  return parts.map((line) => JSON.parse(line));
}

/** `start`, `stop` or `restart` one component, and wait for it: what became of it. */
export async function command(verb, name, timeout) {
  const answer = await ask(`/v1/${verb}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ select: [name], wait: true, timeout }),
    patience: timeout * 1000 + PATIENCE,
  });
  return answer.results[0];
}

/** The query that selects these components, or as many of them as there is room for in `most` characters. */
export function selecting(names, most) {
  const query = names.map((name) => `select=${encodeURIComponent(name)}`).join("&");
  return query.length <= most ? query : query.slice(0, query.lastIndexOf("&", most));
}

/**
 * A stream of server-sent events at `path`, from its last `tail` on; broken off, it goes on behind what came last.
 *
 * `take(kind, data)` is called for each one, `refused(error)` where the supervisor will not stream, and `broken()`
 * whenever it is broken off. It is closed while `pause`d.
 */
export class Stream {
  #source = null;
  #after = null;
  #timer = null;

  constructor(path, kinds, { tail, take, refused = () => {}, broken = () => {} }) {
    Object.assign(this, { path, kinds, tail, take, refused, broken });
  }

  open() {
    if (this.#source) return;
    const from = this.#after === null ? `tail=${this.tail}` : `after=${this.#after}`;
    const source = new EventSource(this.#with(`follow=1&${from}`));
    this.#source = source;
    for (const kind of this.kinds) {
      source.addEventListener(kind, (event) => {
        this.#after = event.lastEventId;
        this.take(kind, JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => this.#again());
  }

  /** Close it, to be opened again where it was. */
  pause() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  /** Forget how far it was: another supervisor counts from the beginning. */
  forget() {
    this.pause();
    this.#after = null;
  }

  #with(query) {
    return `${this.path}${this.path.includes("?") ? "&" : "?"}${query}`;
  }

  async #again() {
    const refused = this.#source?.readyState === EventSource.CLOSED;
    this.pause();
    this.#timer = setTimeout(() => this.open(), 2000);
    this.broken();
    if (!refused) return;
    const why = await lines(this.#with("tail=0")).catch((error) => error);
    if (why instanceof Refused) this.refused(why);
  }
}
