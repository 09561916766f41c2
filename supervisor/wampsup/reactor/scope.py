"""Whose code runs now: each attempt of a component, and what comes of its code, runs in a context with its scope."""

from __future__ import annotations

import sys
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar
from weakref import ref

from wampsup.reactor.ledger import OWN, ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from wampsup.reactor.account import Account

P = ParamSpec("P")
R = TypeVar("R")

_FEW = 8
"""Notes on timers and sockets that are kept before those of the past are thrown away."""

_LIBRARIES = tuple(
    f"/{name}/" for name in ("twisted", "autobahn", "txaio", "wampsup/reactor", "wampsup/wamp", "asyncio")
)
_DEEPEST = 12
"""Frames that are looked through for the component's own code."""


class Made(NamedTuple):
    """Something that a component's code has made, and the place in it, where that is known."""

    what: ref[Any]
    code: CodeType | None
    line: int | None


class Scope:
    """One attempt of a component: its account, and what its code has made (`timers`, `sockets`, `threads`)."""

    __slots__ = ("__weakref__", "_keep", "account", "sockets", "threads", "timers")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.timers: list[Made] | None = None
        self.sockets: list[ref[Any]] | None = None
        self.threads: list[ref[Any]] | None = None
        self._keep = _FEW

    def made_timer(self, timer: Any) -> None:
        """Note a DelayedCall; the reactor alone keeps it."""
        timers = self.timers
        if timers is None:
            timers = self.timers = []
        elif len(timers) >= self._keep:
            timers[:] = [made for made in timers if (it := made.what()) is not None and it.active()]
            self._keep = max(_FEW, 2 * len(timers))
        timers.append(Made(ref(timer), *_place()))

    def made_socket(self, selectable: Any) -> None:
        """Note what the reactor reads and writes for the component."""
        kept = [] if self.sockets is None else [one for one in self.sockets if one() is not None]
        self.sockets = [*kept, ref(selectable)]

    def made_thread(self, thread: Any) -> None:
        """Note a thread that the component has started."""
        kept = [] if self.threads is None else [one for one in self.threads if one() is not None]
        self.threads = [*kept, ref(thread)]


current: ContextVar[Scope | None] = ContextVar("wampsup_scope", default=None)

_own_context = Context()
_NOBODYS = (None, OWN)


def component_name() -> str | None:
    """The component whose code runs now; `None` for the supervisor itself."""
    scope = current.get()
    return None if scope is None else scope.account.name


def of_component(account: Account) -> Context:
    """A fresh context for one attempt of the component with that account."""
    context = copy_context()
    context.run(current.set, Scope(account))
    return context


def within(context: Context, function: Callable[P, R]) -> Callable[P, R]:
    """`function`, but in a copy of `context`, and charged to its component; where that runs already, it goes on."""
    scope = context[current]
    account = OWN if scope is None else scope.account

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if current.get() is scope and ledger.account is account:
            return function(*args, **kwargs)
        result: R = ledger.within(account, context.copy().run, function, *args, **kwargs)
        return result

    return run


def outside(function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
    """Call `function` as the supervisor's own, where a component's code may have led here."""
    if current.get() is None and ledger.account in _NOBODYS:
        return function(*args, **kwargs)
    result: R = ledger.within(OWN, _own_context.copy().run, function, *args, **kwargs)
    return result


def _place() -> tuple[CodeType | None, int | None]:
    """Where the component's own code stands, if it is what led here."""
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001 - CPython's documented way to look at one's callers
    for _ in range(_DEEPEST):
        if frame is None:
            break
        if not any(library in frame.f_code.co_filename for library in _LIBRARIES):
            return frame.f_code, frame.f_lineno
        frame = frame.f_back
    return None, None
