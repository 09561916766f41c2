// All that is known of one component, as pairs of what it is and how it is.

import { bytes, count, duration, milliseconds, moment, percent } from "./words.js";

/** Pairs of a label and a text or a list of texts, those alone that say something; `now` in ms. */
export function facts(component, now) {
  const { policy, usage, transports } = component;
  return Object.entries({
    Runs: Object.entries(component.runs)
      .filter(([, value]) => value)
      .map(([key, value]) => `${key} ${value}`),
    Since: `${moment(component.since)} (${duration((now - Date.parse(component.since)) / 1000)})`,
    Desired: component.desired,
    Group: component.group,
    After: policy.after.join(", "),
    Requires: policy.requires.join(", "),
    "Waits for": component.waits_for.join(", "),
    Realm: component.realm,
    Session: component.session_id && String(component.session_id),
    [transports.length > 1 ? "Transports" : "Transport"]: transports.map(transport(component)),
    Authentication: component.authentication.join(", "),
    Attempts: [component.attempts, count(component.restarts, "restart"), count(component.reconnects, "reconnect")].join(
      ", ",
    ),
    Restart: restart(policy.restart),
    Health: health(policy.health),
    Timeouts: timeouts(policy),
    Critical: policy.critical && "its end, failed or fatal, ends the fleet",
    Busy: busy(usage),
    Stalls: usage.stalls && `${usage.stalls}, the longest ${milliseconds(usage.longest_stall_ms ?? 0)}`,
    Events:
      usage.busy_seconds != null &&
      `${usage.events.toLocaleString("en")}, the longest ${milliseconds(usage.longest_event_ms ?? 0)}`,
    Messages: `${messages(usage.messages_in, usage.bytes_in)} in, ${messages(usage.messages_out, usage.bytes_out)} out`,
    "Left behind": component.left_behind.last.map((one) => one.note),
  }).filter(([, value]) => value && value.length);
}

const transport = (component) => (one) => {
  const current = component.transports.length > 1 && one.url === component.transport ? " ← this one" : "";
  return `${one.url} (${[one.type, ...one.serializers].join(", ")})${current}`;
};

const messages = (number, size) => `${number.toLocaleString("en")} (${bytes(size)})`;

function restart({ policy, max_restarts: most, window, initial_delay, max_delay: last, growth }) {
  if (policy === "never") return policy;
  const often = most < 0 ? "without a limit" : `at most ${most} in ${window} s`;
  const first = Math.min(initial_delay, last);
  const delays = growth > 1 && first < last ? `delays from ${first} s to ${last} s` : `delays of about ${first} s`;
  return `${policy}, ${often}, ${delays}`;
}

function timeouts({ start_timeout: start, stop_timeout: stop, max_stall: stall }) {
  return `start ${start} s, stop ${stop} s${stall ? `, stall ${stall} s` : ""}`;
}

function health(policy) {
  if (!policy) return null;
  const limit = `${policy.failures} misses in a row fail it`;
  return `${policy.procedure} every ${policy.interval} s, within ${policy.timeout} s; ${limit}`;
}

function busy(usage) {
  if (usage.busy_seconds == null) return null;
  const shares = Object.entries(usage.busy_percent).filter(([, share]) => share != null);
  const over = shares.map(([window, share]) => `${percent(share)} over ${window} s`);
  return [`${usage.busy_seconds.toFixed(2)} s of processor time`, ...over].join(", ");
}
