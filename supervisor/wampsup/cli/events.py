"""`wampsup events`: what has happened to components, and what happens, a line each."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wampsup.cli import following, terminal
from wampsup.cli.render import painted
from wampsup.printable import printable

if TYPE_CHECKING:
    import argparse

    from wampsup.cli.client import Client

_BY = {"person": "by a person", "autostart": "with the fleet", "shutdown": "with the fleet", "reload": "by a reload"}


def run(client: Client, options: argparse.Namespace) -> int:
    """Show the events until their end, or that of whoever follows them; the exit code.

    Raises:
        WampsupError: they can't be had.
    """
    colour = terminal.has_colour()

    def shown(line: bytes) -> str:
        return in_json(line) if options.json else in_words(json.loads(line), colour=colour)

    return following.show(client, "/v1/events", options, options.tail, shown)


def in_json(line: bytes) -> str:
    """An event for a program, as it came.

    Raises:
        ValueError: it is none.
    """
    text = line.strip().decode()
    if text[:1] != "{":
        raise ValueError(f"no event: {text:.40}")
    return text


def in_words(event: dict[str, Any], *, colour: bool) -> str:
    """An event for a person: `21:03:04 pricing running -> backoff  ValueError: dry; next try in 2.1 s`."""
    if "lost" in event:
        return following.lost(event, "event")
    at = datetime.fromisoformat(event["at"]).astimezone().strftime("%H:%M:%S")
    if event["event"] == "stall":
        what = printable(f"{event['component'] or 'the supervisor'} stalled")
    elif event["component"] is None:
        what = printable(f"the fleet: {event['event']}")
    elif event["from"] == event["to"]:
        what = printable(f"{event['component']} {event['to']}, wanted {event['desired']}")
    else:
        move = printable(f"{event['component']} {event['from']} ->")
        what = f"{move} {painted(printable(event['to']), event['to'], colour=colour)}"
    why = ": ".join(filter(None, (_who(event), event["note"])))
    return f"{at} {what}  {printable(why)}".rstrip()


def _who(event: dict[str, Any]) -> str:
    """Who or what was behind it, where its note does not say so."""
    by = event["by"] or ""
    if event["to"] == "stopped":
        return ""
    kind, _, name = by.partition(":")
    return _BY.get(by) or {"requires": f"requires {name}", "group": f"with group {name}"}.get(kind, by)
