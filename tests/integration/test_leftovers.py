"""What a component leaves behind when it has ended: found, named, and taken away."""

from __future__ import annotations

import contextvars
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import LoopingCall, deferLater

from support.reactor import reactor, sleep, until
from support.supervised import Supervised, component, stays
from wampsup.model import event as ev

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.crossbar import Crossbar
    from support.reactor import Run

ticks: list[str] = []


def tick() -> None:
    ticks.append("tick")


class Silent(Protocol):
    transport: Any


def factory() -> Any:
    return Factory.forProtocol(Silent)


def leaves_much(others: int) -> Callable[[Any, Any], Any]:
    async def main(_reactor: Any, _session: Any) -> None:
        reactor.callLater(60, tick)
        LoopingCall(tick).start(0.01)
        reactor.listenTCP(0, factory(), interface="127.0.0.1")
        await TCP4ClientEndpoint(reactor, "127.0.0.1", others).connect(factory())
        await Deferred[None]()

    return main


def notes(fleet: Supervised) -> list[str]:
    return [str(one) for one in fleet.unit().leftovers.last]


def test_timers_are_cancelled_and_sockets_closed(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        others = reactor.listenTCP(0, factory(), interface="127.0.0.1")
        port = others.getHost().port
        fleet = Supervised(component(crossbar.rawsocket_url, main=leaves_much(port))).start()
        await fleet.until("running")
        await until(lambda: len(ticks) > 2, what="ticks")
        await fleet.stop()  # which looks for timers and descriptors that are left
        left = fleet.unit().leftovers
        assert left.count == 4
        told = "\n".join(notes(fleet))
        first = leaves_much.__code__.co_firstlineno + 2
        assert f"timer `tick` made at {__file__}:{first} in main (cancelled)" in told
        assert f"timer `tick` of {__file__}:{tick.__code__.co_firstlineno} (cancelled)" in told
        assert f"made at {__file__}:{first + 2} in main (closed)" in told
        assert f"socket to 127.0.0.1:{port}" in told
        so_far = len(ticks)
        await sleep(0.05)
        assert len(ticks) == so_far
        await others.stopListening()

    run(scenario)


def test_they_are_left_alone_where_the_component_wants_that(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        made: list[Any] = []

        async def main(_reactor: Any, _session: Any) -> None:
            made.append(reactor.callLater(60, tick))
            await Deferred[None]()

        fleet = Supervised(component(crossbar.rawsocket_url, main=main, cleanup=False)).start()
        await fleet.until("running")
        fleet.command(ev.Stop())
        await fleet.until("stopped")
        await until(lambda: notes(fleet), what="leftovers")
        assert notes(fleet)[0].endswith("in main")
        assert made[0].active()
        made[0].cancel()
        await fleet.gone()

    run(scenario)


def test_a_thread_is_named_as_long_as_it_runs(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        done = threading.Event()

        async def main(_reactor: Any, _session: Any) -> None:
            threading.Thread(target=done.wait, name="counting").start()
            await Deferred[None]()

        fleet = Supervised(component(crossbar.rawsocket_url, main=main)).start()
        await fleet.until("running")
        fleet.command(ev.Stop())
        await fleet.until("stopped")
        await until(lambda: notes(fleet), what="leftovers")
        assert notes(fleet)[0].startswith("thread `counting` made at ")
        assert fleet.unit().leftovers.threads() == 1
        done.set()
        await until(lambda: fleet.unit().leftovers.threads() == 0, what="the end of the thread")

    run(scenario)


def test_what_its_code_goes_on_to_make_goes_as_well(run: Run, crossbar: Crossbar, logged_errors: Any) -> None:
    async def scenario() -> None:
        rounds: list[int] = []

        async def main(_reactor: Any, _session: Any) -> None:
            while True:
                try:
                    await deferLater(reactor, 0.01)
                except CancelledError:
                    rounds.append(-1)
                rounds.append(1)

        fleet = Supervised(component(crossbar.rawsocket_url, main=main, stop_timeout=0.1)).start()
        await fleet.until("running")
        await fleet.stop()
        so_far = len(rounds)
        await sleep(0.05)
        assert len(rounds) == so_far
        assert fleet.unit().leftovers.count >= 1

    run(scenario)


def test_a_connection_that_is_being_closed_in_order_is_no_leftover(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        others = reactor.listenTCP(0, factory(), interface="127.0.0.1")
        port = others.getHost().port

        async def main(_reactor: Any, _session: Any) -> None:
            way = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
            connection: Any = await way.connect(factory())
            try:
                await Deferred[None]()
            finally:
                connection.transport.write(b"farewell " * 1000)
                connection.transport.loseConnection()

        fleet = Supervised(component(crossbar.rawsocket_url, main=main)).start()
        await fleet.until("running")
        await fleet.stop()
        assert fleet.unit().leftovers.count == 0
        await others.stopListening()

    run(scenario)


def test_a_connection_that_is_aborted_at_the_last_moment_ends(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        others = reactor.listenTCP(0, factory(), interface="127.0.0.1")
        port = others.getHost().port

        async def main(_reactor: Any, _session: Any) -> None:
            connection: Any = await TCP4ClientEndpoint(reactor, "127.0.0.1", port).connect(factory())
            try:
                await Deferred[None]()
            finally:
                connection.transport.abortConnection()  # which takes Twisted a timer

        fleet = Supervised(component(crossbar.rawsocket_url, main=main)).start()
        await fleet.until("running")
        await fleet.stop()
        assert fleet.unit().leftovers.count == 0
        await others.stopListening()

    run(scenario)


@pytest.mark.parametrize("way", ["websocket", "rawsocket"])
def test_a_tidy_component_leaves_nothing(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        url = crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url
        fleet = Supervised(component(url, main=stays)).start()
        for _ in range(3):
            await fleet.until("running")
            fleet.command(ev.Restart())
            await fleet.until("running")
        await fleet.stop()
        gc.collect()
        left = fleet.unit().leftovers
        assert (left.count, left.threads(), left.contexts()) == (0, 0, 0)

    run(scenario)


def test_what_holds_on_to_an_ended_attempt_is_counted(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        held: list[Any] = []

        async def main(_reactor: Any, _session: Any) -> None:
            held.append(contextvars.copy_context())
            await Deferred[None]()

        fleet = Supervised(component(crossbar.rawsocket_url, main=main)).start()
        await fleet.until("running")
        await fleet.stop()
        assert fleet.unit().leftovers.contexts() == 1
        held.clear()
        assert fleet.unit().leftovers.contexts() == 0

    run(scenario)
