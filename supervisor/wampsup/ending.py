"""The end of the process where the reactor can't bring it about."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from wampsup.reactor.scope import component_name

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCKED = "a component blocks this process: it ends at once"

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

    def after(self, seconds: float, why: str, exit_code: int = 1) -> None:
        """End the process in that many seconds, and say why, unless another time is given before; signal-safe."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), _end, [why, exit_code])
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Let the process live."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _end(why: str, exit_code: int) -> None:
    (_log.error if exit_code else _log.warn)("{why}", why=why)
    os._exit(exit_code)
