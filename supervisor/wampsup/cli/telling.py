"""How an error is told to the person at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from wampsup.logs.printable import printable

if TYPE_CHECKING:
    from wampsup.errors import WampsupError


def tell(error: WampsupError, terminal: TextIO) -> None:
    """Tell the error, with nothing in it that the terminal obeys."""
    for line in error.render().split("\n"):
        print(printable(line), file=terminal)
