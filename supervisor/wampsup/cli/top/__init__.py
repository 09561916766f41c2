"""`wampsup top`: a live view of a fleet that fills the terminal.

`listing`, `history`, `recent`, `columns` and `words` decide what is seen, `source` and `feeds` bring it, and `view`
alone knows how it comes to a screen: textual, which is an extra, is imported nowhere else.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wampsup.errors import UsageError, WampsupError

if TYPE_CHECKING:
    import argparse

    from wampsup.cli.client import Client

ORDERS = ("busy", "state", "name")
"""What components can be sorted by."""

_DUMB = frozenset({"dumb", "unknown"})
"""Terminals that textual can't use, and does not refuse."""


def run(client: Client, options: argparse.Namespace) -> int:
    """Show the fleet until the person has seen enough; the exit code.

    Raises:
        UsageError: this is no terminal, or one that can do nothing but write.
        WampsupError: textual is missing, or the fleet can't be looked at.
    """
    is_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if not is_terminal or os.environ.get("TERM") in _DUMB:
        raise UsageError("`top` needs a terminal", hint="`wampsup status` shows the same once, anywhere")
    try:
        from wampsup.cli.top.view.app import Top  # noqa: PLC0415 - this command alone pays for textual
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"textual", "rich"}:
            raise
        raise WampsupError("`top` needs textual, which is not installed", hint="pip install 'wampsup[top]'") from error
    from wampsup.cli.top.source import Supervisor  # noqa: PLC0415 - the same

    source = Supervisor(client, options.names)
    app = Top(source, source.look(), order=options.sort)
    app.run()
    return app.return_code or 0
