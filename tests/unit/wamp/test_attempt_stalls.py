"""An attempt whose own event has blocked the reactor for longer than `max_stall` fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred

from support.trial import Trial
from wampsup.model import outcome as out
from wampsup.model.state import Kind
from wampsup.reactor.account import Account
from wampsup.reactor.ledger import ledger
from wampsup.reactor.scope import Scope, component_name, current
from wampsup.reactor.stack import Frame, Stack
from wampsup.reactor.stall import Stall

if TYPE_CHECKING:
    from support.reactor import Run

STACK = Stack([Frame("/srv/shop/feed.py", 31, "on_price", "feed")])
OWN = object()
MESSAGE = "blocked the reactor for 1.20 s at feed.py:31 in on_price, longer than max_stall = 1 s"


class Scene:
    """An attempt that runs; `scope` is its own."""

    def __init__(self, max_stall: float = 1.0, **spec: Any) -> None:
        self.scope: Scope | None = None
        self.trial = Trial(main=self._main, max_stall=max_stall, **spec)

    async def _main(self, _reactor: Any, _session: Any) -> None:
        self.scope = current.get()
        await Deferred()

    def stalls(self, seconds: float, scope: Any = OWN, stack: Stack | None = STACK) -> None:
        scope = self.scope if scope is OWN else scope
        self.trial.attempt.stalled(Stall(account=Account("c"), seconds=seconds, stack=stack, scope=scope))


def test_a_longer_stall_than_max_stall_is_a_failure_with_the_stack(run: Run) -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.trial.ready()
        scene.stalls(1.2)
        outcome = await scene.trial.ended()
        assert isinstance(outcome, out.Failed)
        problem = outcome.problem
        assert (problem.kind, problem.message, problem.traceback) == (Kind.STALL, MESSAGE, STACK.text())

    run(scenario)


def test_a_stall_whose_place_is_not_known_is_one_as_well(run: Run) -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.trial.ready()
        scene.stalls(1.2, stack=None)
        outcome = await scene.trial.ended()
        assert isinstance(outcome, out.Failed)
        assert outcome.problem.message == "blocked the reactor for 1.20 s, longer than max_stall = 1 s"

    run(scenario)


@pytest.mark.parametrize(
    ("seconds", "max_stall", "scope"),
    [(1.0, 1.0, OWN), (100.0, 0.0, OWN), (100.0, 1.0, None), (100.0, 1.0, Scope(Account("c")))],
)
def test_what_is_short_enough_or_an_earlier_attempts_fails_nothing(
    run: Run, seconds: float, max_stall: float, scope: Any
) -> None:
    async def scenario() -> None:
        scene = Scene(max_stall)
        await scene.trial.ready()
        scene.stalls(seconds, scope)
        await scene.trial.turns()
        assert scene.trial.names == ["Ready"]
        scene.trial.attempt.leave()
        assert await scene.trial.ended() == out.Stopped()

    run(scenario)


def test_an_attempt_that_goes_down_keeps_its_reason(run: Run) -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.trial.ready()
        scene.trial.attempt.leave()
        scene.stalls(1.2)
        assert await scene.trial.ended() == out.Stopped()

    run(scenario)


def test_a_reload_changes_what_is_allowed_while_it_runs(run: Run) -> None:
    async def scenario() -> None:
        scene = Scene(0.0)
        await scene.trial.ready()
        scene.stalls(1.2)
        scene.trial.attempt.adopt(replace(scene.trial.attempt._blueprint, max_stall=1.0))
        scene.stalls(1.2)
        assert isinstance(await scene.trial.ended(), out.Failed)

    run(scenario)


def test_is_fatal_is_asked_as_the_components_own_code(run: Run, component_module: Any) -> None:
    async def scenario() -> None:
        asked: list[tuple[str | None, str | None]] = []

        def is_fatal(error: BaseException) -> bool:
            asked.append((component_name(), None if ledger.account is None else ledger.account.name))
            return isinstance(error, TimeoutError)

        scene = Scene()
        trial = scene.trial
        judge = replace(trial.attempt._blueprint.judge, predicates=[is_fatal])
        trial.attempt.adopt(replace(trial.attempt._blueprint, judge=judge, max_stall=1.0))
        await trial.ready()
        scene.stalls(1.2)
        assert isinstance(await trial.ended(), out.Fatal)
        assert asked == [("c", "c")]

    run(scenario)
