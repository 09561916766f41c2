"""A session of functions, as a component of type `function` in Crossbar.io is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp.types import ComponentConfig

from support.supervised import Supervised, component
from wampsup.model.spec import RestartPolicy
from wampsup.model.state import Kind
from wampsup.wamp.callbacks import CallbackSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.model.state import Problem

ONCE = RestartPolicy(policy="never")
SESSION = "wampsup.wamp.callbacks:CallbackSession"


BOILS = """
def now(session, told):
    raise ValueError("the kettle is dry")

async def later(session, details):
    await session.subscribe(print, "com.example.topic")
    now(session, details)
"""


def failing_with(callbacks: dict[str, str], crossbar: Crossbar, run: Run) -> Problem:
    async def scenario() -> Problem:
        spec = component(crossbar.rawsocket_url, session_factory=SESSION, extra={"callbacks": callbacks}, restart=ONCE)
        fleet = await Supervised(spec).start().until("failed")
        problem = fleet.problem()
        await fleet.stop()
        return problem

    return run(scenario)


@pytest.mark.parametrize(("event", "function"), [("connect", "now"), ("join", "now"), ("join", "later")])
def test_a_callback_that_raises_is_a_failure(
    event: str, function: str, crossbar: Crossbar, run: Run, component_module: Callable[[str], str]
) -> None:
    problem = failing_with({event: f"{component_module(BOILS)}:{function}"}, crossbar, run)
    assert (problem.kind, problem.message) == (Kind.HANDLER, "the kettle is dry")


def test_callbacks_see_the_extra_without_themselves_and_what_was_given_stays() -> None:
    given = {"callbacks": {"join": "builtins:print"}, "cbdir": "/srv"}
    session = CallbackSession(ComponentConfig("realm1", given))
    assert session.config.extra == {"cbdir": "/srv"}
    assert "callbacks" in given


@pytest.mark.parametrize("extra", [None, {}, {"callbacks": "a:b"}])
def test_without_callbacks_it_says_what_it_needs(extra: Any) -> None:
    with pytest.raises(TypeError) as caught:
        CallbackSession(ComponentConfig("realm1", extra))
    needs = 'it needs `callbacks` in its `extra`, such as `{ join = "package.module:function" }`'
    assert str(caught.value) == needs
