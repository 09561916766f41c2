"""`wampsup status`: a table of components, and whether all that should run do."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from wampsup.cli import terminal
from wampsup.cli.client import selection
from wampsup.cli.columns import wrapped
from wampsup.cli.render import summary
from wampsup.cli.table import blocks
from wampsup.control import readiness

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wampsup.cli.client import Client

_MOST_NAMES = 3

Document = dict[str, Any]


def run(client: Client, options: argparse.Namespace) -> int:
    """Show how the components are; the exit code.

    Raises:
        WampsupError: they can't be asked for.
    """
    if options.watch is not None:
        from wampsup.cli import watch  # noqa: PLC0415 - whoever looks once does not pay for it

        return watch.run(client, options)
    document = ask(client, options.names)
    code = int(options.check and any(is_down(component) for component in document["components"]))
    if options.json:
        print(json.dumps(document, indent=2))  # noqa: T201 - data goes to stdout
    else:
        print("\n".join(lines_of(document)))  # noqa: T201 - data goes to stdout
    return code


def ask(client: Client, names: Sequence[str]) -> Document:
    """What there is to show: the supervisor, and the components of these names and patterns, or all.

    Raises:
        WampsupError: it can't be had.
    """
    components = client.get("/v1/components" + selection(names))["components"]
    return {"supervisor": client.get("/v1/supervisor"), "components": components}


def lines_of(document: Document) -> list[str]:
    """The summary and the table, as wide as standard output takes it."""
    components = document["components"]
    if not terminal.is_one():
        return [summary(document["supervisor"]), *_flat(blocks(components, time.time(), width=None, colour=False))]
    columns, height = terminal.size()
    table = _flat(blocks(components, time.time(), width=columns, colour=terminal.has_colour()))
    lines = wrapped(summary(document["supervisor"]), columns) + table
    return lines + (_what_has_scrolled_away(components, columns) if len(lines) > height else [])


def is_down(component: Document) -> bool:
    """Whether it should run and does not."""
    return readiness.is_down(component["desired"], component["state"])


def _what_has_scrolled_away(components: Sequence[Document], columns: int) -> list[str]:
    """Below a table that is longer than the terminal: who is not well."""
    ill = [component for component in components if is_down(component)]
    if not ill:
        return []
    named = [f"{component['name']} ({component['state']})" for component in ill[:_MOST_NAMES]]
    more = [f"{len(ill) - _MOST_NAMES} more"] if len(ill) > _MOST_NAMES else []
    return wrapped(f"not well: {', '.join(named + more)}", columns)


def _flat(rows: Sequence[list[str]]) -> list[str]:
    return [line for row in rows for line in row]
