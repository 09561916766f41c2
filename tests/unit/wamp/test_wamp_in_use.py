"""A Component that is prepared again while it is in use, as a reload does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.twisted.component import Component

from support.reactor import reactor
from support.supervised import code, component
from support.trial import Trial
from wampsup.model import outcome as out
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from support.reactor import Run

NOWHERE = "rs://127.0.0.1:1"


def test_its_own_stop_still_ends_it(run: Run) -> None:
    async def scenario() -> None:
        own = Component()
        trial = Trial(component=own)
        await trial.ready()
        prepare([component(NOWHERE, component=own)], reactor)
        own.stop()
        assert await trial.ended() == out.Left()

    run(scenario)


def test_its_own_stop_ends_the_newest_of_two_while_it_changes_its_name(run: Run) -> None:
    async def scenario() -> None:
        own = Component()
        old, new = Trial(component=own), Trial(component=own)
        await old.ready()
        await new.ready()
        old.attempt.leave()
        assert await old.ended() == out.Stopped()
        own.stop()
        assert await new.ended() == out.Left()

    run(scenario)


def test_the_component_of_a_function_is_kept_and_judged_anew() -> None:
    made: list[Component] = []

    def make() -> Component:
        made.append(Component(is_fatal=lambda error: isinstance(error, KeyError)))
        return made[-1]

    before, _ = prepare([component(NOWHERE, component=make)], reactor)
    changed = component(NOWHERE, component=make, on_user_error="log", is_fatal=("builtins.ValueError",))
    after, mistakes = prepare([changed], reactor, before)
    assert not mistakes
    assert (len(made), after["c"].original, after["c"].on_user_error) == (1, made[0], "log")
    assert [len(blueprints["c"].judge.predicates) for blueprints in (before, after)] == [2, 2]
    assert after["c"].judge.predicates[0](ValueError())
    assert not after["c"].judge.predicates[0](KeyError())


def test_instances_of_a_function_that_returns_the_same_component_are_told_so() -> None:
    own = Component()

    def the_same() -> Component:
        return own

    makes = code(the_same)
    instances = [component(NOWHERE, f"c@{number}", component=makes, instance_of="c") for number in (1, 2)]
    _, mistakes = prepare(instances, reactor)
    assert [mistake.message for mistake in mistakes] == ["all instances of `c` are the same Component"]


def test_the_number_of_an_instance_goes_beside_what_the_component_has() -> None:
    def make() -> Component:
        return Component(extra={"kettle": "dry"})

    makes = code(make)
    alone = component(NOWHERE, "c@1", component=makes, instance_of="c", extra={"instance": 1})
    told = component(NOWHERE, "c@2", component=makes, instance_of="c", extra={"instance": 2, "cups": 3})
    blueprints, mistakes = prepare([alone, told], reactor)
    assert not mistakes
    assert blueprints["c@1"].extra() == {"kettle": "dry", "instance": 1}
    assert blueprints["c@2"].extra() == {"instance": 2, "cups": 3}


def test_one_that_is_in_use_can_not_become_another_component_as_well() -> None:
    own: Any = code(Component())
    before, _ = prepare([component(NOWHERE, "old", component=own)], reactor)
    _, mistakes = prepare([component(NOWHERE, "new", component=own)], reactor, before)
    assert [(mistake.path, mistake.message) for mistake in mistakes] == [
        (("components", "new", "component"), "components `old` and `new` are the same Component")
    ]
