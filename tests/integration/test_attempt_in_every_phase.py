"""An attempt can be ended in every phase: it is gone in time, its peer sees that, and nothing of it is left."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp import message
from twisted.internet.defer import CancelledError, Deferred

from support.nowhere import Blackhole, unresolving
from support.peer import Listener, say, silent
from support.proxy import Proxy
from support.reactor import sleep, until
from support.supervised import Supervised, component, stays, transport
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.model.spec import ComponentSpec

STOP_TIMEOUT = 0.3
START_TIMEOUT = 0.3
QUIET = 0.25


@dataclass(frozen=True, kw_only=True)
class Held:
    """A component that will stay in a phase, and what its peer sees."""

    spec: ComponentSpec
    there: Callable[[], object] = lambda: True
    seen: Callable[[], tuple[int, int]] = lambda: (0, 0)
    takes: float = 0.0
    """How long its end takes at least."""


def seen_by(proxy: Proxy) -> Callable[[], tuple[int, int]]:
    return lambda: (proxy.open_connections, proxy.total_connections)


@asynccontextmanager
async def resolving(_crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    url = {"websocket": "ws://never.example:80/ws", "rawsocket": "rs://never.example:80"}[way]
    with unresolving() as resolver:
        yield Held(spec=component(url, main=stays), there=lambda: resolver.asked)


@asynccontextmanager
async def connecting(_crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    hole = Blackhole()
    url = {"websocket": f"ws://127.0.0.1:{hole.port}/ws", "rawsocket": f"rs://127.0.0.1:{hole.port}"}[way]
    yield Held(spec=component(url, main=stays))
    hole.close()


@asynccontextmanager
async def tls(crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.rawsocket_url)
    proxy.freeze()
    url = {"websocket": f"wss://127.0.0.1:{proxy.port}/ws", "rawsocket": f"rss://127.0.0.1:{proxy.port}"}[way]
    yield Held(spec=component(url, main=stays), there=lambda: proxy.open_connections, seen=seen_by(proxy))
    await proxy.close()


@asynccontextmanager
async def opening(crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url)
    proxy.freeze()
    yield Held(spec=component(proxy.url, main=stays), there=lambda: proxy.open_connections, seen=seen_by(proxy))
    await proxy.close()


@asynccontextmanager
async def joining(_crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    listener = Listener(way)
    listener.peer.answers[message.Hello] = silent
    proxy = Proxy(listener.url)

    def there() -> bool:
        return bool(listener.peer.clients) and listener.peer.client.heard_a(message.Hello)

    yield Held(spec=component(proxy.url, main=stays), there=there, seen=seen_by(proxy))
    await proxy.close()
    await listener.die()


@asynccontextmanager
async def challenged(_crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    asked: list[str] = []

    class Ponders(ApplicationSession):
        def onChallenge(self, challenge: Any) -> Any:
            asked.append(challenge.method)
            return Deferred()

    listener = Listener(way)
    listener.peer.answers[message.Hello] = say(lambda _: message.Challenge("ticket"))
    proxy = Proxy(listener.url)
    yield Held(spec=component(proxy.url, session_factory=Ponders), there=lambda: asked, seen=seen_by(proxy))
    await proxy.close()
    await listener.die()


@asynccontextmanager
async def handling(crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url)
    own = Component()
    joined: list[Any] = []

    def handle(_session: Any, details: Any) -> Deferred[None]:
        joined.append(details.session)
        return Deferred()

    own.on_join(handle)
    yield Held(spec=component(proxy.url, component=own), there=lambda: joined, seen=seen_by(proxy))
    await proxy.close()


@asynccontextmanager
async def running(crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url)
    started: list[Any] = []

    async def main(_reactor: Any, session: Any) -> None:
        started.append(session)
        try:
            await Deferred()
        finally:
            started.clear()

    yield Held(spec=component(proxy.url, main=main), there=lambda: started, seen=seen_by(proxy))
    assert not started
    await proxy.close()


@asynccontextmanager
async def stubborn(crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url)
    started: list[Any] = []
    told: list[Any] = []

    async def main(_reactor: Any, _session: Any) -> None:
        started.append(True)
        while True:
            try:
                await Deferred()
            except CancelledError:
                told.append(True)

    yield Held(
        spec=component(proxy.url, main=main), there=lambda: started, seen=seen_by(proxy), takes=STOP_TIMEOUT - 0.05
    )
    assert len(told) == 2
    await proxy.close()


@asynccontextmanager
async def leaving(crossbar: Crossbar, way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url)

    async def main(_reactor: Any, _session: Any) -> None:
        try:
            await Deferred()
        finally:
            proxy.freeze()

    yield Held(spec=component(proxy.url, main=main), seen=seen_by(proxy), takes=STOP_TIMEOUT - 0.05)
    await proxy.close()


@asynccontextmanager
async def closing(crossbar: Crossbar, _way: str) -> AsyncIterator[Held]:
    proxy = Proxy(crossbar.websocket_url)
    left: list[Any] = []

    class FreezesAfterGoodbye(ApplicationSession):
        def onLeave(self, details: Any) -> None:
            proxy.freeze()
            left.append(details)
            super().onLeave(details)

    over = transport(proxy.url, options={"close_handshake_timeout": 60})
    yield Held(
        spec=component(over, session_factory=FreezesAfterGoodbye),
        seen=seen_by(proxy),
        takes=STOP_TIMEOUT - 0.05,
    )
    assert left
    await proxy.close()


BEFORE_JOIN = [resolving, connecting, tls, opening, joining, challenged]
AFTER_JOIN = [handling]
READY = [running, stubborn, leaving]
each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])


async def stop_in(held: Held) -> None:
    fleet = Supervised(replace(held.spec, stop_timeout=STOP_TIMEOUT)).start()
    await until(held.there)
    if held.takes:
        await fleet.until("running")
    took = await fleet.stop()
    assert held.takes <= took < STOP_TIMEOUT + 1
    await until(lambda: held.seen()[0] == 0, 1, "the end that the peer sees")
    total = held.seen()
    await sleep(QUIET)
    assert held.seen() == total


@each_way
@pytest.mark.parametrize("phase", [*BEFORE_JOIN, *AFTER_JOIN, *READY])
def test_stop_is_in_time_in_every_phase(run: Run, crossbar: Crossbar, phase: Any, way: str) -> None:
    async def scenario() -> None:
        async with phase(crossbar, way) as held:
            await stop_in(held)

    run(scenario)


def test_stop_is_in_time_when_the_closing_handshake_freezes(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        async with closing(crossbar, "websocket") as held:
            await stop_in(held)

    run(scenario)


WORDS = {
    resolving: "no connection",
    connecting: "no connection",
    tls: "connected, but the opening handshake did not finish",
    opening: "connected, but the opening handshake did not finish",
    joining: "connected, but the router did not let it join",
    challenged: "connected, but the router did not let it join",
    handling: "joined, but onJoin or an on_join handler did not return",
}
MORE = {handling: "; move what runs for ever into a main, or set `on_user_error` to `log`"}


@each_way
@pytest.mark.parametrize("phase", [*BEFORE_JOIN, *AFTER_JOIN])
def test_a_start_that_takes_too_long_says_how_far_it_came(run: Run, crossbar: Crossbar, phase: Any, way: str) -> None:
    async def scenario() -> None:
        async with phase(crossbar, way) as held:
            fleet = Supervised(replace(held.spec, start_timeout=START_TIMEOUT)).start()
            await fleet.until("backoff" if phase is handling else "reconnecting", timeout=2)
            problem = fleet.problem()
            assert (problem.kind, problem.type) == (Kind.TIMEOUT, "TimeoutError")
            assert problem.message == f"{WORDS[phase]} within {START_TIMEOUT} s{MORE.get(phase, '')}"
            assert "stopping" not in fleet.states()
            await until(lambda: held.seen()[0] == 0, 1, "the end that the peer sees")
            await fleet.stop()

    run(scenario)
