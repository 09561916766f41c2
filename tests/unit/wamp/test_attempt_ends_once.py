"""Whatever happens in whichever order: an attempt ends exactly once, and nothing of the user's runs after it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from autobahn.wamp import message

from support.peer import ROLES, say
from support.supervised import left_over
from support.trial import DOWN, UP, Code, Trial
from wampsup.model import outcome as out

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.reactor import Run


def goodbye(trial: Trial, _code: Code) -> None:
    if trial.wire.connected and trial.wire.peer.clients and trial.wire.peer.client.open:
        trial.wire.peer.client.send(message.Goodbye("wamp.close.system_shutdown"))


ACTIONS: dict[str, Callable[[Trial, Code], object]] = {
    "leave": lambda trial, _: trial.attempt.leave(),
    "time out": lambda trial, _: trial.attempt.time_out(1.0),
    "abort": lambda trial, _: trial.attempt.abort(None),
    "abort late": lambda trial, _: trial.attempt.abort(1.0),
    "component.stop()": lambda _, code: code.component.stop(),
    "connection lost": lambda trial, _: trial.wire.lose(),
    "router's GOODBYE": goodbye,
}
FIRST: dict[str, tuple[type, ...]] = {
    "leave": (out.Stopped,),
    "time out": (out.Lost, out.Left, out.Failed),
    "abort": (out.Stopped,),
    "abort late": (out.Stopped,),
    "component.stop()": (out.Left,),
    "connection lost": (out.Lost, out.Left),
}
"""How an attempt ends when this happens to it first; one that is lost may still be ended by its own code."""


def begin(code: Code) -> Trial:
    """An attempt of that code at a router that wants a ticket."""
    trial = Trial(component=code.component)
    trial.wire.peer.answers[message.Hello] = say(lambda _: message.Challenge("ticket"))
    trial.wire.peer.answers[message.Authenticate] = say(lambda _: message.Welcome(1, ROLES))
    trial.attempt.begin()
    return trial


async def end(trial: Trial, code: Code) -> None:
    """Let it end, in the last resort by an abort; what is promised of every end holds."""
    await trial.turns()
    if "Ended" not in trial.names:
        trial.attempt.abort(2.0)
    await trial.until(lambda: "Ended" in trial.names, f"the end: {trial.names}, {code.ran}")
    ran = list(code.ran)
    for act in ("leave", "time out", "abort", "component.stop()"):
        ACTIONS[act](trial, code)
    await trial.turns()
    assert code.ran == ran
    assert not trial.wire.connected
    assert trial.names in (
        [*ready, *ending, "Ended"] for ready, ending in product(([], ["Ready"]), ([], ["Ending"]))
    ), trial.names


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("place", UP)
def test_two_things_happen_at_once_while_it_waits(run: Run, place: str, stubborn: bool) -> None:  # noqa: FBT001
    async def scenario() -> None:
        for first, second in product(ACTIONS, repeat=2):
            code = Code(place, stubborn=stubborn)
            trial = begin(code)
            await trial.until(lambda code=code: place in code.ran, place)  # type: ignore[misc]
            ACTIONS[first](trial, code)
            ACTIONS[second](trial, code)
            await end(trial, code)
            connected = place != "start"
            if first in FIRST and (connected or first != "connection lost"):
                assert isinstance(trial.outcome, FIRST[first]), (first, second, trial.outcome)
            del trial, code
        assert not left_over() or stubborn

    run(scenario)


@pytest.mark.parametrize("place", [*UP, *DOWN])
@pytest.mark.parametrize("hold", ["main", "ready", "none"])
def test_it_is_told_to_end_by_its_own_code_on_the_stack(run: Run, place: str, hold: str) -> None:
    async def scenario() -> None:
        for action, cause in product(ACTIONS, ("leave", "connection lost", "router's GOODBYE", "abort")):
            if action == "connection lost":
                continue  # a transport never says so on the stack of what it delivered
            code = Code(hold)
            trial = begin(code)
            pending = [action]

            def at(reached: str, trial: Trial = trial, code: Code = code, pending: list[str] = pending) -> None:
                if reached == place and pending:
                    ACTIONS[pending.pop()](trial, code)

            code.at = at
            await trial.turns()
            ACTIONS[cause](trial, code)
            await end(trial, code)

    run(scenario)


@pytest.mark.parametrize("place", DOWN)
@pytest.mark.parametrize("stubborn", [False, True])
def test_something_happens_while_a_handler_of_the_way_out_runs(run: Run, place: str, stubborn: bool) -> None:  # noqa: FBT001
    async def scenario() -> None:
        for cause, action in product(("leave", "connection lost", "router's GOODBYE"), ACTIONS):
            code = Code(place, stubborn=stubborn)
            trial = begin(code)
            code.at = lambda _: None
            await trial.turns()
            ACTIONS[cause](trial, code)
            await trial.turns()
            ACTIONS[action](trial, code)
            await end(trial, code)

    run(scenario)
