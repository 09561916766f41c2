"""Tells the log of stalls: while they last, and when they are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger, LogLevel

from wampsup.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.stall import Stall

_log = Logger()

_UNSEEN = "; it was over before its place could be seen"
_ALONE = ", in code that let no other thread run, so that its place is not known"


class StallLog:
    """The log of stalls; that of a `host` is not ours, and takes the text alone.

    `flush` is called behind the last words of a process.
    """

    def __init__(self, *, host: bool = False, flush: Callable[[], None] = lambda: None) -> None:
        self._host = host
        self._flush = flush

    def stalled(self, stall: Stall) -> None:
        """The reactor is stuck."""
        self._say(LogLevel.warn, stall, f"has {stall.words}{_code(stall)}", traced=True)

    def recovered(self, stall: Stall) -> None:
        """It goes on."""
        self._say(LogLevel.warn, stall, f"{stall.words}{_unseen(stall)}")

    def paused(self, name: str | None, seconds: float) -> None:
        """An event of that component, or of the supervisor, took long, but the process was not there."""
        whose = "the supervisor" if name is None else f"component `{name}`"
        said = (
            "an event of {whose} took {seconds:.2f} s, but this process did hardly run meanwhile:"
            " it was stopped, or the machine is overloaded"
        )
        _log.info(said, whose=whose, seconds=seconds)

    def gives_up(self, stall: Stall | None, limit: float) -> None:
        """The process is about to end."""
        end = f"longer than fatal_stall = {limit:g} s: the process ends"
        if stall is None:
            _log.critical("{text}", text=f"the reactor does not come back, {end}")
        else:
            self._say(LogLevel.critical, stall, f"has {stall.words}{_code(stall)}, {end}", traced=True)
        self._flush()

    def _say(self, level: LogLevel, stall: Stall, text: str, *, traced: bool = False) -> None:
        name, stack = stall.account.name, stall.stack.text() if traced and stall.stack else None
        if name is None:
            text = f"the supervisor itself {text}"
        if not self._host:
            _log.emit(level, "{message}", message=text, component=name, own_traceback=stack)
        else:
            whole = "\n".join(filter(None, (text if name is None else f"{name}: {text}", stack)))
            _log.emit(level, "{text}", text=mask(whole))


def _unseen(stall: Stall) -> str:
    if stall.stack is not None or stall.collecting:
        return ""
    return _ALONE if stall.alone else _UNSEEN


def _code(stall: Stall) -> str:
    code = stall.stack.code if stall.stack else ""
    return f" ({code})" if code else ""
