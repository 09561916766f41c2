// All that is known of one component, as pairs of what it is and how it is.

import { bytes, count, duration, milliseconds, moment, percent } from "./words.js";

/** Pairs of a label and a text or a list of texts, those alone that say something; `now` in ms. */
export function facts(component, now) {
  const { policy, usage, transports } = component;
  return Object.entries({
    Runs: Object.entries(component.runs).filter(([, value]) => value).map(([key, value]) => `${key} ${value}`),
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
    Attempts: `${component.attempts}, ${count(component.restarts, "restart")}, ${count(component.reconnects, "reconnect")}`,
    Restart: restart(policy.restart),
    Health: health(policy.health),
    Timeouts: `start ${policy.start_timeout} s, stop ${policy.stop_timeout} s${policy.max_stall ? `, stall ${policy.max_stall} s` : ""}`,
    Critical: policy.critical && "its end, failed or fatal, ends the fleet",
    Busy: busy(usage),
    Stalls: usage.stalls && `${usage.stalls}, the longest ${milliseconds(usage.longest_stall_ms ?? 0)}`,
    Events: usage.busy_seconds != null && `${usage.events.toLocaleString("en")}, the longest ${milliseconds(usage.longest_event_ms ?? 0)}`,
    Messages: `${usage.messages_in.toLocaleString("en")} in (${bytes(usage.bytes_in)}), ${usage.messages_out.toLocaleString("en")} out (${bytes(usage.bytes_out)})`,
    "Left behind": component.left_behind.last.map((one) => one.note),
  }).filter(([, value]) => value && value.length);
}

const transport = (component) => (one) =>
  `${one.url} (${[one.type, ...one.serializers].join(", ")})${component.transports.length > 1 && one.url === component.transport ? " ← this one" : ""}`;

function restart({ policy, max_restarts: most, window, initial_delay: first, max_delay: last }) {
  if (policy === "never") return policy;
  return `${policy}, ${most < 0 ? "without a limit" : `at most ${most} in ${window} s`}, delays from ${first} s to ${last} s`;
}

function health(policy) {
  if (!policy) return null;
  return `${policy.procedure} every ${policy.interval} s, within ${policy.timeout} s; ${policy.failures} misses in a row fail it`;
}

function busy(usage) {
  if (usage.busy_seconds == null) return null;
  const shares = Object.entries(usage.busy_percent).filter(([, share]) => share != null);
  return [`${usage.busy_seconds.toFixed(2)} s of processor time`, ...shares.map(([window, share]) => `${percent(share)} over ${window} s`)].join(", ");
}
