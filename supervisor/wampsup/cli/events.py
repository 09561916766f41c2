"""`wampsup events`: what has happened to components, and what happens, a line each."""

from __future__ import annotations

import json
import os
import select
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wampsup.cli.client import selection
from wampsup.cli.render import painted
from wampsup.cli.telling import say
from wampsup.logs.printable import printable

if TYPE_CHECKING:
    import argparse
    import socket

    from wampsup.cli.client import Client

_BY = {"person": "by a person", "autostart": "with the fleet", "shutdown": "with the fleet", "reload": "by a reload"}


def run(client: Client, options: argparse.Namespace) -> int:
    """Show the events until their end, or that of whoever follows them; the exit code.

    Raises:
        WampsupError: they can't be had.
    """
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    try:
        for lines in client.stream(_target(options), _wait if options.follow else None):
            for line in lines:
                print(line.strip().decode() if options.json else in_words(json.loads(line), colour=colour))  # noqa: T201 - data goes to stdout
            sys.stdout.flush()
    except KeyboardInterrupt:
        if not options.follow:
            raise
    else:
        if options.follow:
            say(f"{client.supervisor} has ended")
    return 0


def _wait(connection: socket.socket) -> None:
    """Wait for what happens next, as long as somebody reads what we say.

    Raises:
        BrokenPipeError: nobody does, as where `grep -m1` has found what it was looking for.
    """
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.register(sys.stdout, 0)
    if any(descriptor == sys.stdout.fileno() for descriptor, _ in poll.poll()):
        raise BrokenPipeError


def in_words(event: dict[str, Any], *, colour: bool) -> str:
    """An event for a person: `21:03:04 pricing running -> backoff  ValueError: dry; next try in 2.1 s`."""
    if "lost" in event:
        return f"{_count(event['lost'])} lost: they came faster than they could be shown"
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


def _count(number: int) -> str:
    return f"{number} event{'' if number == 1 else 's'}"


def _target(options: argparse.Namespace) -> str:
    query = [selection(options.names).removeprefix("?")]
    query += ["follow=1"] if options.follow else []
    query += [f"tail={options.tail}"] if options.tail is not None else []
    return "/v1/events?" + "&".join(filter(None, query))
