"""`wampsup logs`: what components have logged, and what they log, as the fleet's own log has it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wampsup.cli import following, terminal
from wampsup.cli.arguments.values import ALL, FOLLOWED
from wampsup.logs.render import as_text
from wampsup.model.record import Record

if TYPE_CHECKING:
    import argparse

    from wampsup.cli.client import Client

_COLOURS = {"critical": "31", "error": "31", "warn": "33", "debug": "2", "trace": "2"}


def run(client: Client, options: argparse.Namespace) -> int:
    """Show the lines until their end, or that of whoever follows them; the exit code.

    Raises:
        WampsupError: they can't be had.
    """
    tail = options.tail if options.tail is not None else FOLLOWED if options.follow else ALL
    colour = terminal.has_colour()

    def shown(line: bytes) -> str:
        return in_json(json.loads(line)) if options.json else in_text(json.loads(line), colour=colour)

    return following.show(client, "/v1/logs", options, None if tail == ALL else tail, shown)


def in_text(line: dict[str, Any], *, colour: bool) -> str:
    """A line as the log has it as text: `2026-11-22T20:16:07.802Z info  [hello] Hello, you!`."""
    if "lost" in line:
        return following.lost(line, "line")
    level = line["level"]
    text = as_text(Record(at=datetime.fromisoformat(line["time"]).timestamp(), **_but(line, "id", "time")))
    return text.replace(level, f"\x1b[{_COLOURS[level]}m{level}\x1b[0m", 1) if colour and level in _COLOURS else text


def in_json(line: dict[str, Any]) -> str:
    """A line as the log has it as JSON; its number is for clients of the API."""
    return json.dumps(_but(line, "id"))


def _but(line: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key not in keys}
