"""`wampsup show`: all about one component, with what has happened to it and what it has logged of late."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from wampsup.cli import events, logs, render, terminal
from wampsup.cli.client import quote
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    import argparse

    from wampsup.cli.client import Client

LATEST = 5
"""Events, and lines of the log, that are shown."""


def run(client: Client, options: argparse.Namespace) -> int:
    """Show the component; the exit code.

    Raises:
        WampsupError: it can't be asked for.
    """
    component = client.get("/v1/components/" + quote(options.name))
    if options.json:
        print(json.dumps(component, indent=2))  # noqa: T201 - data goes to stdout
        return 0
    colour = terminal.has_colour()
    lines = render.page(component, time.time(), width=terminal.size()[0] if terminal.is_one() else None)
    happened = [events.in_words(event, colour=colour) for event in _latest(client, "/v1/events", options.name)]
    said = [
        logs.in_text(line | {"traceback": None}, colour=colour) for line in _latest(client, "/v1/logs", options.name)
    ]
    for title, latest in (("latest events", happened), ("latest lines of its log", said)):
        if latest:
            lines += ["", title, *(f"  {line}" for one in latest for line in one.splitlines())]
    print("\n".join(lines))  # noqa: T201 - data goes to stdout
    return 0


def _latest(client: Client, target: str, name: str) -> list[dict[str, Any]]:
    """What there is at `target` about it; nothing where that is not kept."""
    found: list[dict[str, Any]] = []
    with contextlib.suppress(WampsupError):
        for lines in client.stream(f"{target}?select={quote(name)}&tail={LATEST}", None):
            found += map(json.loads, lines)
    return found
