"""What is counted of whole fleets in a simulated world: everything once, in any order of events."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from support.drawn import Story, stories
from support.whole import Whole
from wampsup.model.state import Reconnecting
from wampsup.runtime.tally import Tally

if TYPE_CHECKING:
    from support.attempts import TwinAttempt
    from wampsup.core.component import Component
    from wampsup.model.transition import Cause
    from wampsup.runtime.unit import Unit

pytestmark = pytest.mark.timeout(600)  # to shrink a failure takes minutes


class Counting:
    """The tally of a story that is told, and the transitions to `reconnecting` as a witness sees them."""

    def __init__(self, story: Story) -> None:
        self.whole = Whole(story)
        self.tally = Tally()
        self.reconnects: Counter[str] = Counter()
        self.whole.fleet.watch(self.tally.record)
        self.whole.fleet.watch(self._witness)
        self.whole.tell()

    def _witness(self, unit: Unit, before: Component, after: Component, cause: Cause) -> None:
        self.reconnects[unit.name] += isinstance(after.state, Reconnecting) and before.state is not after.state


def ended(attempt: TwinAttempt) -> tuple[str, str]:
    """How it is counted."""
    assert attempt.over
    problem = getattr(attempt.outcome, "problem", None)
    return type(attempt.outcome).__name__.lower(), problem.kind.value if problem else ""


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories)
def test_every_attempt_is_counted_once_by_how_it_ended(story: Story) -> None:
    counting = Counting(story)
    for name, made in counting.whole.attempts.made.items():
        counts = counting.tally.of(name)
        assert counts.attempts == Counter(map(ended, made))
        assert counts.joins <= sum(one.ready for one in made)
        assert counts.reconnects == counting.reconnects[name]
        assert counts.restarts >= 0
