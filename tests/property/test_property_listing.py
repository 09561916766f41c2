"""Whatever happens to a fleet, its list says of each component what it would say if it were written for the first time.

The fleets and what happens to them are those of `test_property_fleet`; the list is asked for after every action, in the
midst of every decision that is carried out, and while accounts grow.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings

from support.drawn import stories
from support.listed import Counts, fresh, listed
from support.whole import Whole
from wampsup.control.listing import Listing

if TYPE_CHECKING:
    from support.drawn import Action, Story
    from wampsup.reactor.account import Account


class Listed(Whole):
    """The world of a story, in which all the time somebody asks for the list."""

    def __init__(self, story: Story) -> None:
        super().__init__(story)
        self._chance = random.Random(story.seed)
        self._listing = Listing(self.fleet, self.clock.seconds, turn=_never)
        self.fleet.watch(lambda *_: self._list())

    def _act(self, action: Action) -> None:
        for unit in self.fleet.units.values():
            if self._chance.random() < 0.2:
                use(unit.account, self._chance)
        super()._act(action)
        self._list()

    def _list(self) -> None:
        units = list(self.fleet.units.values())
        some = self._chance.sample(units, self._chance.randint(0, len(units)))
        for asked in (units, some):
            assert listed(self._listing, asked) == fresh(asked, self.clock.seconds())


def use(account: Account, chance: random.Random) -> None:
    """Something of the account grows, or its connection is another one."""
    match chance.randrange(6):
        case 0:
            account.in_loop_ns += chance.randrange(10**9)
        case 1:
            account.in_threads_ns += chance.randrange(10**9)
        case 2:
            account.stalls += 1
            account.longest_stall_ns = max(account.longest_stall_ns, chance.randrange(10**10))
        case 3:
            account.count(Counts(chance.randrange(3), chance.randrange(3)))
        case 4:
            account.count(None)
        case _:
            account.in_10 = chance.choice([0, 10**7])


def _never() -> Any:
    raise AssertionError("a short list is made at once")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories)
def test_a_list_says_what_it_would_say_for_the_first_time(story: Story) -> None:
    Listed(story).tell()
