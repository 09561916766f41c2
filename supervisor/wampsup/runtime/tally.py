"""What has happened to a fleet, counted for as long as it runs.

The counts of `core` begin anew when a person starts a component; these never go down. What is counted of a component is
forgotten with it, when a reload takes it out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Protocol

from wampsup.model.state import Connecting, Running
from wampsup.reactor.histogram import Histogram

if TYPE_CHECKING:
    from wampsup.core.component import Component
    from wampsup.model.outcome import Outcome
    from wampsup.model.transition import Cause

JOIN_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""By which attempts are told apart that became ready; `start_timeout` is 30 s by default."""


class Watched(Protocol):
    """What the tally wants to know of a component."""

    @property
    def name(self) -> str:
        """Its name."""


class Counts:
    """Of one component: automatic restarts, reconnects, attempts that became ready, and how attempts ended.

    `attempts` has the name of an outcome, and the kind of the problem with it, which is empty where there was none.
    """

    __slots__ = ("attempts", "joins", "reconnects", "restarts")

    def __init__(self) -> None:
        self.restarts = self.reconnects = self.joins = 0
        self.attempts: dict[tuple[str, str], int] = {}


class Tally:
    """The counts of one fleet.

    `joins` holds the seconds from the begin of an attempt until it was ready, of all components together; `reloads`
    counts by whether they came off.
    """

    def __init__(self) -> None:
        self.joins = Histogram(JOIN_SECONDS)
        self.reloads: Counter[bool] = Counter()
        self._components: defaultdict[str, Counts] = defaultdict(Counts)

    def of(self, component: str) -> Counts:
        """What has been counted of that component so far."""
        return self._components.get(component) or Counts()

    def forget(self, component: str) -> None:
        """It is out of the fleet."""
        self._components.pop(component, None)

    def record(self, unit: Watched, before: Component, after: Component, cause: Cause) -> None:
        """Count what there is to count about a transition; a watcher for `Fleet.watch`."""
        counts = self._components[unit.name]
        counts.restarts += max(after.restarts - before.restarts, 0)
        counts.reconnects += max(after.reconnects - before.reconnects, 0)
        if isinstance(before.state, Connecting) and isinstance(after.state, Running):
            counts.joins += 1
            self.joins.add(max(after.state.since - before.state.since, 0))
        if cause.outcome is not None:
            ended = _named(cause.outcome)
            counts.attempts[ended] = counts.attempts.get(ended, 0) + 1


def _named(outcome: Outcome) -> tuple[str, str]:
    problem = getattr(outcome, "problem", None)
    return type(outcome).__name__.lower(), "" if problem is None else problem.kind.value
