"""The reactors: Twisted's own, made component-aware, and how one is installed."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from wampsup.reactor.aware import Aware, event_of
from wampsup.reactor.scope import outside
from wampsup.reactor.steps import follow_steps
from wampsup.reactor.threads import follow_threads

_ON_DESCRIPTORS = {
    "epoll": ("twisted.internet.epollreactor", "EPollReactor", "_doReadOrWrite"),
    "kqueue": ("twisted.internet.kqreactor", "KQueueReactor", "_doWriteOrRead"),
    "poll": ("twisted.internet.pollreactor", "PollReactor", "_doReadOrWrite"),
}
"""Where they are, and the method of theirs that hands an event to its socket."""


def install(kind: str = "auto") -> Any:
    """Install the reactor of that kind for this process: `auto`, `epoll`, `kqueue`, `poll`, `asyncio` or `uvloop`.

    From here on, threads, coroutines and cooperative tasks are followed as well.

    Raises:
        ImportError: this system, or this installation, does not have that kind.
        twisted.internet.error.ReactorAlreadyInstalledError: there is one.
    """
    from twisted.internet.main import installReactor  # noqa: PLC0415 - Twisted's reactors take hold of the process

    kind = _best() if kind == "auto" else kind
    reactor = _on_descriptors(*_ON_DESCRIPTORS[kind]) if kind in _ON_DESCRIPTORS else _on_loop(kind)
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


def _on_loop(kind: str) -> Any:
    from twisted.internet.asyncioreactor import AsyncioSelectorReactor  # noqa: PLC0415 - only where it is wanted

    from wampsup.reactor.loops import make_loop  # noqa: PLC0415 - the same

    base: Any = AsyncioSelectorReactor

    class AwareAsyncioReactor(Aware, base):  # type: ignore[misc]  # mypy is told nothing of it
        _readOrWrite = event_of(base._readOrWrite)  # noqa: N815, SLF001 - see `aware`

        def _reschedule(self) -> None:
            outside(super()._reschedule)  # whoever's timer is the next

    return AwareAsyncioReactor(make_loop(kind))
