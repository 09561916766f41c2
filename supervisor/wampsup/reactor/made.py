"""What a component's code has made that the reactor, or the system, keeps: timers, sockets and their like, threads.

Each is noted with the place in the component's own code, if that is what led there, at the cost of a microsecond.
Whether it is still there is asked of the thing itself, so that nothing has to be told when it goes.
"""

from __future__ import annotations

import sys
from threading import Thread
from typing import TYPE_CHECKING, Any
from weakref import ref

from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from wampsup.reactor.stack import is_of_library

if TYPE_CHECKING:
    from types import CodeType, FrameType

FEW = 8
"""Notes that are kept before those of what is gone are thrown away."""

_DEEPEST = 8
"""Frames that are looked through for the component's own code."""

_LIBRARIES = frozenset({"autobahn", "txaio", "wampsup"})
"""Whose timers are no leftovers: they end by themselves, and nobody made them."""

_USED = (Deferred, LoopingCall)
"""What Twisted has a timer call for those who use it: all else that it calls is its own affair."""


class Made:
    """Something that was made, and where."""

    __slots__ = ("_code", "_line", "_what")

    def __init__(self, thing: Any) -> None:
        self._what = ref(thing)
        self._code, self._line = _place()

    @property
    def thing(self) -> Any:
        """It, or `None` where it is gone."""
        return self._what()

    @property
    def kind(self) -> str:
        """`timer`, `thread` or `socket`, as which whatever has a descriptor counts."""
        thing = self.thing
        if isinstance(thing, DelayedCall):
            return "timer"
        return "thread" if isinstance(thing, Thread) else "socket"

    @property
    def place(self) -> str | None:
        """`feed.py:31 in on_join`, where the component's own code is known to have made it."""
        code = self._code
        return None if code is None else f"{code.co_filename}:{self._line} in {code.co_name}"

    def is_there(self) -> bool:
        """Whether the reactor, or the system, has it still."""
        thing = self.thing
        if thing is None:
            return False
        if isinstance(thing, DelayedCall):
            return bool(thing.active())
        if isinstance(thing, Thread):
            return thing.is_alive()
        try:
            return int(thing.fileno()) >= 0
        except (OSError, ValueError, AttributeError):  # a socket that is closed
            return False

    def is_leaving(self) -> bool:
        """Whether it goes by itself: a connection that is being closed, or a timer by which Twisted closes one."""
        thing = self.thing
        if isinstance(thing, DelayedCall):
            function = called(thing)
            return _library(function) == "twisted" and not isinstance(getattr(function, "__self__", function), _USED)
        return bool(getattr(thing, "disconnecting", False))

    def is_of_a_library(self) -> bool:
        """Whether it is a timer of a library that the component did not ask for."""
        return isinstance(self.thing, DelayedCall) and _library(called(self.thing)) in _LIBRARIES


def _library(function: Any) -> str:
    return str(getattr(function, "__module__", None) or "").partition(".")[0]


def called(timer: DelayedCall) -> Any:
    """The function that a pending timer of a component is for, without what the reactor has put around it."""
    timed: Any = timer.func
    return timed.function


def _place() -> tuple[CodeType | None, int]:
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001 - CPython's documented way to look at one's callers
    for _ in range(_DEEPEST):
        if frame is None:
            break
        code = frame.f_code
        if not is_of_library(code.co_filename, str(dict.get(frame.f_globals, "__name__"))):
            return code, frame.f_lineno
        frame = frame.f_back
    return None, 0
