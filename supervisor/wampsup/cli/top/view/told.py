"""How threads tell a view something."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump


class Told(Message, bubble=False):
    """Something to be done by whoever is told, when it is its turn."""

    def __init__(self, do: Callable[[], None]) -> None:
        super().__init__()
        self.do = do


class Listener:
    """Does what it is told; a mixin for screens."""

    def on_told(self, told: Told) -> None:
        """Textual calls this."""
        told.do()


def tell(whom: MessagePump, do: Callable[[], None]) -> None:
    """Have that done in the view's own thread; from any other one. Nothing is done where `whom` is gone."""
    with contextlib.suppress(RuntimeError):  # the loop has ended
        whom.post_message(Told(do))
