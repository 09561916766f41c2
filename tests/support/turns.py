"""A clock that also has the reactor's way to take calls from threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.task import Clock

if TYPE_CHECKING:
    from collections.abc import Callable


class Turns(Clock):
    """A clock that takes calls from threads, and makes them when it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[Callable[[], None]] = []

    def callFromThread(self, call: Callable[[], None]) -> None:  # noqa: N802 - Twisted's name
        self._calls.append(call)

    def advance(self, amount: float) -> None:
        calls, self._calls = self._calls, []
        for call in calls:
            call()
        super().advance(amount)
