"""The user's code that runs within an attempt: handlers on the way up, `main`, and clean-up on the way down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure


class Work:
    """Runs the user's code and knows what of it still runs; `idle` is called when the last of it has ended.

    `cancel` ends it once: what the code does then (a `finally` that says goodbye) and clean-up code are waited for.
    """

    _log = Logger()

    def __init__(self, idle: Callable[[], None]) -> None:
        self._cancellable: set[defer.Deferred[Any]] = set()
        self._ending: set[defer.Deferred[Any]] = set()
        self._idle = idle

    def __bool__(self) -> bool:
        return bool(self._cancellable or self._ending)

    def run(
        self, failed: Callable[[BaseException], None], function: Callable[..., Any], *args: Any, clean_up: bool = False
    ) -> defer.Deferred[bool]:
        """Call `function`, plain, `async` or returning a Deferred; the result says if it succeeded, and never fails."""
        running: defer.Deferred[Any] = defer.maybeDeferred(function, *args)
        (self._ending if clean_up else self._cancellable).add(running)

        def not_done(failure: Failure) -> bool:
            if failure.value is not None:
                failed(failure.value)
            return False

        def over(succeeded: bool) -> bool:  # noqa: FBT001 - a Deferred's result
            known = running in self._cancellable or running in self._ending
            self._cancellable.discard(running)
            self._ending.discard(running)
            if known and not self:
                self._idle()
            return succeeded

        return running.addCallbacks(lambda _: True, not_done).addCallback(over)

    def cancel(self) -> None:
        """Ask what runs to end."""
        cancelled, self._cancellable = self._cancellable, set()
        self._ending |= cancelled
        for running in cancelled:
            running.cancel()

    def abandon(self) -> None:
        """Ask all once more, and leave to itself what does not end."""
        self.cancel()
        for running in tuple(self._ending):
            running.cancel()
        if self._ending:
            said = "{count} of its functions ignored their cancellation and were left to themselves"
            self._log.warn(said, count=len(self._ending))
            self._ending.clear()
