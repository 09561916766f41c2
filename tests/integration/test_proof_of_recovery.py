"""Proofs at length: hot loops, frozen handshakes, routers that come back, and a thousand restarts."""

from __future__ import annotations

import gc
import itertools
import time
from copy import copy
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread

from support.peer import Listener
from support.proxy import Proxy
from support.reactor import Usage, reactor, sleep, until
from support.supervised import KINDS, QUICK, Supervised, component, of_kind, transport
from wampsup.model import event as ev
from wampsup.model.spec import Backoff, RestartPolicy, RetryPolicy

if TYPE_CHECKING:
    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.runtime.unit import Unit

MIB = 2**20


def test_a_main_that_raises_runs_at_most_4_times_in_4_seconds(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        runs: dict[str, list[float]] = {"main": [], "component": []}

        def main_of(kind: str) -> Any:
            def main(_reactor: Any, _session: Any) -> None:
                runs[kind].append(time.monotonic())
                raise ValueError("the kettle is dry")

            return main

        backoff = Backoff(initial_delay=0.5, max_delay=60, growth=2.0, jitter=0.1)
        policy = RestartPolicy(backoff=backoff, max_restarts=3)
        url = crossbar.rawsocket_url
        fleet = Supervised(
            component(url, "main", main=main_of("main"), restart=policy),
            component(url, "component", component=Component(main=main_of("component")), restart=policy),
        ).start()
        for kind, ran in runs.items():
            await fleet.until("failed", kind)
            assert len([at for at in ran if at < ran[0] + 4]) <= 4
            assert len(ran) == 1 + 3
            assert all(later - earlier > 0.4 for earlier, later in itertools.pairwise(ran))
            problem = fleet.problem(kind)
            assert (problem.type, problem.message) == ("ValueError", "the kettle is dry")
            assert 'raise ValueError("the kettle is dry")' in (problem.traceback or "")
        await fleet.gone()

    run(scenario)


def test_after_a_stop_during_a_frozen_handshake_no_connection_comes(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        proxies = [Proxy(crossbar.websocket_url), Proxy(crossbar.rawsocket_url)]
        for proxy in proxies:
            proxy.freeze()
        specs = [
            of_kind(kind, proxy.url, name=f"{kind}{number}") for kind in KINDS for number, proxy in enumerate(proxies)
        ]
        fleet = Supervised(*specs).start()
        await until(lambda: all(proxy.open_connections == len(KINDS) for proxy in proxies))
        assert await fleet.stop() < 1.0 + 1
        await until(lambda: not any(proxy.open_connections for proxy in proxies), 1)
        await sleep(5)
        assert [proxy.total_connections for proxy in proxies] == [len(KINDS)] * 2
        for proxy in proxies:
            await proxy.close()

    run(scenario)


def test_every_kind_runs_again_when_a_killed_router_comes_back(run: Run, own_crossbar: Crossbar) -> None:
    async def scenario() -> None:
        urls = {"ws": own_crossbar.websocket_url, "rs": own_crossbar.rawsocket_url, "unix": own_crossbar.unix_url}
        specs = [of_kind(kind, url, name=f"{kind}-{way}") for kind in KINDS for way, url in urls.items()]
        fleet = Supervised(*specs).start()
        for end in (own_crossbar.kill, own_crossbar.stop):
            for spec in specs:
                await fleet.until("running", spec.name)
            await deferToThread(end)
            for spec in specs:
                await until(lambda spec=spec: fleet.core(spec.name).reconnects > 0)  # type: ignore[misc]
            await deferToThread(own_crossbar.start)
        for spec in specs:
            await fleet.until("running", spec.name)
            assert fleet.core(spec.name).restarts == 0
        await fleet.stop()

    run(scenario, timeout=60)


@pytest.mark.parametrize("way", ["websocket", "rawsocket"])
def test_twenty_routers_that_die_do_not_use_up_4_retries(run: Run, way: str) -> None:
    async def scenario() -> None:
        listener = Listener(way)
        retry = RetryPolicy(max_retries=4, backoff=QUICK)
        specs = [of_kind(kind, transport(listener.url, retry=retry), name=kind) for kind in KINDS]
        fleet = Supervised(*specs).start()
        for _ in range(20):
            for kind in KINDS:
                await fleet.until("running", kind)
            await listener.die()
            for kind in KINDS:
                await until(lambda kind=kind: fleet.core(kind).tries[0] > 1)  # type: ignore[misc]
            listener.listen()
        for kind in KINDS:
            await fleet.until("running", kind)
            assert fleet.core(kind).restarts == 0
        await fleet.stop()
        await listener.die()

    run(scenario, timeout=60)


@pytest.mark.parametrize("way", ["websocket", "rawsocket"])
def test_a_thousand_restarts_leave_nothing_behind(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        url = crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url
        fleet = Supervised(component(url, session_factory=ApplicationSession))
        fleet.command(ev.Start())
        await fleet.until("running")
        usage = Usage.now()
        resident: list[int] = []
        for number in range(1, 1001):
            attempts = fleet.core().attempts
            fleet.command(ev.Restart())
            while fleet.state() != "running" or fleet.core().attempts == attempts:
                await sleep(0)
            if number in {100, 400, 700}:
                resident.append(settled_memory())
        await usage.again()
        assert least_growth([*resident, settled_memory()]) < MIB / 3
        await fleet.stop()

    run(scenario, timeout=60)


STARTS = 10_000


def test_ten_thousand_starts_and_stops_of_untidy_components_stay_flat(run: Run) -> None:
    async def scenario() -> None:
        listener = Listener("rawsocket")

        async def main(reactor: Any, _session: Any) -> None:
            reactor.callLater(3600, print, "too late")
            LoopingCall(len, "").start(1800)
            if next(untidy) % 10 == 0:
                reactor.listenTCP(0, Factory(), interface="127.0.0.1")
            await Deferred[None]()

        untidy = itertools.count()
        fleet = Supervised(*(component(listener.url, f"c{number}", main=main) for number in range(10)))
        ended = itertools.count(1)
        resident: list[int] = []

        def go_on(unit: Unit, _before: object, after: Any, _cause: object) -> None:
            listener.peer.clients[:] = [one for one in listener.peer.clients if one.open]  # it keeps all
            if after.state.name == "running":
                reactor.callLater(0, fleet.command, ev.Stop(), unit.name)
            elif after.state.name == "stopped" and (number := next(ended)) < STARTS:
                if number in {STARTS // 10, STARTS // 10 * 4, STARTS // 10 * 7}:
                    resident.append(settled_memory())
                reactor.callLater(0, fleet.command, ev.Start(), unit.name)

        fleet.fleet.watch(go_on)
        usage = Usage.now()
        for name in fleet.fleet.units:
            fleet.command(ev.Start(), name)
        await until(lambda: next(copy(ended)) > STARTS + 9, 100, "all stops")
        await usage.again(3)
        assert least_growth([*resident, settled_memory()]) < 2 * MIB / 3
        left = [unit.leftovers for unit in fleet.fleet.units.values()]
        assert sum(one.count for one in left) >= 2 * STARTS
        assert sum(one.threads() + one.contexts() for one in left) == 0
        await fleet.gone()
        await listener.die()

    run(scenario, timeout=110)


def settled_memory() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def least_growth(sizes: list[int]) -> int:
    """The least growth from one look to the next: a leak grows every time, what others in the process do does not."""
    return min(later - earlier for earlier, later in itertools.pairwise(sizes))
