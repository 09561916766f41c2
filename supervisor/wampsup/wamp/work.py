"""The user's code that runs within an attempt: handlers on the way up, and `main`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure


class Work:
    """Runs the user's code, knows what of it still runs, and can end it.

    `idle` is called when the last of it has ended.
    """

    _log = Logger()

    def __init__(self, idle: Callable[[], None]) -> None:
        self._running: set[defer.Deferred[Any]] = set()
        self._idle = idle

    def __bool__(self) -> bool:
        return bool(self._running)

    def run(
        self, failed: Callable[[BaseException], None], function: Callable[..., Any], *args: Any
    ) -> defer.Deferred[bool]:
        """Call `function`, plain, `async` or returning a Deferred; the result tells whether it succeeded.

        And never fails.
        """
        running: defer.Deferred[Any] = defer.maybeDeferred(function, *args)
        self._running.add(running)

        def not_done(failure: Failure) -> bool:
            if failure.value is not None:
                failed(failure.value)
            return False

        def over(succeeded: bool) -> bool:  # noqa: FBT001 - a Deferred's result
            if running in self._running:
                self._running.discard(running)
                if not self._running:
                    self._idle()
            return succeeded

        return running.addCallbacks(lambda _: True, not_done).addCallback(over)

    def cancel(self) -> None:
        """Ask all that still runs to end."""
        for running in tuple(self._running):
            running.cancel()

    def abandon(self) -> None:
        """Ask once more, and leave to itself what does not end."""
        self.cancel()
        if self._running:
            said = "{count} of its functions ignored their cancellation and were left to themselves"
            self._log.warn(said, count=len(self._running))
            self._running.clear()
