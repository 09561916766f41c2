"""Shows a stream of the control API, a line each, until its end or that of whoever follows it."""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING, Any

from wampsup.cli.client import selection
from wampsup.cli.telling import say

if TYPE_CHECKING:
    import argparse
    import socket
    from collections.abc import Callable

    from wampsup.cli.client import Client


def show(
    client: Client, target: str, options: argparse.Namespace, tail: int | None, shown: Callable[[bytes], str]
) -> int:
    """Show what is at `target`, the latest `tail` of it or all, of the components that the options name; the exit code.

    Raises:
        WampsupError: it can't be had.
    """
    try:
        for lines in client.stream(_query(target, options, tail), _wait if options.follow else None):
            for line in lines:
                print(shown(line))  # noqa: T201 - data goes to stdout
            sys.stdout.flush()
    except KeyboardInterrupt:
        if not options.follow:
            raise
    else:
        if options.follow:
            say(f"{client.supervisor} has ended")
    return 0


def lost(document: dict[str, Any], what: str) -> str:
    """In place of so many of `what`."""
    count = document["lost"]
    return f"{count} {what}{'' if count == 1 else 's'} lost: they came faster than they could be shown"


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


def _query(target: str, options: argparse.Namespace, tail: int | None) -> str:
    query = [selection(options.names).removeprefix("?")]
    query += ["follow=1"] if options.follow else []
    query += [f"tail={tail}"] if tail is not None else []
    return f"{target}?" + "&".join(filter(None, query))
