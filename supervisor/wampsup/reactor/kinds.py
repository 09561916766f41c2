"""The reactors: Twisted's own, made component-aware, and how one is installed."""

from __future__ import annotations

import select
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from twisted.internet.posixbase import _ContinuousPolling

from wampsup.model.spec import Mistake
from wampsup.reactor.aware import Aware, event_of
from wampsup.reactor.scope import outside
from wampsup.reactor.steps import follow_steps
from wampsup.reactor.threads import follow_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.model.spec import ReactorKind

_ON_DESCRIPTORS = {
    "epoll": ("twisted.internet.epollreactor", "EPollReactor", "_doReadOrWrite"),
    "kqueue": ("twisted.internet.kqreactor", "KQueueReactor", "_doWriteOrRead"),
    "poll": ("twisted.internet.pollreactor", "PollReactor", "_doReadOrWrite"),
}
"""Where they are, and the method of theirs that hands an event to its socket."""


def unavailable(kind: ReactorKind) -> Iterator[Mistake]:
    """What is wrong with a fleet file that asks for that kind on this machine."""
    problem, hint = None, None
    if kind in _ON_DESCRIPTORS and not hasattr(select, kind):
        problem, hint = "this system has none", f'`reactor = "auto"` takes the best that it has, which is `{_best()}`'
    elif kind == "uvloop":
        try:
            import_module("uvloop")
        except ImportError as error:
            missing = isinstance(error, ModuleNotFoundError) and error.name == "uvloop"
            problem, hint = "it is not installed" if missing else str(error), "pip install 'wampsup[uvloop]'"
    if problem:
        message = f"the reactor can't be `{kind}`: {problem}"
        yield Mistake(path=("supervisor", "reactor"), message=message, hint=hint)


def reactor_of_process(kind: ReactorKind = "auto") -> Any:
    """The reactor of this process; where nobody has installed one, one of that kind is.

    One that somebody has installed is left as it is: it knows nothing of components. Where there can be none of that
    kind, which `unavailable` tells, the best of the system's own takes its place.
    """
    if "twisted.internet.reactor" not in sys.modules:
        return install("auto" if any(unavailable(kind)) else kind)
    from twisted.internet import reactor  # noqa: PLC0415 - it takes hold of the process where it is imported

    return reactor


def install(kind: ReactorKind = "auto") -> Any:
    """Install the reactor of that kind for this process.

    From here on, threads, coroutines and cooperative tasks are followed as well.

    Raises:
        ImportError: this system, or this installation, does not have that kind.
        twisted.internet.error.ReactorAlreadyInstalledError: there is one.
    """
    from twisted.internet.main import installReactor  # noqa: PLC0415 - Twisted's reactors take hold of the process

    name = _best() if kind == "auto" else kind
    reactor = _on_descriptors(*_ON_DESCRIPTORS[name]) if name in _ON_DESCRIPTORS else _on_loop(name)
    _poll_files(reactor)
    installReactor(reactor)
    follow_steps()
    follow_threads()
    return reactor


def _best() -> str:
    platform: str = sys.platform
    if platform == "linux":
        return "epoll"
    return "kqueue" if platform == "darwin" or "bsd" in platform else "poll"


def _on_descriptors(module: str, name: str, hands_over: str) -> Any:
    base = getattr(import_module(module), name)
    return type(f"Aware{name}", (Aware, base), {hands_over: event_of(getattr(base, hands_over))})()


def _poll_files(reactor: Any) -> None:
    """Have files, which epoll does not take and Twisted polls by a timer for all, be their components' as well."""
    base: Any = _ContinuousPolling

    class AwarePolling(base):  # type: ignore[misc]  # mypy is told nothing of it
        _doReadOrWrite = event_of(base._doReadOrWrite)  # noqa: N815, SLF001 - see `aware`

        def _checkLoop(self) -> None:  # noqa: N802 - Twisted's name
            outside(super()._checkLoop)

    if hasattr(reactor, "_continuousPolling"):
        reactor._continuousPolling = AwarePolling(reactor)  # noqa: SLF001 - see `aware`


def _on_loop(kind: str) -> Any:
    import asyncio  # noqa: PLC0415 - only where it is wanted

    from wampsup.reactor.loops import AwareAsyncioReactor, make_loop  # noqa: PLC0415 - the same

    loop = make_loop(kind)
    asyncio.set_event_loop(loop)  # modules may ask for it when they are imported
    return AwareAsyncioReactor(loop)
