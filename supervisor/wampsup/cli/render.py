"""What a person sees: the table of `status` and the page of `show`.

All text that comes from a fleet is made printable: it may hold what a terminal obeys.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from wampsup.control.words import in_words
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADINGS = ("NAME", "STATE", "SINCE", "RESTARTS", "BUSY", "NOTE")
_GAP = "  "
_SHORTEST_NAME = 8
_SHORTEST_NOTE = 16
"""Columns, in a terminal that is too narrow for all."""

_RIGHT = frozenset({"SINCE", "RESTARTS", "BUSY"})
_COLOURS = {
    "running": "32",
    "completed": "32",
    "backoff": "33",
    "reconnecting": "33",
    "failed": "31",
    "fatal": "31",
    "stopped": "2",
}
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def duration(seconds: float) -> str:
    """How long, in the largest unit that it fills: `3 h`, `12 m`, `4 s`."""
    whole = max(int(seconds), 0)
    size, unit = next(((size, unit) for size, unit in _UNITS if whole >= size), (1, "s"))
    return f"{whole // size} {unit}"


def summary(supervisor: dict[str, Any]) -> str:
    """The line above the table: `edge · up 3 h · 2 components: 1 running, 1 fatal · busy 4.1 %`."""
    counts = in_words(supervisor["counts"])
    busy = _percent(supervisor["cpu"]["percent"]["10"])
    line = f"{supervisor['name']} · up {duration(supervisor['uptime'])} · {counts}"
    return printable(line + (f" · busy {busy}" if busy else ""))


def table(components: Sequence[dict[str, Any]], now: float, *, width: int | None, colour: bool) -> list[str]:
    """The lines of the table; with `width`, it leaves out and cuts what it must so that no line is longer."""
    rows = [_HEADINGS, *(_row(component, now) for component in components)]
    widths = {heading: max(len(row[column]) for row in rows) for column, heading in enumerate(_HEADINGS)}
    if all(component["busy_percent"] is None for component in components):
        del widths["BUSY"]  # a reactor that keeps no accounts, or has only just begun
    if width is not None:
        _fit(widths, width)
    return [_line(row, widths, colour=colour and number > 0) for number, row in enumerate(rows)]


def _fit(widths: dict[str, int], width: int) -> None:
    """Narrow the columns: first the notes, then those that matter least go, and at last the names are cut."""

    def left(*, without: str) -> int:
        return width - sum(size + len(_GAP) for heading, size in widths.items() if heading != without)

    for heading in ("RESTARTS", "BUSY", "SINCE"):
        if left(without="NOTE") < min(widths["NOTE"], _SHORTEST_NOTE):
            widths.pop(heading, None)
    room_for_name = left(without="NAME") + widths["NOTE"] - min(widths["NOTE"], _SHORTEST_NOTE)
    widths["NAME"] = min(widths["NAME"], max(room_for_name, _SHORTEST_NAME))
    widths["NOTE"] = min(widths["NOTE"], max(left(without="NOTE"), 1))


def page(component: dict[str, Any], now: float) -> list[str]:
    """Everything about one component."""
    error = component["last_error"]
    restart = component["policy"]["restart"]
    facts = {
        "state": f"{component['state']} for {duration(now - _seconds(component['since']))}",
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
        "error kind": error and f"{error['kind']}, {duration(now - _seconds(error['at']))} ago",
        "left behind": _left_behind(component["left_behind"]),
    } | _usage(component["usage"])
    lines = [printable(component["name"])]
    for name, value in facts.items():
        first, *rest = value if isinstance(value, list) else [value]
        if first not in (None, ""):
            lines.append(f"  {name:<15} {printable(str(first))}")
            lines += [f"  {'':<15} {printable(one)}" for one in rest]
    traceback = (error and error["traceback"]) or ""
    return lines + ([""] if traceback else []) + ["    " + printable(line) for line in traceback.splitlines()]


def _left_behind(left: dict[str, Any]) -> list[str]:
    """What its ended attempts have left: what is there still, and the last ones by name."""
    held = {"threads that still run": left["threads"], "ended attempts that something holds on to": left["contexts"]}
    still = [f"{what}: {count}" for what, count in held.items() if count]
    return [*still, *(one["note"] for one in left["last"])] or [""]


def _usage(usage: dict[str, Any]) -> dict[str, str]:
    """What it has used; of the busy times, nothing where they are not known."""
    shares = {f"{window} s": _percent(share) for window, share in usage["busy_percent"].items() if share is not None}
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


def _percent(share: float | None) -> str:
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
    return f"{restart['policy']}, {often}, delays from {restart['initial_delay']:g} s to {restart['max_delay']:g} s"


def _row(component: dict[str, Any], now: float) -> tuple[str, ...]:
    since = duration(now - _seconds(component["since"]))
    restarts, busy = str(component["restarts"]), _percent(component["busy_percent"])
    cells = (component["name"], component["state"], since, restarts, busy, component["note"] or "")
    return tuple(printable(cell) for cell in cells)


def _line(row: tuple[str, ...], widths: dict[str, int], *, colour: bool) -> str:
    cells = []
    for heading, cell in zip(_HEADINGS, row, strict=True):
        if size := widths.get(heading):
            text = cell if len(cell) <= size else cell[: size - 1] + "…"
            padded = text.rjust(size) if heading in _RIGHT else text.ljust(size)
            cells.append(painted(padded, cell, colour=colour and heading == "STATE"))
    return _GAP.join(cells).rstrip()


def painted(text: str, state: str, *, colour: bool) -> str:
    """`text` in the colour of that state."""
    return f"\x1b[{_COLOURS[state]}m{text}\x1b[0m" if colour and state in _COLOURS else text


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
