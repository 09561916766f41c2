"""The end of the process where the reactor can't bring it about."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from wampsup.reactor.scope import component_name
from wampsup.reactor.watchdog import watchdog

if TYPE_CHECKING:
    from collections.abc import Callable

_log = Logger()


def announce(reactor: Any, method: str, tell: Callable[[str | None], None]) -> None:
    """Call `tell` whenever that method of the reactor is called, with the name of the component whose code does it."""
    usual = getattr(reactor, method)

    def announced() -> None:
        tell(component_name())
        usual()

    setattr(reactor, method, announced)


class HardEnd:
    """Ends the process when its time is over, whatever its other threads do; one time counts, the latest given."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    @property
    def armed(self) -> bool:
        """Whether a time has been given."""
        return self._timer is not None

    def after(self, seconds: float, end: Callable[[], None]) -> None:
        """End the process in that many seconds by `end`, unless another time is given before; signal-safe."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), end)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Let the process live."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def end_without_threads(exit_code: int, flush: Callable[[], None]) -> None:
    """All has ended but for threads of components; `flush` writes what has been logged."""
    emit = _log.error if exit_code else _log.warn
    emit("threads of components still run: the process ends without them")
    flush()
    os._exit(exit_code)


def end_blocked(flush: Callable[[], None]) -> None:
    """The reactor does not come to the end in time: say who blocks it, and where; `flush` as above."""
    blocker = watchdog.blocker()
    if blocker is None or blocker.account.name is None or blocker.stack is None:
        _log.error("a component blocks this process: it ends at once")
    else:
        said = "component `{name}` blocks this process at {place}: it ends at once"
        name, stack = blocker.account.name, blocker.stack
        _log.error(said, name=name, place=stack.place, own_traceback=stack.text())
    flush()
    os._exit(1)
