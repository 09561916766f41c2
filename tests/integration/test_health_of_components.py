"""A component's health procedure is called through a real router: what keeps it running, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred

from support.proxy import Proxy
from support.reactor import until
from support.supervised import Supervised, component, stays
from wampsup.model.spec import HealthPolicy, RestartPolicy
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.model.spec import ComponentSpec

PING = "com.example.ping"
ONCE = RestartPolicy(policy="never")
each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])


def health(**changes: Any) -> HealthPolicy:
    return HealthPolicy(**{"procedure": PING, "interval": 0.03, "timeout": 0.2, "failures": 3, **changes})


def url_of(crossbar: Crossbar, way: str) -> str:
    return crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url


@dataclass
class Answers:
    """A health procedure: it answers with what it is given, or with what that returns, in turn; the last one again."""

    answers: list[Any]
    called: int = 0
    cancelled: list[Any] = field(default_factory=list)

    def __call__(self) -> Any:
        answer = self.answers[min(self.called, len(self.answers) - 1)]
        self.called += 1
        if answer is HANGS:
            return Deferred(self.cancelled.append)
        return answer() if callable(answer) else answer

    async def main(self, _reactor: Any, session: Any) -> None:
        """The `main` of a component that has this procedure."""
        await session.register(self, PING)
        await Deferred()


HANGS = object()


def dry() -> None:
    raise ValueError("the kettle is dry")


async def failed(*specs: ComponentSpec) -> Supervised:
    """The fleet once its first component has failed."""
    return await Supervised(*specs).start().until("failed", specs[0].name)


@each_way
def test_a_component_stays_while_its_own_procedure_answers(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        answers = Answers([None, False, "well"])
        fleet = Supervised(component(url_of(crossbar, way), main=answers.main, health=health(failures=1))).start()
        await until(lambda: answers.called >= 5)
        assert fleet.states()[-1] == "running"
        assert await fleet.stop() < 0.5

    run(scenario)


def test_a_component_stays_while_the_procedure_of_another_one_answers(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        answers = Answers(["well"])
        other = component(crossbar.rawsocket_url, "other", main=answers.main)
        fleet = (
            await Supervised(
                component(crossbar.websocket_url, main=stays, health=health(interval=0.2, failures=3)), other
            )
            .start()
            .until("running")
        )
        await until(lambda: answers.called >= 3)
        assert fleet.states()[-1] == "running"
        await fleet.stop()

    run(scenario)


@each_way
def test_a_procedure_that_nobody_has_registered(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        fleet = await failed(component(url_of(crossbar, way), main=stays, health=health(), restart=ONCE))
        problem = fleet.problem()
        assert (problem.kind, problem.uri) == (Kind.HEALTH, "wamp.error.no_such_procedure")
        assert problem.message == (
            "missed 3 health checks in a row: `com.example.ping` failed: "
            "no callee registered for procedure <com.example.ping>"
        )
        await fleet.stop()

    run(scenario)


@each_way
def test_a_procedure_that_hangs_is_cancelled(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        answers = Answers([HANGS])
        fleet = await failed(component(url_of(crossbar, way), main=answers.main, health=health(), restart=ONCE))
        problem = fleet.problem()
        assert (problem.kind, problem.type) == (Kind.HEALTH, "TimeoutError")
        assert problem.message == ("missed 3 health checks in a row: `com.example.ping` did not answer within 0.2 s")
        assert answers.called == 3
        assert len(answers.cancelled) >= 2
        await fleet.stop()

    run(scenario)


def test_a_procedure_that_raises(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        answers = Answers([dry])
        fleet = await failed(
            component(crossbar.rawsocket_url, main=answers.main, health=health(failures=2), restart=ONCE)
        )
        problem = fleet.problem()
        assert (problem.kind, problem.uri) == (Kind.HEALTH, "wamp.error.runtime_error")
        assert problem.message == ("missed 2 health checks in a row: `com.example.ping` failed: the kettle is dry")
        assert answers.called == 2
        await fleet.stop()

    run(scenario)


def test_misses_with_a_recovery_in_between_do_no_harm(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        answers = Answers([dry, HANGS, "well", HANGS, dry, "well", dry, dry, "well"])
        fleet = Supervised(component(crossbar.rawsocket_url, main=answers.main, health=health())).start()
        await until(lambda: answers.called >= 10)
        assert fleet.states() == ["stopped", "waiting", "connecting", "running"]
        await fleet.stop()

    run(scenario)


def test_it_is_restarted_by_its_policy(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        answers = Answers([dry, dry, "well"])
        fleet = Supervised(component(crossbar.rawsocket_url, main=answers.main, health=health(failures=2))).start()
        await until(lambda: answers.called >= 4)
        assert fleet.core().restarts == 1
        assert "backoff" in fleet.states()
        await fleet.stop()

    run(scenario)


def test_is_fatal_is_asked_about_it(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        spec = component(
            crossbar.rawsocket_url, main=stays, health=health(), is_fatal=("wamp.error.no_such_procedure",)
        )
        fleet = await Supervised(spec).start().until("fatal")
        assert fleet.problem().kind is Kind.HEALTH
        await fleet.stop()

    run(scenario)


def test_a_main_that_returns_during_a_check_has_completed(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        answers = Answers([HANGS])

        async def main(reactor: Any, session: Any) -> None:
            await session.register(answers, PING)
            await until(lambda: answers.called)

        fleet = Supervised(component(crossbar.rawsocket_url, main=main, health=health(timeout=10, failures=1))).start()
        await fleet.until("completed")
        await fleet.gone()

    run(scenario)


@each_way
def test_a_connection_that_is_lost_during_a_check_is_lost(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        answers = Answers([HANGS])
        proxy = Proxy(url_of(crossbar, way))
        fleet = Supervised(component(proxy.url, main=answers.main, health=health(timeout=10, failures=1))).start()
        await until(lambda: answers.called)
        proxy.refuse()
        proxy.drop()
        await fleet.until("reconnecting")
        assert fleet.problem().kind is Kind.CONNECTION
        await fleet.stop()
        await proxy.close()

    run(scenario)


@each_way
def test_a_check_does_not_hold_the_way_out(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        answers = Answers([HANGS])
        fleet = Supervised(component(url_of(crossbar, way), main=answers.main, health=health(timeout=10))).start()
        await until(lambda: answers.called)
        assert await fleet.stop() < 0.5

    run(scenario)


@each_way
def test_a_check_of_a_frozen_router_costs_no_more_than_the_stop_timeout(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        proxy = Proxy(url_of(crossbar, way))
        answers = Answers([proxy.freeze])
        spec = component(proxy.url, main=answers.main, health=health(timeout=10), stop_timeout=0.3)
        fleet = Supervised(spec).start()
        await until(lambda: proxy.frozen)
        assert 0.2 < await fleet.stop() < 1
        await proxy.close()

    run(scenario)


@each_way
def test_it_finds_a_router_that_freezes(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        proxy = Proxy(url_of(crossbar, way))
        answers = Answers(["well", proxy.freeze])
        spec = component(proxy.url, main=answers.main, health=health(), restart=ONCE, stop_timeout=0.3)
        fleet = Supervised(spec).start()
        await fleet.until("failed")
        assert fleet.problem().message == (
            "missed 3 health checks in a row: `com.example.ping` did not answer within 0.2 s"
        )
        await fleet.stop()
        await proxy.close()

    run(scenario)
