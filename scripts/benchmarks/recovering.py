"""Crash to running again against a raw Component's start to ready, in turn, in one process; run as a script.

It takes the transport's URL and how often, and prints the seconds of three each time: of the supervised component from
the moment when its `main` raises, with the least delay there is; of a fresh raw one from its start; and of a raw one
that leaves and is followed by a fresh one, as the supervised one does it, and its router with it.
"""

from __future__ import annotations

import sys
import time
from typing import Any
from urllib.parse import urlsplit

from autobahn.twisted.component import Component
from twisted.internet import defer

from support.reactor import reactor, sleep
from support.supervised import component, prepared
from wampsup.core.backoff import LEAST_DELAY
from wampsup.model.spec import UNLIMITED, Backoff, FleetSpec, RestartPolicy, SupervisorSpec
from wampsup.runtime.fleet import Fleet

PAUSE = 0.005
"""Seconds for the router to be done with the one before the other begins."""

LEAST = Backoff(initial_delay=LEAST_DELAY, max_delay=LEAST_DELAY, growth=1.0, jitter=0.0)


class Raw:
    """A fresh Component of Autobahn's."""

    def __init__(self, url: str) -> None:
        kind = "websocket" if urlsplit(url).scheme == "ws" else "rawsocket"
        self._component = Component(transports=[{"type": kind, "url": url}], realm="realm1")
        self._ready: defer.Deferred[float] = defer.Deferred()
        self._component.on("ready", lambda _session: self._ready.callback(time.perf_counter()))

    async def start(self) -> float:
        """Start it; when it was ready."""
        self._done = self._component.start(reactor)
        return await self._ready

    async def stop(self) -> None:
        """Stop it; it has left when this returns."""
        await self._component.stop()
        await self._done


async def raw(url: str) -> tuple[float, float]:
    """The seconds of a raw start, and of a raw stop and a start."""
    first, second = Raw(url), Raw(url)
    started = time.perf_counter()
    took = await first.start() - started
    await sleep(PAUSE)
    stopped = time.perf_counter()
    await first.stop()
    took_again = await second.start() - stopped
    await sleep(PAUSE)
    await second.stop()
    return took, took_again


class Supervised:
    """A component that raises when it is told to, and is started again."""

    def __init__(self, url: str) -> None:
        self._raise: defer.Deferred[None] = defer.Deferred()
        self._raised = 0.0
        self._running: defer.Deferred[float] = defer.Deferred()
        policy = RestartPolicy(backoff=LEAST, max_restarts=UNLIMITED)
        specs = (component(url, main=self._main, restart=policy),)
        self.fleet = Fleet(FleetSpec(supervisor=SupervisorSpec(name="b"), components=specs), prepared(*specs), reactor)
        self.fleet.watch(self._moved)

    async def start(self) -> None:
        """Wait until it runs for the first time."""
        self.fleet.start()
        await self._running

    async def crash(self) -> float:
        """From the moment when `main` raises until it runs again."""
        self._running = defer.Deferred()
        self._raise.callback(None)
        return await self._running - self._raised

    async def _main(self, _reactor: Any, _session: Any) -> None:
        self._raise = defer.Deferred()
        await self._raise
        self._raised = time.perf_counter()
        raise ValueError("the kettle is dry")

    def _moved(self, _unit: Any, _before: Any, after: Any, _cause: Any) -> None:
        if after.state.name == "running":
            self._running.callback(time.perf_counter())


async def pairs(url: str, count: int) -> None:
    """Print `count` times."""
    supervised = Supervised(url)
    await supervised.start()
    for _ in range(count):
        await sleep(PAUSE)
        mine = await supervised.crash()
        await sleep(PAUSE)
        print(mine, *await raw(url), flush=True)
    ended = supervised.fleet.wait_ended()
    supervised.fleet.shutdown()
    await ended


def main() -> None:
    """Run it on the reactor."""

    def end(result: object) -> object:
        reactor.stop()
        return result

    reactor.callWhenRunning(lambda: defer.Deferred.fromCoroutine(pairs(sys.argv[1], int(sys.argv[2]))).addBoth(end))
    reactor.run()


if __name__ == "__main__":
    main()
