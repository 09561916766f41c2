"""User code that does what nobody expects: what comes of it is told, and nothing hangs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession, Session
from twisted.internet.defer import Deferred, succeed

from support.reactor import reactor
from support.supervised import Supervised, component, stays
from wampsup.model.spec import RestartPolicy
from wampsup.model.state import Kind
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.model.state import Problem

    Ends = Callable[..., Problem]

ONCE = RestartPolicy(policy="never")


@pytest.fixture
def ends(run: Run, crossbar: Crossbar) -> Ends:
    """`ends(state, **component)` is the problem with which the component ends in that state."""

    def go(state: str, **code: Any) -> Problem:
        async def scenario() -> Problem:
            spec = component(crossbar.rawsocket_url, **{"restart": ONCE, **code})
            fleet = await Supervised(spec).start().until(state)
            problem = fleet.problem()
            await fleet.stop()
            return problem

        return run(scenario)

    return go


def says_exit(_error: BaseException) -> bool:
    raise SystemExit(3)


def boils(_reactor: Any, _session: Any) -> None:
    raise ValueError("the kettle is dry")


def test_an_is_fatal_that_exits_is_told(ends: Ends) -> None:
    problem = ends("fatal", main=boils, is_fatal=says_exit)
    assert (problem.kind, problem.type) == (Kind.IS_FATAL, "SystemExit")
    assert problem.message == "is_fatal raised SystemExit: 3, when asked about ValueError: the kettle is dry"


def generates(_reactor: Any, session: Any) -> Iterator[Any]:
    yield session.call("wamp.session.count")


async def generates_later(_reactor: Any, session: Any) -> AsyncIterator[Any]:
    yield session.call("wamp.session.count")


@pytest.mark.parametrize("main", [generates, generates_later])
def test_a_main_that_nobody_would_run_is_a_failure(ends: Ends, main: Any) -> None:
    problem = ends("failed", main=main)
    assert (problem.kind, problem.type) == (Kind.MAIN, "TypeError")
    assert problem.message == (
        f"{main.__qualname__} is a generator that nobody runs: `@inlineCallbacks` is missing, or `await`"
    )


class Later:
    def __await__(self) -> Generator[Any, Any, Any]:
        yield from succeed(None).__await__()
        raise ValueError("the kettle is dry")


def test_a_main_may_return_anything_that_can_be_awaited(ends: Ends) -> None:
    assert ends("failed", main=lambda _reactor, _session: Later()).message == "the kettle is dry"


def test_a_session_that_is_given_twice_is_refused(ends: Ends) -> None:
    made: list[ApplicationSession] = []

    def twice(config: Any) -> ApplicationSession:
        if made:
            return made.pop()
        made.append(ApplicationSession(config))
        return made[0]

    again = RestartPolicy(policy="on-failure", max_restarts=1)
    problem = ends("failed", main=boils, session_factory=twice, restart=again)
    assert (problem.kind, problem.type) == (Kind.SESSION, "RuntimeError")
    assert problem.message == (
        "session_factory returned a session that has been used: it must make a new one each time"
    )


def test_a_session_that_closes_its_connection_before_it_has_joined_has_failed(ends: Ends) -> None:
    class Hasty(ApplicationSession):
        def onConnect(self) -> None:
            self.disconnect()

    problem = ends("failed", session_factory=Hasty)
    assert (problem.kind, problem.message) == (
        Kind.SESSION,
        "its own code closed the connection before it had joined",
    )


def test_a_router_that_asks_for_a_ticket_which_nobody_gave_is_told(run: Run, crossbar: Crossbar) -> None:
    class Asks(Session):
        def on_connect(self) -> None:
            self.join(self.config.realm, ["ticket"], "joe")

    async def scenario() -> None:
        spec = component(crossbar.ticket_url, session_factory=Asks, restart=ONCE)
        fleet = await Supervised(spec).start().until("failed")
        problem = fleet.problem()
        assert problem.kind is Kind.AUTH
        assert problem.message == "the router asks for `ticket`, and the component has no `authentication`"
        await fleet.stop()

    run(scenario)


def test_what_an_attempt_does_to_its_extra_is_gone_with_it(run: Run, crossbar: Crossbar) -> None:
    seen: list[Any] = []

    def main(_reactor: Any, session: Any) -> Deferred[None]:
        seen.append(session.config.extra["kettle"].pop("water"))
        raise ValueError("the kettle is dry")

    async def scenario() -> None:
        once_more = RestartPolicy(max_restarts=1)
        spec = component(crossbar.rawsocket_url, main=main, extra={"kettle": {"water": 1}}, restart=once_more)
        fleet = await Supervised(spec).start().until("failed")
        assert fleet.problem().type == "ValueError"
        await fleet.stop()

    run(scenario)
    assert seen == [1, 1]


def test_one_component_can_not_be_two(crossbar: Crossbar) -> None:
    own = Component()
    first = component(crossbar.rawsocket_url, "one", component=own)
    second = component(crossbar.rawsocket_url, "two", component=own)
    (mistake,) = prepare([first, second, component(crossbar.rawsocket_url, "three", main=stays)], reactor)[1]
    assert (mistake.path, mistake.message, mistake.hint) == (
        ("components", "two", "component"),
        "components `one` and `two` are the same Component",
        "name a function that returns a new one each time",
    )


@pytest.mark.parametrize("name", ["builtins.ValueErorr", "builtins.len"])
def test_a_misspelt_exception_in_is_fatal_is_no_uri(crossbar: Crossbar, name: str) -> None:
    spec = component(crossbar.rawsocket_url, main=stays, is_fatal=(name,))
    (mistake,) = prepare([spec], reactor)[1]
    assert mistake.path == ("components", "c", "is_fatal", 0)
    assert name.rpartition(".")[2] in mistake.message
