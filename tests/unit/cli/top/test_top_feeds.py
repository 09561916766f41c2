"""What keeps a view fed."""

from __future__ import annotations

from typing import Any

from support.viewed import GONE, MemorySource, component, event
from support.waiting import wait_until
from wampsup.cli.top.feeds import Feeds


class Told:
    """What feeds have told."""

    def __init__(self, source: MemorySource, interval: float = 0.01) -> None:
        self.seen: list[Any] = []
        self.lost: list[Any] = []
        self.happened: list[Any] = []
        self.feeds = Feeds(
            source, seen=self.seen.append, lost=self.lost.append, happened=self.happened.append, interval=interval
        )


def test_a_fleet_is_looked_at_again_and_again_whatever_comes_between() -> None:
    source = MemorySource(component("clock"))
    told = Told(source)
    told.feeds.start()
    wait_until(lambda: len(told.seen) > 2)
    source.lost = GONE
    wait_until(lambda: told.lost)
    source.lost, count = None, len(told.seen)
    wait_until(lambda: len(told.seen) > count)
    told.feeds.stop()
    source.happened.put(None)


def test_a_stream_that_breaks_off_is_taken_up_again() -> None:
    source = MemorySource()
    told = Told(source)
    told.feeds.start()
    for number in range(3):
        source.happened.put([event("clock", "stopped", number=number)])
        source.happened.put(None)
    wait_until(lambda: len(told.happened) == 3)
    wait_until(lambda: source.streams == 4)
    told.feeds.stop()
    source.happened.put(None)


def test_who_is_in_a_hurry_does_not_wait_for_the_next_look() -> None:
    source = MemorySource()
    told = Told(source, interval=1000)
    told.feeds.start()
    wait_until(lambda: len(told.seen) == 1)
    told.feeds.hurry()
    wait_until(lambda: len(told.seen) == 2)
    told.feeds.stop()
    source.happened.put(None)


def test_after_its_end_nothing_is_told() -> None:
    source = MemorySource()
    told = Told(source)
    told.feeds.start()
    wait_until(lambda: source.streams)
    told.feeds.stop()
    source.happened.put([event("clock", "stopped")])
    source.happened.put(None)
    wait_until(source.happened.empty)
    assert told.happened == []
