"""Whatever a fleet goes through, a reload makes it the fleet of the new file, and touches nobody without need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import event, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from support.attempts import Attempts, TwinAttempt
from support.fleets import BACKOFF, PROBLEM, TRANSPORT
from wampsup.core.reload import plan
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import UNLIMITED, ComponentSpec, FleetSpec, GroupSpec, RestartPolicy, SupervisorSpec
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.blueprint import Blueprint
from wampsup.wamp.verdict import Judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wampsup.model.spec import Strategy

NAMES = "abcdef"
COMMANDS: dict[str, ev.Start | ev.Stop | ev.Restart] = {"start": ev.Start(), "stop": ev.Stop(), "restart": ev.Restart()}
PATIENT = RestartPolicy(backoff=BACKOFF, max_restarts=UNLIMITED)


@st.composite
def fleets(draw: st.DrawFn) -> FleetSpec:
    """A fleet of some of the names, in alphabetical order; each may need and follow those before it."""
    names = sorted(draw(st.sets(st.sampled_from(NAMES), min_size=1)))
    components = []
    for index, name in enumerate(names):
        some_before = st.sets(st.sampled_from(names[:index]), max_size=2) if index else st.just(set())
        components.append(
            ComponentSpec(
                name=name,
                main="m:main",
                realm=draw(st.sampled_from(["realm1", "realm2"])),
                autostart=draw(st.sampled_from([True, True, True, False])),
                requires=tuple(sorted(draw(some_before))),
                after=tuple(sorted(draw(some_before))),
                group=draw(st.sampled_from([None, "g"])),
                stop_timeout=draw(st.sampled_from([1.0, 2.0])),
                restart=PATIENT,
            )
        )
    strategy: Strategy = draw(st.sampled_from(["one-for-one", "one-for-all", "rest-for-one"]))
    window = draw(st.sampled_from([1, 64]))
    return FleetSpec(
        supervisor=SupervisorSpec(name="edge", start_window=window),
        components=tuple(components),
        groups=(GroupSpec(name="g", strategy=strategy, max_restarts=UNLIMITED),),
    )


@dataclass(frozen=True)
class Step:
    """Something that happens: `reload` to `spec`, `settle`, or something to the component `name`."""

    what: str
    name: str
    spec: FleetSpec


STEPS = st.builds(
    Step,
    what=st.sampled_from(["reload", "reload", "settle", "start", "stop", "restart", "ready", "crash", "gone"]),
    name=st.sampled_from(NAMES),
    spec=fleets(),
)


class World:
    """A fleet in memory, and who was stopped by a person."""

    def __init__(self, spec: FleetSpec) -> None:
        self.clock = Clock()
        self.attempts = Attempts()
        self.stopped: set[str] = set()
        self.fleet = Fleet(spec, blueprints(spec.components), self.clock, build_attempt=self.attempts)
        self.fleet.start()

    @property
    def names(self) -> list[str]:
        return [component.name for component in self.fleet.spec.components]

    @property
    def running(self) -> dict[str, TwinAttempt]:
        """The attempts of those that run, by name."""
        alive = self.attempts.alive
        states = {name: unit.component.state.name for name, unit in self.fleet.units.items()}
        return {name: alive[name] for name in self.names if states[name] == "running"}

    def take(self, step: Step) -> None:
        match step.what:
            case "reload":
                self.reload(step.spec)
            case "settle":
                self.settle()
            case "start" | "stop" | "restart" if step.name in self.names:
                self.fleet.command(self.fleet.select([step.name]), COMMANDS[step.what])
                self.stopped.discard(step.name)
                self.stopped |= {step.name} if step.what == "stop" else set()
            case _ if step.name in self.attempts.alive:
                self.befall(self.attempts.alive[step.name], step.what)
        self.clock.advance(0)

    def befall(self, attempt: TwinAttempt, what: str) -> None:
        match what:
            case "ready":
                attempt.become_ready()
            case "crash":
                attempt.end(out.Failed(problem=PROBLEM))
            case "gone":
                attempt.finish()

    def reload(self, spec: FleetSpec) -> None:
        planned = plan(self.fleet.spec, spec)
        touched = {*planned.added, *planned.restarted, *planned.updated}
        self.fleet.reload(spec, blueprints(one for one in spec.components if one.name in touched))
        self.stopped &= {*planned.unchanged, *planned.updated, *planned.restarted}

    def settle(self) -> None:
        """Let every attempt come to what it is on its way to, and every timer come due."""
        for _ in range(100):
            for attempt in list(self.attempts.alive.values()):
                attempt.finish() if attempt.must_end else attempt.become_ready()
            self.clock.advance(0)
            if not any(attempt.must_end or not attempt.ready for attempt in self.attempts.alive.values()):
                before = dict(self.attempts.alive)
                self.clock.advance(100)
                if before == self.attempts.alive:
                    return
        raise AssertionError(f"it does not settle: {self.fleet.units}")


def blueprints(components: Iterable[ComponentSpec]) -> dict[str, Blueprint]:
    return {
        one.name: Blueprint(
            name=one.name,
            main=None,
            session_factory=lambda _config: None,
            realm=one.realm or "",
            transports=(TRANSPORT,),
            judge=Judge(()),
        )
        for one in components
    }


def needs(spec: FleetSpec, name: str) -> set[str]:
    """All that the component needs, and all that those need."""
    direct = {one.name: one.requires for one in spec.components}
    found: set[str] = set()
    todo = list(direct[name])
    while todo:
        each = todo.pop()
        found.add(each)
        todo += direct[each]
    return found


@settings(max_examples=300, deadline=None)
@given(fleets(), st.lists(STEPS, max_size=20))
def test_after_anything_the_fleet_is_that_of_the_file_and_of_what_persons_asked_for(
    first: FleetSpec, steps: list[Step]
) -> None:
    world = World(first)
    for step in steps:
        world.take(step)
    world.settle()
    spec = world.fleet.spec
    assert list(world.fleet.units) == world.names  # nobody who was taken out is left
    assert not world.attempts.alive.keys() - set(world.names)
    components = {name: unit.component for name, unit in world.fleet.units.items()}
    assert not world.stopped & world.running.keys()
    wanted = {name for name, component in components.items() if component.desired == "up"}
    for name in world.names:
        fine = {name} | needs(spec, name) <= wanted
        assert (name in world.running) == fine, (name, components)


@settings(max_examples=300, deadline=None)
@given(fleets(), fleets(), st.lists(STEPS, max_size=8))
def test_a_reload_touches_nobody_without_need(first: FleetSpec, second: FleetSpec, steps: list[Step]) -> None:
    world = World(first)
    for step in steps:
        world.take(step)
    world.settle()
    before = world.running
    planned = plan(world.fleet.spec, second)
    world.reload(second)
    world.settle()
    after = world.running
    for name in {*planned.unchanged, *planned.updated} & before.keys():
        if needs(second, name) <= before.keys() & after.keys():
            event("a component that stays")
            assert after[name] is before[name], (name, planned)
    for name in {*planned.restarted} & before.keys() & after.keys():
        assert after[name] is not before[name]


@settings(max_examples=100, deadline=None)
@given(fleets(), fleets())
def test_a_plan_says_of_each_component_one_thing_and_leads_to_the_new_file(old: FleetSpec, new: FleetSpec) -> None:
    planned = plan(old, new)
    stays = planned.unchanged + planned.updated + planned.restarted
    assert sorted(stays + planned.added) == [one.name for one in new.components]
    assert sorted(stays + planned.removed) == [one.name for one in old.components]
    assert plan(new, replace(new)).unchanged == tuple(one.name for one in new.components)
