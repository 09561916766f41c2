"""A timer that follows from a state: whoever has a due time sets it, and the two can't get out of step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer:
    """One timer; `fire` is called when the due time has come, or a little early: whoever is told looks at the time."""

    __slots__ = ("_call", "_clock", "_fire")

    def __init__(self, clock: Any, fire: Callable[[], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._call: Any = None

    def follow(self, due: float | None) -> None:
        """Fire at `due`, in the clock's seconds; `None` for never."""
        if self._call is not None and self._call.active():
            if due is not None and self._call.getTime() == due:
                return
            self._call.cancel()
        self._call = None
        if due is not None:
            self._call = self._clock.callLater(max(due - self._clock.seconds(), 0), self._fire)
