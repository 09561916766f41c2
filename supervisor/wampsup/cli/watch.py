"""`wampsup status --watch`: the table, again and again.

On a terminal it is drawn in place; where it does not fit, who is not well comes first. Elsewhere it is one table after
the other, or a document a line. While the supervisor does not answer, as when it is started anew, that is told, and
what was last seen stays.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from wampsup.cli import screen, terminal
from wampsup.cli.columns import cut, wrapped
from wampsup.cli.lasting import LastingClient
from wampsup.cli.render import duration, summary
from wampsup.cli.status import ask, is_down, lines_of
from wampsup.cli.table import blocks
from wampsup.cli.telling import tell
from wampsup.control.words import by_state
from wampsup.errors import WampsupError
from wampsup.printable import printable

if TYPE_CHECKING:
    import argparse

    from wampsup.cli.client import Client

Document = dict[str, Any]


class _View(Protocol):
    def show(self, document: Document, at: float, trouble: WampsupError | None) -> None:
        """Show what was seen `at` that time, and what has kept us from seeing more since."""

    def wait(self, seconds: float) -> bool:
        """Wait; whether to go on."""


def run(client: Client, options: argparse.Namespace) -> int:
    """Show how the components are until the person has seen enough; the exit code.

    Raises:
        WampsupError: they can't be asked for at first.
    """
    lasting = LastingClient(client)
    first = ask(lasting, options.names)
    try:
        if options.json:
            _watch(lasting, options, first, _Documents())
        elif terminal.is_one():
            drawn = screen.Screen()
            with drawn.drawn():
                _watch(lasting, options, first, _Picture(drawn))
        else:
            _watch(lasting, options, first, _Tables())
    except KeyboardInterrupt:
        pass
    finally:
        lasting.close()
    return 0


def _watch(client: LastingClient, options: argparse.Namespace, seen: Document, view: _View) -> None:
    at, trouble = time.time(), None
    due = time.monotonic() + options.watch
    while True:
        view.show(seen, at, trouble)
        if not view.wait(due - time.monotonic()):
            return
        if time.monotonic() < due:  # another size: the same, drawn anew
            continue
        due = time.monotonic() + options.watch
        try:
            seen, at, trouble = ask(client, options.names), time.time(), None
        except WampsupError as error:
            trouble = error


class _Documents:
    """A document of JSON a line; a trouble is one as well."""

    def show(self, document: Document, _at: float, trouble: WampsupError | None) -> None:
        told = document if trouble is None else {"error": trouble.message, "hint": trouble.hint}
        print(json.dumps(told), flush=True)  # noqa: T201 - data goes to stdout

    def wait(self, seconds: float) -> bool:
        screen.sleep(seconds)
        return True


class _Tables:
    """A table after the other, with an empty line between them; a trouble is told once."""

    def __init__(self) -> None:
        self._between = ""
        self._told = ""

    def show(self, document: Document, _at: float, trouble: WampsupError | None) -> None:
        if trouble is None:
            print(self._between + "\n".join(lines_of(document)), flush=True)  # noqa: T201 - data goes to stdout
            self._between, self._told = "\n", ""
        elif self._told != trouble.message:
            tell(trouble, sys.stderr)
            self._told = trouble.message

    def wait(self, seconds: float) -> bool:
        screen.sleep(seconds)
        return True


class _Picture:
    """A picture on a terminal."""

    def __init__(self, drawn: screen.Screen) -> None:
        self._drawn = drawn

    def show(self, document: Document, at: float, trouble: WampsupError | None) -> None:
        columns, height = terminal.size()
        said = None
        if trouble is not None:
            said = f"error: {trouble.message}; last seen {duration(time.time() - at)} ago"
        self._drawn.draw(picture(document, at, said, columns, height, colour=terminal.has_colour()))

    def wait(self, seconds: float) -> bool:
        return self._drawn.wait(seconds)


def picture(  # noqa: PLR0913 - what there is to show, and where
    document: Document, at: float, trouble: str | None, columns: int, height: int, *, colour: bool
) -> list[str]:
    """What fits into a terminal of that size: `document`, which was true `at` that time, below what is troubling."""
    components = document["components"]
    heading, *rows = blocks(components, at, width=columns, colour=colour)
    top = wrapped(summary(document["supervisor"]) if trouble is None else printable(trouble), columns) + heading
    lines = top + [line for row in rows for line in row]
    if len(lines) <= height:
        return lines
    return _most_urgent(components, rows, top, columns, height)


def _most_urgent(
    components: list[Document], rows: list[list[str]], top: list[str], columns: int, height: int
) -> list[str]:
    """Those first that are not well, as many as fit, and in the last line how many others there are."""
    lines = list(top)
    order = sorted(range(len(rows)), key=lambda index: not is_down(components[index]))
    for place, index in enumerate(order):
        room = height - len(lines) - 1
        if room <= 0:
            rest = [components[other]["state"] for other in order[place:]]
            counts = {state: rest.count(state) for state in dict.fromkeys(rest)}
            lines.append(cut(f"… and {len(rest)} more: {by_state(counts)}", columns))
            break
        lines += rows[index] if len(rows[index]) <= room else rows[index][:1]
    return lines[:height]
