"""An attempt's health check begins when it is ready, ends with it, and takes a new policy while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp import message
from twisted.internet.defer import Deferred

from support.peer import say, silent
from support.reactor import Usage
from support.supervised import component, prepared, stays
from support.trial import Trial
from wampsup.model import outcome as out
from wampsup.model.spec import HealthPolicy
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.reactor import Run

SOON = HealthPolicy(procedure="com.example.ping", interval=0.01, timeout=5.0, failures=1)
LATE = replace(SOON, interval=50.0)
SHORT = replace(SOON, timeout=0.01)


def error(call: message.Call) -> message.Error:
    return message.Error(message.Call.MESSAGE_TYPE, call.request, "com.example.dry")


def calls(trial: Trial) -> int:
    return sum(isinstance(each, message.Call) for each in trial.wire.peer.client.heard)


def goodbye(trial: Trial) -> None:
    trial.wire.peer.client.send(message.Goodbye("wamp.close.system_shutdown"))


ENDS: dict[str, tuple[Callable[[Trial], object], type]] = {
    "leave": (lambda trial: trial.attempt.leave(), out.Stopped),
    "abort": (lambda trial: trial.attempt.abort(None), out.Stopped),
    "abort late": (lambda trial: trial.attempt.abort(1.0), out.Stopped),
    "component.stop()": (lambda trial: trial.attempt.finish(), out.Left),
    "connection lost": (lambda trial: trial.wire.lose(), out.Lost),
    "router's GOODBYE": (goodbye, out.Lost),
}


class Forgets(ApplicationSession):
    """A session that does not end its calls when it is over, as one whose `onLeave` calls no `super`."""

    def onLeave(self, details: Any) -> None:
        self.disconnect()


async def checked(trial: Trial, moment: str) -> None:
    """Ready, and at that moment of its health check."""
    await trial.ready()
    if moment == "during the call":
        await trial.until(lambda: calls(trial), "the call")


@pytest.mark.parametrize("session", [ApplicationSession, Forgets])
@pytest.mark.parametrize("moment", ["before the call", "during the call"])
@pytest.mark.parametrize("end", ENDS)
def test_every_end_ends_the_check_as_well(run: Run, end: str, moment: str, session: type) -> None:
    async def scenario() -> None:
        usage = Usage.now()
        trial = Trial(main=stays, session_factory=session, health=SOON if moment == "during the call" else LATE)
        trial.wire.peer.answers[message.Call] = silent
        await checked(trial, moment)
        act, outcome = ENDS[end]
        act(trial)
        assert isinstance(await trial.ended(), outcome)
        assert Usage.now().calls == usage.calls

    run(scenario)


def test_an_end_from_within_the_report_of_its_readiness_begins_no_check(run: Run) -> None:
    async def scenario() -> None:
        usage = Usage.now()
        trial = Trial(then=lambda _: trial.attempt.leave(), main=stays, health=LATE)
        trial.attempt.begin()
        await trial.ended()
        assert Usage.now().calls == usage.calls

    run(scenario)


def test_a_main_that_ends_at_once_leaves_no_check(run: Run) -> None:
    async def scenario() -> None:
        usage = Usage.now()
        trial = Trial(main=lambda _reactor, _session: None, health=LATE)
        trial.attempt.begin()
        assert await trial.ended() == out.Completed()
        assert Usage.now().calls == usage.calls

    run(scenario)


def test_code_that_ends_its_component_when_it_is_asked_to_call(run: Run) -> None:
    class EndsItself(ApplicationSession):
        def call(self, *_args: Any, **_kwargs: Any) -> Any:
            trial.attempt.finish()
            return Deferred()

    async def scenario() -> None:
        usage = Usage.now()
        await trial.ready()
        assert await trial.ended() == out.Left()
        assert Usage.now().calls == usage.calls

    trial = Trial(session_factory=EndsItself, health=SOON)
    run(scenario)


def test_a_router_that_goes_as_its_answer_comes_is_lost_and_nothing_else(run: Run) -> None:
    def bye_and_error(client: Any, call: message.Call) -> None:
        client.send(message.Goodbye("wamp.close.system_shutdown"))
        client.send(error(call))

    async def scenario() -> None:
        trial = Trial(main=stays, health=SOON)
        trial.wire.peer.answers[message.Call] = bye_and_error
        await trial.ready()
        assert isinstance(await trial.ended(), out.Lost)

    run(scenario)


def test_a_cancelled_call_whose_error_comes_late_does_no_harm(run: Run) -> None:
    async def scenario() -> None:
        trial = Trial(main=stays, health=replace(SHORT, failures=2))
        late: list[message.Call] = []
        trial.wire.peer.answers[message.Call] = lambda _client, call: late.append(call)
        await trial.ready()
        await trial.until(lambda: len(late) == 2, "the second call")
        trial.wire.peer.client.send(error(late[0]))
        trial.wire.peer.client.send(message.Result(late[1].request))
        await trial.turns()
        assert trial.names == ["Ready"]
        trial.attempt.leave()
        assert await trial.ended() == out.Stopped()

    run(scenario)


def test_an_attempt_takes_a_new_policy_while_it_runs(run: Run) -> None:
    async def scenario() -> None:
        usage = Usage.now()
        trial = Trial(main=stays, health=LATE)
        trial.wire.peer.answers[message.Call] = say(error)
        await trial.ready()
        new: dict[str, Any] = {"main": stays, "is_fatal": ("com.example.dry",)}
        trial.attempt.adopt(prepared(component("rs://127.0.0.1:1", **new))["c"])
        assert Usage.now().calls == usage.calls
        trial.attempt.adopt(prepared(component("rs://127.0.0.1:1", **new, health=SOON))["c"])
        outcome = await trial.ended()
        assert isinstance(outcome, out.Fatal)
        assert outcome.problem.kind is Kind.HEALTH
        assert outcome.problem.uri == "com.example.dry"

    run(scenario)


def test_a_policy_that_stays_the_same_does_not_begin_anew(run: Run) -> None:
    async def scenario() -> None:
        trial = Trial(main=stays, health=SOON)
        trial.wire.peer.answers[message.Call] = silent
        await checked(trial, "during the call")
        trial.attempt.adopt(prepared(component("rs://127.0.0.1:1", main=stays, health=SOON))["c"])
        await trial.turns()
        assert not trial.wire.peer.client.heard_a(message.Cancel)
        trial.attempt.adopt(prepared(component("rs://127.0.0.1:1", main=stays, health=LATE))["c"])
        await trial.until(lambda: trial.wire.peer.client.heard_a(message.Cancel), "the end of the call")
        trial.attempt.leave()
        assert await trial.ended() == out.Stopped()

    run(scenario)


def test_a_policy_that_comes_before_it_is_ready_counts_from_then_on(run: Run) -> None:
    async def scenario() -> None:
        trial = Trial(main=stays, health=LATE)
        trial.wire.peer.answers[message.Call] = say(error)
        trial.attempt.adopt(prepared(component("rs://127.0.0.1:1", main=stays, health=SOON))["c"])
        await trial.ready()
        assert isinstance(await trial.ended(), out.Failed)

    run(scenario)


def test_on_user_error_is_part_of_the_policy(run: Run) -> None:
    class Dry(ApplicationSession):
        def onJoin(self, details: Any) -> Deferred[None]:
            return Deferred()

    async def scenario() -> None:
        trial = Trial(session_factory=Dry)
        trial.attempt.begin()
        await trial.turns()
        new = component("rs://127.0.0.1:1", session_factory=Dry, on_user_error="log")
        trial.attempt.adopt(prepared(new)["c"])
        trial.attempt.time_out(1.0)
        await trial.turns()
        assert trial.names == ["Ready"]
        trial.attempt.leave()
        assert await trial.ended() == out.Stopped()

    run(scenario)
