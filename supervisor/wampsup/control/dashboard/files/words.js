// Figures and times in words, as the command line has them.

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"],
];

/** How long, in the largest unit that it fills: `3 h`, `12 m`, `4 s`. */
export function duration(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  const [size, unit] = UNITS.find(([one]) => whole >= one) ?? [1, "s"];
  return `${Math.floor(whole / size)} ${unit}`;
}

/** A share: `4.1 %`; nothing where it is not known. */
export const percent = (share) => (share == null ? "" : `${share.toFixed(1)} %`);

/** Milliseconds: `2 ms`, `1.2 s`. */
export const milliseconds = (ms) =>
  ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

/** Bytes: `540 B`, `12 KiB`, `95 MiB`. */
export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let left = count;
  while (left >= 1024 && units.length > 1) {
    left /= 1024;
    units.shift();
  }
  return `${left < 10 && units[0] !== "B" ? left.toFixed(1) : Math.round(left)} ${units[0]}`;
}

/** A number with its noun: `1 component`, `7 components`. */
export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** A time of day here, and all of it. */
export const clock = (time) => CLOCK.format(new Date(time));
export const moment = (time) => MOMENT.format(new Date(time));

/** How often a component has kept the loop from the others, and for how long at most: `3 · 1.20 s`. */
export const stalls = (component) =>
  component.stalls ? `${component.stalls} · ${milliseconds(component.longest_stall_ms ?? 0)}` : "";

const IS_SO = { backoff: "is in backoff", completed: "has completed", failed: "has failed" };

/** What is said of a component in that state: `is running`, `has failed`. */
export const isSo = (state) => IS_SO[state] ?? `is ${state}`;

/** A component's note, in which the time until the next try is that of this moment; `now` in ms. */
export function note(component, now) {
  const said = component.note ?? "";
  if (!component.next_attempt_at) return said;
  const left = Math.ceil((Date.parse(component.next_attempt_at) - now) / 1000);
  return said.replace(/next try (in [\d.]+ s|now)/, left > 0 ? `next try in ${left} s` : "next try now");
}
