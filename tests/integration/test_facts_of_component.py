"""What a bare Component does to its users, a supervised one does not: the rows of the list of hazards, one by one.

Each against Crossbar.io, through a proxy where the moment matters, for each kind of component where it makes sense.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from twisted.internet.defer import Deferred

from support import authenticated
from support.proxy import Proxy
from support.reactor import reactor, sleep, until
from support.supervised import KINDS, QUICK, Supervised, component, of_kind, stays, transport
from wampsup.core.lifecycle import JOIN_LASTS
from wampsup.model import event as ev
from wampsup.model.spec import FleetSpec, RestartPolicy, RetryPolicy, SupervisorSpec
from wampsup.model.state import Kind
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from support.crossbar import Crossbar
    from support.reactor import Run

each_kind = pytest.mark.parametrize("kind", KINDS)
each_transport = pytest.mark.parametrize("way", ["websocket", "rawsocket"])
QUIET = 0.4


def url_of(crossbar: Crossbar, way: str) -> str:
    return crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url


def boiling(reactor: Any, session: Any) -> None:
    raise ValueError("the kettle is dry")


def of_main(kind: str, main: Any, where: Any, **changes: Any) -> Any:
    """A component with that `main`: as its own, or as that of a Component."""
    return component(where, **({"main": main} if kind == "main" else {"component": Component(main=main)}), **changes)


# 1


@each_transport
@pytest.mark.parametrize("kind", ["main", "component"])
def test_a_main_that_raises_is_one_failure_at_a_time_and_is_given_up(
    run: Run, crossbar: Crossbar, kind: str, way: str
) -> None:
    async def scenario() -> None:
        policy = RestartPolicy(backoff=QUICK, max_restarts=2)
        fleet = Supervised(of_main(kind, boiling, url_of(crossbar, way), restart=policy)).start()
        await fleet.until("failed")
        once = ["waiting", "connecting", "running", "stopping"]
        assert fleet.states() == ["stopped", *[*once, "backoff"] * 2, *once, "failed"]
        problem = fleet.problem()
        assert (problem.kind, problem.type, problem.message) == (Kind.MAIN, "ValueError", "the kettle is dry")
        assert problem.traceback is not None
        assert 'raise ValueError("the kettle is dry")' in problem.traceback
        await fleet.gone()

    run(scenario)


# 2


@each_transport
@each_kind
def test_stopped_while_it_connects_it_is_no_zombie(run: Run, crossbar: Crossbar, kind: str, way: str) -> None:
    async def scenario() -> None:
        proxy = Proxy(url_of(crossbar, way))
        fleet = Supervised(of_kind(kind, proxy.url))
        moments: list[Any] = [
            lambda: True,
            lambda: proxy.open_connections,
            lambda: proxy.open_connections and proxy.connections[-1].received["client"],
            lambda: proxy.open_connections and proxy.connections[-1].received["router"],
        ]
        for moment in moments:
            fleet.start()
            while not moment():
                await sleep(0)
            await fleet.stop()
            await until(lambda: proxy.open_connections == 0)
            total = proxy.total_connections
            await sleep(QUIET / 4)
            assert (proxy.open_connections, proxy.total_connections) == (0, total)
        await proxy.close()

    run(scenario)


# 3


@each_kind
def test_stopped_between_a_failed_connect_and_the_next_it_does_not_go_on(
    run: Run, crossbar: Crossbar, kind: str
) -> None:
    async def scenario() -> None:
        proxy = Proxy(crossbar.rawsocket_url)
        proxy.refuse()
        fleet = Supervised(of_kind(kind, proxy.url))
        fleet.fleet.watch(
            lambda unit, _before, after, _cause: (
                fleet.fleet.command([unit], ev.Stop()) if after.state.name == "reconnecting" else None
            )
        )
        fleet.start()
        await fleet.until("stopped")
        assert fleet.problem().message == "connection refused"
        proxy.restore()
        await sleep(QUIET)
        assert proxy.total_connections == 0
        assert fleet.states() == ["stopped", "waiting", "connecting", "reconnecting", "stopped"]
        await proxy.close()

    run(scenario)


def test_a_component_that_stops_itself_when_it_can_not_connect_has_completed(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        proxy = Proxy(crossbar.rawsocket_url)
        proxy.refuse()
        own = Component()
        errors: list[str] = []

        def give_up(its: Any, error: Exception) -> None:
            assert its is own
            errors.append(type(error).__name__)
            its.stop()

        own.on("connectfailure", give_up)
        fleet = Supervised(component(proxy.url, component=own)).start()
        await fleet.until("completed")
        assert errors == ["ConnectionRefusedError"]
        await fleet.gone()
        await proxy.close()

    run(scenario)


# 4


@each_transport
@each_kind
def test_stopped_while_the_router_is_frozen_it_is_cut_off(run: Run, crossbar: Crossbar, kind: str, way: str) -> None:
    async def scenario() -> None:
        proxy = Proxy(url_of(crossbar, way))
        fleet = Supervised(of_kind(kind, proxy.url, stop_timeout=0.3)).start()
        await fleet.until("running")
        proxy.freeze()
        assert 0.25 < await fleet.stop() < 0.3 + 1
        assert proxy.open_connections == 0
        problem = fleet.problem()
        assert problem.kind is Kind.TIMEOUT
        assert problem.message == "it did not leave within 0.3 s; its connection was aborted"
        await proxy.close()

    run(scenario)


# 5, 6, 7


@each_transport
@each_kind
def test_it_can_be_stopped_and_started_at_any_time(run: Run, crossbar: Crossbar, kind: str, way: str) -> None:
    async def scenario() -> None:
        fleet = Supervised(of_kind(kind, url_of(crossbar, way)))
        fleet.command(ev.Stop())
        assert fleet.state() == "stopped"
        sessions = set()
        for _ in range(3):
            fleet.command(ev.Start())
            await fleet.until("running")
            sessions.add(fleet.core().state.joined.session_id)  # type: ignore[union-attr]
            await fleet.stop()
            fleet.command(ev.Stop())
        assert len(sessions) == 3
        assert fleet.core().last_error is None

    run(scenario)


def test_after_a_fatal_error_a_person_can_start_it_again(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        broken = [True]

        def mends(reactor: Any, session: Any) -> Any:
            if broken:
                raise ValueError("the kettle is dry")
            return Deferred()

        fleet = Supervised(component(crossbar.rawsocket_url, main=mends, is_fatal=("builtins.ValueError",))).start()
        await fleet.until("fatal")
        broken.clear()
        fleet.command(ev.Start())
        await fleet.until("running")
        await fleet.stop()

    run(scenario)


# 8


@each_transport
@each_kind
def test_each_loss_after_a_good_run_starts_the_count_and_the_delay_anew(
    run: Run, crossbar: Crossbar, kind: str, way: str
) -> None:
    async def scenario() -> None:
        proxy = Proxy(url_of(crossbar, way))
        fleet = Supervised(of_kind(kind, transport(proxy.url, retry=RetryPolicy(max_retries=1, backoff=QUICK)))).start()
        for _ in range(5):
            await fleet.until("running")
            await until(lambda: reactor.seconds() - fleet.core().state.since > JOIN_LASTS, what="a join that lasted")
            proxy.drop()
            await fleet.until("reconnecting")
            state = fleet.core().state
            assert state.next_attempt_at - state.since == pytest.approx(QUICK.initial_delay)  # type: ignore[union-attr]
        await fleet.until("running")
        assert fleet.core().restarts == 0
        await fleet.stop()
        await proxy.close()

    run(scenario)


# 9


def joins_and_raises(kind: str) -> Any:
    def boil(_session: Any, _details: Any) -> None:
        raise ValueError("the kettle is dry")

    if kind == "session_factory":

        class Dry(ApplicationSession):
            def onJoin(self, details: Any) -> None:
                boil(self, details)

        return Dry
    own = Component()
    own.on_join(boil)
    return own


@each_transport
@pytest.mark.parametrize("kind", ["session_factory", "component"])
def test_a_join_handler_that_raises_is_a_failure(run: Run, crossbar: Crossbar, kind: str, way: str) -> None:
    async def scenario() -> None:
        once = RestartPolicy(policy="never")
        code = {kind: joins_and_raises(kind)}
        fleet = Supervised(component(url_of(crossbar, way), **code, restart=once)).start()
        await fleet.until("failed")
        assert "running" not in fleet.states()
        problem = fleet.problem()
        assert (problem.kind, problem.type, problem.message) == (Kind.HANDLER, "ValueError", "the kettle is dry")
        assert 'raise ValueError("the kettle is dry")' in (problem.traceback or "")
        await fleet.gone()

    run(scenario)


@each_transport
@pytest.mark.parametrize("kind", ["session_factory", "component"])
def test_a_user_may_choose_to_go_on_after_a_failing_join_handler(
    run: Run, crossbar: Crossbar, logged_errors: Any, kind: str, way: str
) -> None:
    async def scenario() -> None:
        code = {kind: joins_and_raises(kind)}
        fleet = Supervised(component(url_of(crossbar, way), **code, on_user_error="log")).start()
        await fleet.until("running")
        await fleet.stop()

    run(scenario)
    assert len(logged_errors.take("on_user_error is `log`")) == 1


@each_transport
def test_a_user_may_choose_to_run_with_a_loop_in_on_join(run: Run, crossbar: Crossbar, way: str) -> None:
    rounds: list[int] = []

    class Loops(ApplicationSession):
        async def onJoin(self, details: Any) -> None:
            while True:
                rounds.append(details.session)
                await sleep(0.01)

    async def scenario() -> None:
        spec = component(url_of(crossbar, way), session_factory=Loops, on_user_error="log", start_timeout=0.3)
        fleet = Supervised(spec).start()
        await fleet.until("running")
        so_far = len(rounds)
        await until(lambda: len(rounds) > so_far, what="the loop that goes on")
        assert "failed" not in fleet.states()
        await fleet.stop()
        so_far = len(rounds)
        await sleep(0.05)
        assert len(rounds) == so_far

    run(scenario)


@each_transport
def test_a_refused_registration_is_a_failure_with_the_routers_reason(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        def own() -> Component:
            made = Component()
            made.register("com.example.taken")(lambda: None)
            return made

        once = RestartPolicy(policy="never")
        url = url_of(crossbar, way)
        fleet = Supervised(component(url, "first", component=own()), component(url, component=own(), restart=once))
        fleet.command(ev.Start(), "first")
        await fleet.until("running", "first")
        fleet.command(ev.Start())
        await fleet.until("failed")
        problem = fleet.problem()
        assert (problem.kind, problem.uri) == (Kind.HANDLER, "wamp.error.procedure_already_exists")
        assert "com.example.taken" in problem.message
        assert fleet.state("first") == "running"
        await fleet.stop()

    run(scenario)


# 10, 11


@each_transport
@pytest.mark.parametrize("kind", ["main", "component"])
def test_a_fatal_error_keeps_its_cause(run: Run, crossbar: Crossbar, kind: str, way: str) -> None:
    async def scenario() -> None:
        asked: list[str] = []

        def is_fatal(error: BaseException) -> bool:
            asked.append(str(error))
            return True

        fleet = Supervised(of_main(kind, boiling, url_of(crossbar, way), is_fatal=is_fatal)).start()
        await fleet.until("fatal")
        assert asked == ["the kettle is dry"]
        problem = fleet.problem()
        assert (problem.kind, problem.type, problem.message) == (Kind.MAIN, "ValueError", "the kettle is dry")
        assert "in boiling" in (problem.traceback or "")
        await fleet.gone()

    run(scenario)


@pytest.mark.parametrize("kind", ["main", "component"])
def test_a_predicate_that_raises_is_reported_and_the_error_is_fatal(run: Run, crossbar: Crossbar, kind: str) -> None:
    async def scenario() -> None:
        def is_fatal(error: BaseException) -> bool:
            raise LookupError("no such list")

        own: dict[str, Any] = (
            {"main": boiling} if kind == "main" else {"component": Component(main=boiling, is_fatal=is_fatal)}
        )
        predicate: dict[str, Any] = {"is_fatal": is_fatal} if kind == "main" else {}
        fleet = Supervised(component(crossbar.rawsocket_url, **own, **predicate)).start()
        await fleet.until("fatal")
        problem = fleet.problem()
        assert (problem.kind, problem.type) == (Kind.IS_FATAL, "LookupError")
        assert problem.message == (
            "is_fatal raised LookupError: no such list, when asked about ValueError: the kettle is dry"
        )
        assert "in is_fatal" in (problem.traceback or "")
        assert "in boiling" in (problem.traceback or "")
        await fleet.gone()

    run(scenario)


# 12


@each_transport
@each_kind
def test_an_unknown_realm_is_fatal(run: Run, crossbar: Crossbar, kind: str, way: str) -> None:
    async def scenario() -> None:
        fleet = Supervised(of_kind(kind, url_of(crossbar, way), realm="nowhere")).start()
        await fleet.until("fatal")
        problem = fleet.problem()
        assert (problem.kind, problem.uri) == (Kind.WAMP, "wamp.error.no_such_realm")
        assert "nowhere" in problem.message
        assert fleet.core().attempts == 1
        await fleet.gone()

    run(scenario)


@pytest.mark.parametrize("kind", ["main", "component"])
def test_a_wrong_ticket_is_fatal(run: Run, crossbar: Crossbar, kind: str) -> None:
    async def scenario() -> None:
        authentication = {"ticket": {"authid": authenticated.AUTHID, "ticket": "wrong"}}
        fleet = Supervised(of_kind(kind, crossbar.ticket_url, authentication=authentication)).start()
        await fleet.until("fatal")
        problem = fleet.problem()
        assert problem.kind is Kind.AUTH
        assert problem.uri in {"wamp.error.authentication_failed", "wamp.error.not_authorized"}
        assert "wrong" not in problem.message
        await fleet.gone()

    run(scenario)


def test_the_built_in_table_can_be_taken_away(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        policy = RestartPolicy(backoff=QUICK, max_restarts=1)
        spec = component(crossbar.rawsocket_url, main=stays, realm="nowhere", is_fatal_default=False, restart=policy)
        fleet = Supervised(spec).start()
        await fleet.until("failed")
        assert fleet.core().attempts == 2
        assert fleet.problem().uri == "wamp.error.no_such_realm"

    run(scenario)


# 13: with the other mistakes of a spec, in the unit tests of blueprints

# 14


@each_kind
def test_headers_are_sent(run: Run, crossbar: Crossbar, kind: str) -> None:
    async def scenario() -> None:
        proxy = Proxy(crossbar.websocket_url)
        fleet = Supervised(of_kind(kind, transport(proxy.url, headers={"X-Kettle": "dry"}))).start()
        await fleet.until("running")
        assert b"X-Kettle: dry\r\n" in proxy.connections[0].received["client"]
        await fleet.stop()
        await proxy.close()

    run(scenario)


def test_headers_of_an_adopted_component_are_sent(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        proxy = Proxy(crossbar.websocket_url)
        own = Component(transports={"type": "websocket", "url": proxy.url, "headers": {"X-Kettle": "dry"}})
        fleet = Supervised(component(proxy.url, component=own, transports=None)).start()
        await fleet.until("running")
        assert b"X-Kettle: dry\r\n" in proxy.connections[0].received["client"]
        await fleet.stop()
        await proxy.close()

    run(scenario)


# 15: test_facts_tls.py

# 16


@each_transport
@each_kind
def test_a_goodbye_of_the_routers_own_accord_is_a_lost_connection(
    run: Run, crossbar: Crossbar, kind: str, way: str
) -> None:
    async def scenario() -> None:
        async def kills(reactor: Any, session: Any) -> None:
            joined = fleet.core().state.joined  # type: ignore[union-attr]
            await session.call("wamp.session.kill", joined.session_id, reason="wamp.close.normal", message="shoo")

        url = url_of(crossbar, way)
        fleet = Supervised(of_kind(kind, url), component(url, "killer", main=kills))
        fleet.command(ev.Start())
        await fleet.until("running")
        fleet.command(ev.Start(), "killer")
        await fleet.until("completed", "killer")
        await until(lambda: fleet.core().reconnects == 1)
        assert fleet.problem().kind is Kind.CONNECTION
        assert fleet.problem().message == "the router closed the session (wamp.close.normal)"
        await fleet.until("running")
        await fleet.stop()

    run(scenario)


# 17


@each_kind
def test_a_fleet_whose_components_all_failed_ends_with_1(run: Run, crossbar: Crossbar, kind: str) -> None:
    async def scenario() -> None:
        specs = (of_kind(kind, crossbar.rawsocket_url, realm="nowhere"),)
        blueprints, _ = prepare(specs, reactor)
        supervisor = SupervisorSpec(name="test", exit_when="all-done")
        fleet = Fleet(FleetSpec(supervisor=supervisor, components=specs), blueprints, reactor)
        fleet.start()
        assert await fleet.wait_ended() == 1

    run(scenario)


# 18


def test_a_proxy_with_a_missing_key_is_refused_before_anything_starts() -> None:
    def own() -> Component:
        return Component(transports={"type": "websocket", "url": "ws://127.0.0.1:1/ws", "proxy": {"host": "127.0.0.1"}})

    _, mistakes = prepare([component("ws://127.0.0.1:1/ws", component=own)], reactor)
    assert [mistake.path for mistake in mistakes] == [("components", "c", "component")]
