"""Strategies for whole fleets and for what happens to them.

A fleet is drawn as a draft: components by number, any edges between them (those that would close a circle are left
out), and two groups. A reload changes some numbers of the draft.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from hypothesis import strategies as st

from support.fleets import PROBLEM, TRANSPORT
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.order import predecessors
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    ExitWhen,
    FleetSpec,
    GroupSpec,
    RestartCondition,
    RestartPolicy,
    RetryPolicy,
    Strategy,
    SupervisorSpec,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_T = TypeVar("_T")

MOST = 8
NAMES = "abcdefgh"
GROUPS = ("g", "h")
NOISY = Backoff(initial_delay=1.0, max_delay=4.0, growth=2.0, jitter=0.5)
ENDS = (
    out.Completed(),
    out.Left(),
    out.Lost(problem=PROBLEM),
    out.Fatal(problem=PROBLEM),
    out.Failed(problem=PROBLEM),
    out.Failed(problem=PROBLEM),
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A component of a draft; `after` and `requires` are numbers of others, of whichever there are."""

    autostart: bool
    critical: bool
    policy: RestartCondition
    max_restarts: int
    max_retries: int
    transports: int
    after: tuple[int, ...]
    requires: tuple[int, ...]
    group: str | None
    version: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A fleet; `place` says where in the file each number stands."""

    parts: dict[int, Part]
    place: tuple[int, ...]
    groups: tuple[GroupSpec, ...]
    start_window: int
    exit_when: ExitWhen
    stop_timeout: float

    def spec(self) -> FleetSpec:
        """The fleet, without edges that would close a circle."""
        numbers = sorted(self.parts, key=lambda number: self.place[number])
        specs = {NAMES[number]: _bare(NAMES[number], self.parts[number]) for number in numbers}
        for number in numbers:
            name = NAMES[number]
            for key in ("requires", "after"):
                for other in getattr(self.parts[number], key):
                    if other in self.parts and other != number:
                        edges = (*getattr(specs[name], key), NAMES[other])
                        longer = specs | {name: _with(specs[name], key, edges)}
                        if not _has_circle(longer.values(), self.groups):
                            specs = longer
        supervisor = SupervisorSpec(
            name="edge",
            start_window=self.start_window,
            exit_when=self.exit_when,
            stop_timeout=self.stop_timeout,
        )
        return FleetSpec(supervisor=supervisor, components=tuple(specs.values()), groups=self.groups)

    def changed(self, edit: Reload) -> Draft:
        """The draft after that reload."""
        parts = dict(self.parts)
        for number, part in edit.parts:
            if part is not None:
                parts[number] = part
            elif number in parts and len(parts) > 1:
                del parts[number]
        groups, place = edit.groups or self.groups, edit.place or self.place
        return replace(self, parts=parts, groups=groups, place=place, start_window=edit.start_window)


# What can happen.

Answer = tuple[str, out.Outcome]
"""What an attempt does when it is told something, and how it ends where it does."""

Whim = tuple[str | None, ev.Command]
"""A command to a component by a watcher; `None` is the one that is watched."""


@dataclass(frozen=True)
class Answers:
    """Attempts will answer in these ways to what they are told, at once."""

    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Whims:
    """Watchers will do this in the midst of transitions; `None`: nothing."""

    whims: tuple[Whim | None, ...]


@dataclass(frozen=True)
class Person:
    """A person commands components; `places` count on from the last to the first one."""

    places: tuple[int, ...]
    event: ev.Command


@dataclass(frozen=True)
class Happens:
    """Something happens to an attempt; `place` says to which of those that are under way."""

    place: int
    answer: Answer


@dataclass(frozen=True)
class Router:
    """The router goes, with all connections, or is there again."""

    up: bool


@dataclass(frozen=True)
class Passes:
    """Seconds pass; `None`: until the next timer."""

    seconds: float | None


@dataclass(frozen=True)
class Fair:
    """The world lets everything work for so many steps."""

    steps: int


@dataclass(frozen=True)
class Reload:
    """The file is read again: other parts (`None`: taken out), groups, places and start window."""

    parts: tuple[tuple[int, Part | None], ...]
    groups: tuple[GroupSpec, ...]
    place: tuple[int, ...]
    start_window: int


@dataclass(frozen=True)
class Shutdown:
    """The end."""

    at_once: bool


Action = Answers | Whims | Person | Happens | Router | Passes | Fair | Reload | Shutdown


@dataclass(frozen=True)
class Story:
    """A fleet, what happens to it before it is shut down and after that.

    Those that are `hanging` do not leave until they are cut off.
    """

    draft: Draft
    actions: tuple[Action, ...]
    end: Shutdown
    afterwards: tuple[Action, ...]
    hanging: frozenset[str]
    seed: int


# The strategies.


def _lists(elements: st.SearchStrategy[_T], *, least: int, most: int, many: int) -> st.SearchStrategy[list[_T]]:
    """Lists that are long as often as not."""
    return st.lists(elements, min_size=least, max_size=most) | st.lists(elements, min_size=many, max_size=most)


_numbers = st.integers(0, MOST - 1)
_names = st.sampled_from(NAMES)
_edges = st.just(()) | st.just(()) | st.lists(_numbers, max_size=3, unique=True).map(tuple)
_policies: st.SearchStrategy[RestartCondition] = st.sampled_from(["on-failure", "always", "always", "never"])
_strategies: st.SearchStrategy[Strategy] = st.sampled_from(
    ["one-for-one", "one-for-all", "one-for-all", "rest-for-one", "rest-for-one"]
)
_exits: st.SearchStrategy[ExitWhen] = st.sampled_from(["never", "never", "all-done"])
_limits = st.sampled_from([-1, -1, -1, 0, 1, 2])
_commands: st.SearchStrategy[ev.Command] = st.sampled_from(
    [ev.Start(), ev.Start(), ev.Restart(), ev.Stop(), ev.Stop(at_once=True)]
)
_answers = st.tuples(
    st.sampled_from(["nothing", "nothing", "ready", "end", "end slowly", "ready and end", "finish"]),
    st.sampled_from(ENDS),
)
_parts = st.builds(
    Part,
    autostart=st.sampled_from([True, True, True, False]),
    critical=st.sampled_from([False] * 9 + [True]),
    policy=_policies,
    max_restarts=_limits,
    max_retries=_limits,
    transports=st.sampled_from([1, 1, 2]),
    after=_edges,
    requires=_edges,
    group=st.sampled_from([None, *GROUPS, GROUPS[0]]),
    version=st.integers(0, 1),
)
_groups = st.tuples(
    *(
        st.builds(
            GroupSpec,
            name=st.just(name),
            strategy=_strategies,
            max_restarts=_limits,
            window=st.sampled_from([3.0, 300.0]),
        )
        for name in GROUPS
    )
)
_as_it_is = tuple(range(MOST))
_places = st.just(_as_it_is) | st.permutations(_as_it_is).map(tuple)
_drafts = st.builds(
    Draft,
    parts=_lists(_parts, least=1, most=MOST, many=4).map(enumerate).map(dict),
    place=_places,
    groups=_groups,
    start_window=st.integers(1, MOST),
    exit_when=_exits,
    stop_timeout=st.sampled_from([3.0, 60.0]),
)
_reloads = st.builds(
    Reload,
    parts=st.lists(st.tuples(_numbers, st.none() | _parts), max_size=3).map(tuple),
    groups=st.just(()) | _groups,
    place=st.just(()) | _places,
    start_window=st.integers(1, MOST),
)
_persons = st.builds(Person, st.lists(_numbers, min_size=1, max_size=MOST, unique=True).map(tuple), _commands)
_happens = st.builds(Happens, _numbers, _answers)
_crashes = st.builds(Happens, _numbers, st.tuples(st.just("end"), st.sampled_from(ENDS[-1:])))
_passes = st.builds(Passes, st.sampled_from([None, None, 0.1, 1.0, 5.0, 30.0]))
_fair = st.builds(Fair, st.sampled_from([1, 3, 10, 40, 40]))
_actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(Answers, st.lists(_answers, min_size=1, max_size=6).map(tuple)),
    st.builds(Whims, st.lists(st.none() | st.tuples(_names | st.none(), _commands), min_size=1, max_size=6).map(tuple)),
    _persons,
    _persons,
    _happens,
    _happens,
    _crashes,
    _crashes,
    st.builds(Router, st.booleans()),
    _passes,
    _passes,
    _fair,
    _fair,
    _fair,
    _reloads,
)


def _after_a_good_start(actions: tuple[Action, ...]) -> st.SearchStrategy[tuple[Action, ...]]:
    return st.sampled_from([actions, (Fair(40), *actions)])


_ends = st.builds(Shutdown, st.booleans())
stories = st.builds(
    Story,
    draft=_drafts,
    actions=_lists(_actions, least=0, most=40, many=15).map(tuple).flatmap(_after_a_good_start),
    end=_ends,
    afterwards=st.lists(_actions | _ends, max_size=5).map(tuple),
    hanging=st.frozensets(_names, max_size=2),
    seed=st.integers(0, 1000),
)


def _bare(name: str, part: Part) -> ComponentSpec:
    transport = replace(TRANSPORT, retry=RetryPolicy(max_retries=part.max_retries, backoff=NOISY))
    return ComponentSpec(
        name=name,
        main="m:main",
        extra={"version": part.version},
        transports=(transport,) * part.transports,
        autostart=part.autostart,
        critical=part.critical,
        group=part.group,
        restart=RestartPolicy(policy=part.policy, max_restarts=part.max_restarts, backoff=NOISY),
    )


def _with(spec: ComponentSpec, key: Literal["requires", "after"], edges: tuple[str, ...]) -> ComponentSpec:
    return replace(spec, requires=edges) if key == "requires" else replace(spec, after=edges)


def _has_circle(components: Iterable[ComponentSpec], groups: tuple[GroupSpec, ...]) -> bool:
    edges = predecessors(components, groups)
    while free := [name for name, others in edges.items() if not edges.keys() & set(others)]:
        for name in free:
            del edges[name]
    return bool(edges)
