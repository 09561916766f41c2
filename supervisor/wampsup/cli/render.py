"""What a person sees: the words of `status`, and the page of `show`.

All text that comes from a fleet is made printable: it may hold what a terminal obeys.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wampsup.cli.columns import wrapped
from wampsup.control.words import in_words
from wampsup.printable import printable

_COLOURS = {
    "running": "32",
    "completed": "32",
    "backoff": "33",
    "reconnecting": "33",
    "failed": "31",
    "fatal": "31",
    "stopped": "2",
}
_INDENT = "  "
_MARGIN = 18
"""Columns of a page before what is said of a thing."""

_NARROWEST = 20
_WHOLE = frozenset({"runs", "realm", "transport", "transports"})
"""What is never broken into lines."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def duration(seconds: float) -> str:
    """How long, in the largest unit that it fills: `3 h`, `12 m`, `4 s`."""
    whole = max(int(seconds), 0)
    size, unit = next(((size, unit) for size, unit in _UNITS if whole >= size), (1, "s"))
    return f"{whole // size} {unit}"


def ago(time: str, now: float) -> str:
    """How long ago that time of the control API was."""
    return duration(now - datetime.fromisoformat(time).timestamp())


def summary(supervisor: dict[str, Any]) -> str:
    """The line above the table: `edge · up 3 h · 2 components: 1 running, 1 fatal · busy 4.1 %`."""
    counts = in_words(supervisor["counts"])
    busy = percent(supervisor["cpu"]["percent"]["10"])
    line = f"{supervisor['name']} · up {duration(supervisor['uptime'])} · {counts}"
    return printable(line + (f" · busy {busy}" if busy else ""))


def page(component: dict[str, Any], now: float, *, width: int | None = None) -> list[str]:
    """Everything about one component; with `width`, in lines of that many columns, but for what may be copied."""
    error = component["last_error"]
    restart = component["policy"]["restart"]
    facts = {
        "state": f"{component['state']} for {ago(component['since'], now)}",
        "note": component["note"],
        "desired": component["desired"],
        "runs": ", ".join(f"{key} {value}" for key, value in component["runs"].items() if value),
        "group": component["group"],
        "after": ", ".join(component["policy"]["after"]),
        "requires": ", ".join(component["policy"]["requires"]),
        "realm": component["realm"],
        "session": component["session_id"],
        "transport": component["transport"],
        "transports": [f"{one['url']} ({one['type']})" for one in component["transports"]],
        "authentication": ", ".join(component["authentication"]),
        "attempts": component["attempts"],
        "restarts": component["restarts"],
        "reconnects": component["reconnects"],
        "next attempt": component["next_attempt_at"],
        "restart policy": _policy(restart),
        "health": _health(component["policy"]["health"]),
        "timeouts": "start {start_timeout:g} s, stop {stop_timeout:g} s".format(**component["policy"]),
        "max stall": _max_stall(component["policy"]["max_stall"]),
        "last error": error and f"{error['type']}: {error['message']}",
        "error uri": error and error["uri"],
        "error kind": error and f"{error['kind']}, {ago(error['at'], now)} ago",
        "left behind": _left_behind(component["left_behind"]),
    } | _usage(component["usage"])
    outlook = printable(component["next"])
    paragraph = [outlook] if width is None else wrapped(outlook, max(width - len(_INDENT), 1))
    lines = [printable(component["name"]), "", *(_INDENT + line for line in paragraph), ""]
    for name, value in facts.items():
        told = [printable(str(one)) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]
        if width is not None and name not in _WHOLE:
            room = max(width - _MARGIN, _NARROWEST)
            told = [line for one in told for line in wrapped(one, room)]
        lines += [f"  {'' if number else name:<15} {line}" for number, line in enumerate(told)]
    traceback = (error and error["traceback"]) or ""
    return lines + ([""] if traceback else []) + ["    " + printable(line) for line in traceback.splitlines()]


def _left_behind(left: dict[str, Any]) -> list[str]:
    """What its ended attempts have left: what is there still, and the last ones by name."""
    held = {"threads that still run": left["threads"], "ended attempts that something holds on to": left["contexts"]}
    still = [f"{what}: {count}" for what, count in held.items() if count]
    return [*still, *(one["note"] for one in left["last"])] or [""]


def _usage(usage: dict[str, Any]) -> dict[str, str]:
    """What it has used; of the busy times, nothing where they are not known."""
    shares = {f"{window} s": percent(share) for window, share in usage["busy_percent"].items() if share is not None}
    busy = usage["busy_seconds"] is not None and f"{usage['busy_seconds']:.2f} s of processor time"
    over = ", ".join(f"{share} over {window}" for window, share in shares.items())
    return {
        "busy": (f"{busy}; {over}" if over else busy) or "",
        "stalls": _stalls(usage),
        "events": (busy and f"{usage['events']}, the longest took {usage['longest_event_ms']:.1f} ms") or "",
        "messages": "in {messages_in} ({bytes_in} bytes), out {messages_out} ({bytes_out} bytes)".format(**usage),
    }


def _max_stall(seconds: float) -> str:
    return f"{seconds:g} s; a longer one is a failure" if seconds else ""


def _stalls(usage: dict[str, Any]) -> str:
    return f"{usage['stalls']}, the longest {usage['longest_stall_ms'] / 1000:.2f} s" if usage["stalls"] else ""


def percent(share: float | None) -> str:
    """A share for a person, nothing where it is not known."""
    return "" if share is None else f"{share:.1f} %"


def _health(health: dict[str, Any] | None) -> str | None:
    if health is None:
        return None
    limit = f"{health['failures']} misses in a row fail it"
    return f"{health['procedure']} every {health['interval']:g} s, within {health['timeout']:g} s; {limit}"


def _policy(restart: dict[str, Any]) -> str:
    if restart["policy"] == "never":
        return "never"
    limit = restart["max_restarts"]
    often = "without a limit" if limit < 0 else f"at most {limit} in {restart['window']:g} s"
    first, longest = min(restart["initial_delay"], restart["max_delay"]), restart["max_delay"]
    grows = restart["growth"] > 1 and first < longest
    delays = f"delays from {first:g} s to {longest:g} s" if grows else f"delays of about {first:g} s"
    return f"{restart['policy']}, {often}, {delays}"


def painted(text: str, state: str, *, colour: bool) -> str:
    """`text` in the colour of that state."""
    return f"\x1b[{_COLOURS[state]}m{text}\x1b[0m" if colour and state in _COLOURS else text
