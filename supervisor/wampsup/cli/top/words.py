"""What stands around the table: the head, the foot about the selected component, the keys, the questions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wampsup.cli.render import ago, duration, percent, summary
from wampsup.cli.table import GAP
from wampsup.cli.top.columns import LEAST_TOP, Span
from wampsup.cli.top.history import sparkline
from wampsup.cli.top.listing import SEVERITY
from wampsup.control.words import by_state
from wampsup.printable import printable
from wampsup.printable import width as width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.cli.top.history import History
    from wampsup.cli.top.listing import Listing

    Line = Sequence[Span]

COMMANDS = {"start": "Start", "stop": "Stop", "restart": "Restart"}

_COUNT = re.compile(rf"(?<= )(\d+ ({'|'.join(SEVERITY)}))(?=,| ·|$)")
_MIB = 1 << 20
_TREND = 20

_KEYS = (
    ("S", "start", 1),
    ("T", "stop", 1),
    ("R", "restart", 1),
    ("⏎", "details", 2),
    ("l", "log", 2),
    ("e", "events", 4),
    ("bsn", "sort", 3),
    ("r", "reverse", 5),
    ("/", "filter", 2),
    ("?", "help", 0),
    ("q", "quit", 0),
)
"""A key, what it does, and how soon that goes where there is no room."""

HELP = """\
 up down j k     select a component        Enter   all about it
 PgUp PgDn       a page up, down           l       what it logs
 Home End g G    the first, the last       e       events: its own, or all
 click           select it

 b               sort by busy              S       start it
 s               by state, worst first     T x     stop it
 n               by name                   R       restart it
 o               by the next of these              each of them asks first:
 r               reverse the order                 y does it, all else not
 /               filter: a part of a
                 name, or a pattern        q       quit, or leave a page
 Esc             take the filter away      Ctrl-Z  suspend

 BUSY   its share of a processor over the last 10 seconds
 TREND  the same over the last minute; a full bar is its maximum, or 5 %
"""


def head(supervisor: dict[str, Any], width: int) -> Line:
    """`edge · up 3 h · 2 components: 1 running, 1 fatal · busy 4.1 %`, with the states in their colours.

    Where that is too wide, the worst states come first, so that these are not what is cut.
    """
    text = summary(supervisor)
    if len(text) > width:
        counts = sorted(supervisor["counts"].items(), key=lambda count: SEVERITY.get(count[0], 0))
        worst_first = ", ".join(f"{count} {state}" for state, count in counts)
        text = text.replace(by_state(supervisor["counts"]), worst_first)
    line, end = [], 0
    for found in _COUNT.finditer(text):
        line += [Span(text[end : found.start()], "head"), Span(found[1], found[2])]
        end = found.end()
    return [*line, Span(text[end:], "head")]


def gauges(supervisor: dict[str, Any], history: History, listing: Listing, took: float) -> Line:
    """How the process and its loop are, and what is listed."""
    trend = sparkline(history.fleet, history.begun, _TREND, 2 * LEAST_TOP).lstrip()
    facts = [f"answered in {_ms(1000 * took)}"]
    if supervisor["loop"] is not None:
        facts.append(f"longest lag {_ms(supervisor['loop']['longest_lag_ms'])}")
    facts.append(f"{supervisor['memory']['rss'] / _MIB:.0f} MiB")
    line = [Span(trend, "trend"), Span(" " + " · ".join(facts), "note")]
    if listing.wanted:
        found = f"{len(listing.rows)} of {listing.total} match `{printable(listing.wanted)}`"
        line += [Span(" · ", "note"), Span(found, "filter")]
    return line


def silence(message: str, seconds: float) -> Line:
    """In place of the gauges, while the supervisor does not answer."""
    return [Span(printable(f"{message}; seen {duration(seconds)} ago, trying again"), "lost")]


def title(component: dict[str, Any], now: float) -> Line:
    """`kettle  backoff for 4 s · 3 restarts · group kitchen · ws://127.0.0.1:8080/ws`."""
    facts = [f" for {ago(component['since'], now)}"]
    if component["desired"] == "down" and component["state"] != "stopped":
        facts.append("to be stopped")
    facts += [_times(component[what], what) for what in ("restarts", "reconnects") if component[what]]
    facts += [f"busy {percent(component['busy_percent'])}"] if round(component["busy_percent"] or 0, 1) else []
    facts += [f"group {component['group']}"] if component["group"] else []
    facts += [component["transport"]] if component["transport"] else []
    return [
        Span(printable(component["name"]), "title"),
        Span("  ", "head"),
        Span(component["state"], component["state"]),
        Span(printable(" · ".join(facts)), "head"),
    ]


def troubles(component: dict[str, Any], now: float) -> list[Line]:
    """Its note and, where that does not say it, its last error."""
    note, error = component["note"], component["last_error"]
    lines: list[Line] = [[Span(printable(note))]] if note else []
    if error and not (note and error["message"] and error["message"] in note):
        told = f"{error['type']}: {error['message']}" if error["message"] else error["type"]
        uri = f" ({error['uri']})" if error["uri"] else ""
        lines.append([Span(f"last error {ago(error['at'], now)} ago: ", "note"), Span(printable(told + uri), "error")])
    return lines


def keys(width: int) -> Line:
    """The bar of keys; those that matter least go where there is no room."""
    line: list[Span] = []
    for least in range(max(soon for _, _, soon in _KEYS), -1, -1):
        line = []
        for key, does, soon in _KEYS:
            if soon <= least:
                line += [Span(f"{GAP if line else ''}{key}", "key"), Span(f" {does}", "head")]
        if sum(width_of(span.text) for span in line) <= width:
            break
    return line


def question(command: str, name: str) -> str:
    """``Stop `pricing`?``."""
    return printable(f"{COMMANDS[command]} `{name}`?")


def _times(count: int, what: str) -> str:
    return f"{count} {what if count != 1 else what.removesuffix('s')}"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"  # noqa: PLR2004
