"""A line that changes often, told seldom: what happens within a turn of the reactor, or within a second, is one change.

A transition costs a look at an attribute. The line is made when it may be told, so at most once a second as well: with
10,000 components that takes 1.5 ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

PAUSE: Final = 1.0
"""Seconds between one line and the next."""


class Status:
    """Tells `line()` when it has changed; `tell` says whether that went well, and is asked again where it did not."""

    def __init__(self, line: Callable[[], str], tell: Callable[[str], bool], clock: Any) -> None:
        self._line = line
        self._tell = tell
        self._clock = clock
        self._told = ""
        self._told_at = clock.seconds() - PAUSE
        self._call: Any = None

    def changed(self) -> None:
        """It may be another one now."""
        if self._call is None:
            wait = self._told_at + PAUSE - self._clock.seconds()
            self._call = self._clock.callLater(min(max(wait, 0), PAUSE), self._tell_change)  # clocks are set back

    def take(self) -> str:
        """The line as it is now, which somebody else tells."""
        self._told, self._told_at = self._line(), self._clock.seconds()
        return self._told

    def close(self) -> None:
        """Tell nothing any more."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _tell_change(self) -> None:
        self._call = None
        before = self._told
        if self.take() != before and not self._tell(self._told):
            self._told = before
            self.changed()
