"""A whole fleet in a simulated world: it tells a drawn `Story`, and after every decision checks all that must be true.

The shell is the real one, on a clock of its own. `seen` follows the transitions that watchers are told, one by one, so
that each is judged by what was true at that very moment.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogLevel, eventAsText, globalLogPublisher

from support.attempts import Attempts, TwinAttempt
from support.books import consistent, down, is_off, on_their_way_up
from support.drawn import Answers, Fair, Happens, Passes, Person, Reload, Router, Shutdown, Whims
from support.fleets import PROBLEM
from support.grouped import GroupModel, models_of
from wampsup.core.component import has_ended
from wampsup.core.notice import Moved
from wampsup.core.reload import plan
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.order import predecessors
from wampsup.model.state import Connecting, Desired, Failed, Fatal, Running, Stopped, Stopping, Waiting
from wampsup.model.transition import GROUP, RELOAD, SHUTDOWN
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.blueprint import Blueprint
from wampsup.wamp.verdict import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from twisted.logger import ILogObserver, LogEvent

    from support.drawn import Action, Answer, Story, Whim
    from wampsup.core.component import Component
    from wampsup.core.fleet import Fleet as Core
    from wampsup.core.notice import Notice
    from wampsup.model.spec import ComponentSpec, FleetSpec
    from wampsup.model.transition import Cause
    from wampsup.runtime.unit import Unit

DECISIONS_TO_LEAVE = {"stop", "restart", "hold", "give-up"}


class Observed(Fleet):
    """A fleet that lets each decision be looked at, before and after."""

    before: Callable[[partial[list[Notice]]], None]
    after: Callable[[], None]

    @property
    def core(self) -> Core:
        """Its decisions."""
        return self._core

    def _decide(self, decide: Callable[[float], list[Notice]]) -> None:
        self.before(cast("partial[list[Notice]]", decide))
        super()._decide(decide)
        self.after()


class Whole:
    """The world of one story; `lines` is its trace, and `kinds` gathers what kinds of transitions came about."""

    def __init__(self, story: Story) -> None:
        random.seed(story.seed)
        self.story = story
        self.draft = story.draft
        self.whim = random.Random(story.seed)
        self.clock = Clock()
        self.attempts = Attempts(self._told)
        self.router_up = True
        self.answers: list[Answer] = []
        self.whims: list[Whim | None] = []
        self.lines: list[str] = []
        self.kinds: set[str] = set()
        self.bugs: list[str] = []
        self.ended: list[int] = []
        spec = self.draft.spec()
        self.fleet = Observed(
            spec, {one.name: _blueprint(one) for one in spec.components}, self.clock, build_attempt=self.attempts
        )
        self.core = self.fleet.core
        self.seen: dict[str, Component] = dict(self.core.components)
        self.wanted = dict.fromkeys(self.seen, False)
        self.stopped_by: dict[str, str | None] = dict.fromkeys(self.seen)
        self.groups: dict[str, GroupModel] = models_of(spec, {})
        self.expected_code: int | None = None
        self._moves: list[Moved] = []
        self._at_once: set[str] = set()
        self._in_order: dict[str, Cause] = {}
        self.fleet.before, self.fleet.after = self._before_decision, self._after_decision
        self.fleet.watch(self._watches)
        self.fleet.wait_ended().addCallback(self.ended.append)

    # The story.

    def tell(self) -> Whole:
        """Tell the whole story, and check everything."""
        observer = cast("ILogObserver", self._logs)
        globalLogPublisher.addObserver(observer)
        try:
            self.fleet.start()
            for action in self.story.actions:
                self._act(action)
            self._everything_settles()
            self._everybody_has_a_turn()
            for action in (self.story.end, *self.story.afterwards):
                self._act(action)
            self._everything_ends()
        finally:
            globalLogPublisher.removeObserver(observer)
        return self

    def _act(self, action: Action) -> None:  # noqa: C901 - a case for each action
        self.lines.append(f"{self.clock.seconds():.6f} {type(action).__name__}")
        match action:
            case Answers(answers):
                self.answers = list(answers)
            case Whims(whims):
                self.whims = list(whims)
            case Person(places, event):
                units = list(self._units())
                chosen = {place % len(units) for place in places} if units else set()
                self.fleet.command([unit for place, unit in enumerate(units) if place in chosen], event)
            case Happens(place, answer):
                if alive := list(self.attempts.alive.items()):
                    self._answer(*alive[place % len(alive)], answer)
            case Router(up):
                self.router_up = up
                for attempt in () if up else self.attempts.alive.values():
                    attempt.end(out.Lost(problem=PROBLEM))
            case Passes(seconds):
                self._pass(seconds)
            case Fair(steps):
                for _ in range(steps):
                    self._go_on()
            case Reload():
                self.draft = self.draft.changed(action)
                spec = self.draft.spec()
                self.fleet.reload(spec, {name: _blueprint(one) for name, one in _touched(self.fleet.spec, spec)})
            case Shutdown(at_once):
                self.fleet.shutdown(at_once=at_once)
        self._each_has_the_timer_and_the_attempt_of_its_state()
        assert not self.bugs, self.bugs[0]

    # The world.

    def _told(self, name: str, attempt: TwinAttempt, what: str) -> None:
        self.lines.append(f"{self.clock.seconds():.6f} {name}: {what} {attempt.number} over {attempt.transport}")
        if what == "begin" and not self.router_up:
            attempt.end(out.Lost(problem=PROBLEM))
        elif self.answers:
            self._answer(name, attempt, self.answers.pop(0))

    def _answer(self, name: str, attempt: TwinAttempt, answer: Answer) -> None:
        how, outcome = answer
        if "ready" in how and self.router_up:
            attempt.become_ready()
        if "end" in how:
            attempt.end(outcome, slowly="slowly" in how)
        if how == "finish" and self._may_finish(name, attempt):
            attempt.finish()

    def _may_finish(self, name: str, attempt: TwinAttempt) -> bool:
        hangs = name in self.story.hanging and attempt.orders[-1] == "leave"
        return attempt.must_end and not hangs

    def _watches(self, unit: Unit, before: Component, after: Component, cause: Cause) -> None:
        self._moves.append(Moved(name=unit.name, before=before, after=after, cause=cause))
        whim = self.whims.pop(0) if self.whims else None
        if whim is not None:
            self.fleet.command([one for one in self._units() if one.name == (whim[0] or unit.name)], whim[1])

    def _go_on(self) -> bool:
        """Let one attempt do what it wants to, or else the next timer fire; False where there is nothing to do."""
        alive = self.attempts.alive
        up = [name for name, one in alive.items() if self.router_up and one.outcome is None and not one.ready]
        gone = [name for name, one in alive.items() if self._may_finish(name, one)]
        if not up + gone:
            return self._pass(None)
        attempt = alive[self.whim.choice(up + gone)]
        attempt.become_ready()
        attempt.finish()
        return True

    def _pass(self, seconds: float | None) -> bool:
        timers = self._timers()
        if seconds is None and timers:
            seconds = max(timers[0] - self.clock.seconds(), 0)
        if seconds is not None:
            self.clock.advance(seconds)
        return seconds is not None

    def _timers(self) -> list[float]:
        calls: list[Any] = list(self.clock.getDelayedCalls())
        return sorted(call.getTime() for call in calls)

    def _units(self) -> Iterable[Unit]:
        return self.fleet.units.values()

    def _logs(self, event: LogEvent) -> None:
        if event.get("log_level") is LogLevel.critical and "log_failure" in event:
            self.bugs.append(eventAsText(event))

    # What must come of it in the end.

    def _settle(self) -> None:
        self.answers, self.whims, self.router_up = [], [], True
        for _ in range(12 * len(self.seen) + 20):
            if not self._go_on():
                break
        else:
            raise AssertionError("it does not settle")
        assert not self.bugs, self.bugs[0]

    def _everything_settles(self) -> None:
        """Whoever is wanted, and not held by something that is down, runs before long in a world that lets it."""
        self._settle()
        lost = down(self.core)
        for name, one in self.core.components.items():
            held = isinstance(one.state, Waiting) and name in lost
            assert held or has_ended(one) or isinstance(one.state, Running), f"{name} is stuck in {one.state}"
            if isinstance(one.state, Running):
                assert not self.core.waits_for(name), f"{name} is never told to leave"
                for other in self.core._dependencies.requires[name]:
                    assert isinstance(self.core.components[other].state, Running), f"{name} runs without {other}"

    def _everybody_has_a_turn(self) -> None:
        if not self.fleet.ending:
            self.fleet.command(self._units(), ev.Start())
            self._settle()
            assert all(isinstance(unit.component.state, Running) for unit in self._units())

    def _everything_ends(self) -> None:
        began = self.clock.seconds()
        self._settle()
        assert self.clock.seconds() <= began + self.fleet.spec.supervisor.stop_timeout + 1e-6
        assert all(isinstance(one.state, Stopped) for one in self.core.components.values())
        assert (self.attempts.alive, self._timers()) == ({}, [])
        assert self.ended == [self.expected_code]
        for made in self.attempts.made.values():
            assert all(attempt.over for attempt in made)

    def _each_has_the_timer_and_the_attempt_of_its_state(self) -> None:
        due = [unit.component.due for unit in self._units() if unit.component.due is not None]
        timers = self._timers()
        if self.fleet.ending and not self.ended:
            late = [time for time in timers if time not in due]
            due += late[:1] or timers[:1]
        assert timers == pytest.approx(sorted(due))
        attempts = {name: attempt.number for name, attempt in self.attempts.alive.items()}
        assert attempts == {unit.name: unit.component.attempt for unit in self._units() if unit.component.attempt}

    # What must be true of every decision.

    def _before_decision(self, decide: partial[list[Notice]]) -> None:
        self._at_once.clear()
        self._in_order.clear()
        self._moves.clear()
        self._asked: list[str] = []
        ending = self.core.exit_code is not None
        match decide.func.__name__ if isinstance(decide, partial) else decide.__name__:
            case "start":
                self._want((one.name for one in self.core.spec.components if one.autostart), up=True)
            case "command":
                names, event = decide.args
                self._person([name for name in names if name in self.seen], event, ending=ending)
            case "shutdown":
                self.expected_code = decide.keywords["exit_code"] if not ending else self.expected_code
                self._at_once.update(self.seen if decide.keywords["at_once"] else ())
            case "cut_off":
                self._at_once.update(self.seen)
            case "_become" if not ending:
                self._reloads(decide.args[0])

    def _person(self, names: list[str], event: ev.Command, *, ending: bool) -> None:
        if isinstance(event, ev.Stop):
            self._at_once.update(names if event.at_once else ())
            self._want(names, up=False, by=event.by)
        elif not ending:
            names = self._asked = [name for name in names if name not in self.core._removed]
            self._want(names, up=True)
            for name in names:
                for group in self._groups_of(name):
                    group.person_starts(name, self.seen)

    def _reloads(self, spec: FleetSpec) -> None:
        named = {one.name: one for one in spec.components}
        for name, one in named.items():
            self.wanted.setdefault(name, False)
            if one.autostart and not self.wanted[name] and self.stopped_by.get(name) in {None, RELOAD}:
                self._want([name], up=True)
        self._want(self.seen.keys() - named.keys(), up=False, by=RELOAD)
        self.groups = models_of(spec, self.groups)

    def _want(self, names: Iterable[str], *, up: bool, by: str | None = None) -> None:
        for name in names:
            if up or self.wanted[name] or self.stopped_by.get(name) in {None, RELOAD}:
                self.stopped_by[name] = by
            self.wanted[name] = up

    def _groups_of(self, name: str) -> Iterator[GroupModel]:
        return (group for group in self.groups.values() if name in group.members)

    def _after_decision(self) -> None:
        if self.core.exit_code is not None:
            self._mind_the_end()
        first = {moved.name: moved.before for moved in reversed(self._moves)}
        self.seen = {**self.core.components, **first, **self.seen}
        for moved in self._moves:
            self._see(moved)
        for name in [name for name in self.seen if name not in self.core.components]:
            assert isinstance(self.seen[name].state, Stopped), f"{name} is forgotten, and has not left"
            del self.seen[name], self.wanted[name], self.stopped_by[name]
        for name, one in self.core.components.items():
            assert (self.seen[name].state, self.seen[name].desired) == (one.state, one.desired)
        self.seen = dict(self.core.components)
        consistent(self.core)
        for group_name, group in self.groups.items():
            group.go_on(self.core._groups[group_name].clearing)
        self._a_critical_component_that_ended_badly_ends_the_fleet()
        self._a_persons_word_is_kept()
        self._who_runs_without_what_it_requires_is_about_to_leave()
        self._nobody_waits_for_nothing()
        self._a_group_that_has_spent_its_restarts_ends()

    def _mind_the_end(self) -> None:
        """Who ended it by itself, and with which code."""
        if self.expected_code is None:
            specs = self.core._specs
            ends = (moved for moved in self._moves if isinstance(moved.after.state, Failed | Fatal))
            if any(specs[moved.name].critical for moved in ends if moved.name in specs):
                self.expected_code = 1
            else:
                states = {name: one.state for name, one in self.core.components.items()}
                for moved in reversed(self._moves):
                    if moved.cause.by == SHUTDOWN:
                        states[moved.name] = moved.before.state
                assert self.core.spec.supervisor.exit_when == "all-done"
                self.expected_code = int(any(isinstance(state, Failed | Fatal) for state in states.values()))
        assert self.core.exit_code == self.expected_code
        self._want(self.wanted, up=False, by=SHUTDOWN)

    # What must be true of every transition.

    def _see(self, moved: Moved) -> None:
        name, before, after, cause = moved.name, moved.before, moved.after, moved.cause
        known = self.seen[name]
        assert (known.state, known.desired) == (before.state, before.desired)
        self.seen[name] = after
        by = (cause.by or "").partition(":")[0]
        self.kinds.add(f"{cause.event} {by}: {before.state.name} -> {after.state.name}")
        fate = f"{before.state} -> {after.state} {after.desired} {cause.event} {cause.by}"
        self.lines.append(f"{self.clock.seconds():.6f} {name}: {fate}")
        if cause.event == "stop" and (cause.by or "").startswith(GROUP):
            self._want([name], up=False, by=cause.by)
        if isinstance(after.state, Connecting) and not isinstance(before.state, Connecting):
            self._may_begin(name)
        if isinstance(before.state, Running) and isinstance(after.state, Stopping):
            self._leaves_after_those_behind_it(name, cause)
        for group in self._groups_of(name):
            group.moves(moved, self.seen, self.clock.seconds())

    def _may_begin(self, name: str) -> None:
        assert self.seen[name].desired is Desired.UP, f"{name} begins, and nobody wants it"
        assert len(on_their_way_up(self.seen)) <= self.core.spec.supervisor.start_window, "too many on their way up"
        required = self.core._dependencies.requires[name]
        for other in predecessors(self.core.spec.components, self.core.spec.groups)[name]:
            if not isinstance(self.seen[other].state, Running):
                assert other not in required, f"{name} begins without {other}"
                assert not self._comes(other), f"{name} begins before {other}"

    def _comes(self, name: str) -> bool:
        """Whether it is wanted, has not ended, is not about to, and has all that it requires, or that comes as well."""
        one = self.seen[name]
        about_to = isinstance(self.core._leaving.order_of(name), ev.Stop | ev.GiveUp)
        off = one.desired is Desired.DOWN or one.given_up_with is not None or has_ended(one) or about_to
        return not off and all(map(self._comes, self.core._dependencies.requires[name]))

    def _leaves_after_those_behind_it(self, name: str, cause: Cause) -> None:
        if cause.event not in DECISIONS_TO_LEAVE:
            return
        behind = set(self.core._dependencies.behind(name))
        if name not in self._at_once:
            for other in behind:
                assert not isinstance(self.seen[other].state, Stopping), f"{name} leaves before {other} has left"
            self._in_order[name] = cause
        for other in self._in_order:
            late = name in self.core._dependencies.behind(other)
            assert not late or name in self._at_once, f"{other} leaves before {name} is told to"

    # What must be true after every decision.

    def _a_persons_word_is_kept(self) -> None:
        for name, one in self.core.components.items():
            assert (one.desired is Desired.UP) == self.wanted[name], f"{name}: wanted {self.wanted[name]}, {one}"
        for name in self._asked:
            assert self.fleet.ending or not is_off(self.core, name), f"{name} was started, and does not come"

    def _a_critical_component_that_ended_badly_ends_the_fleet(self) -> None:
        specs = self.core._specs
        bad = {moved.name for moved in self._moves if isinstance(moved.after.state, Failed | Fatal)}
        critical = [name for name in bad if name in specs and specs[name].critical]
        assert not critical or self.fleet.ending, f"{critical} ended badly, and the fleet goes on"

    def _who_runs_without_what_it_requires_is_about_to_leave(self) -> None:
        lost = down(self.core)
        for name, one in self.core.components.items():
            if isinstance(one.state, Running) and lost.intersection(self.core._dependencies.requires[name]):
                assert self.core.waits_for(name), f"{name} runs on without what it requires"

    def _nobody_waits_for_nothing(self) -> None:
        full = len(on_their_way_up(self.core.components)) >= self.core.spec.supervisor.start_window
        for name, one in self.core.components.items():
            if not isinstance(one.state, Waiting):
                continue
            holders = self.core.waits_for(name)
            assert holders or full, f"{name} waits, and there is a place"
            for holder in holders:
                if holder.startswith(GROUP):
                    group = self.groups[holder.removeprefix(GROUP)]
                    assert group.clear_of, f"{name} waits for {holder}, which is clear"
                else:
                    runs = isinstance(self.core.components[holder].state, Running)
                    assert not runs or self.core.waits_for(holder), f"{name} waits for {holder}, which runs"

    def _a_group_that_has_spent_its_restarts_ends(self) -> None:
        for group in self.groups.values():
            if group.has_spent_now:
                group.has_spent_now = False
                for name in group.members:
                    assert is_off(self.core, name), f"the group of {name} gives up, and {name} goes on"


def _touched(old: FleetSpec, new: FleetSpec) -> Iterable[tuple[str, ComponentSpec]]:
    changes = plan(old, new)
    names = {*changes.added, *changes.restarted, *changes.updated}
    return [(one.name, one) for one in new.components if one.name in names]


def _blueprint(spec: ComponentSpec) -> Blueprint:
    assert spec.transports is not None
    return Blueprint(
        name=spec.name,
        main=None,
        session_factory=lambda _config: None,
        realm="realm1",
        transports=spec.transports,
        judge=Judge(()),
    )


def trace_of(story: Story) -> list[str]:
    """All that happens in it, in order."""
    return Whole(story).tell().lines
