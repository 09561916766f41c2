"""What the readers of a ring get: every entry once and in order, or a count of the lost; whoever adds it, and when."""

from __future__ import annotations

import gc
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from wampsup.runtime.ring import Ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.runtime.place import Place, Taken


class Entry:
    """An entry of that component."""

    def __init__(self, component: str | None = None) -> None:
        self.id = 0
        self.component = component


def ring_of(size: int, count: int = 0) -> Ring[Entry]:
    ring: Ring[Entry] = Ring(size)
    add(ring, count)
    return ring


def add(ring: Ring[Entry], count: int, component: str | None = None) -> None:
    for _ in range(count):
        ring.add(Entry(component))


def numbers(taken: Taken[Entry] | None) -> Any:
    return taken and (taken.lost, [entry.id for entry in taken.entries])


def all_of(place: Place[Entry]) -> list[int]:
    """The numbers of all that lies ahead, where nothing is lost."""
    told: list[int] = []
    while taken := place.take(7):
        assert taken.lost == 0
        told += [entry.id for entry in taken.entries]
    return told


def test_only_the_latest_entries_are_kept() -> None:
    ring = ring_of(3, 2)
    assert all_of(ring.subscribe()) == [1, 2]
    add(ring, 5)
    assert ring.last == 7
    assert all_of(ring.subscribe()) == [5, 6, 7]


def test_a_reader_goes_from_the_past_to_the_present_without_a_gap_or_a_duplicate() -> None:
    woken: list[int] = []
    ring = ring_of(10, 3)
    place = ring.subscribe(lambda: woken.append(ring.last))
    assert numbers(place.take(2)) == (0, [1, 2])
    add(ring, 1)
    assert woken == []
    assert numbers(place.take(2)) == (0, [3, 4])
    assert place.take(2) is None
    add(ring, 2)
    assert woken == [5]
    assert numbers(place.take(9)) == (0, [5, 6])


def test_a_slow_reader_loses_entries_and_is_told_how_many_and_where_it_goes_on() -> None:
    ring = ring_of(4)
    place = ring.subscribe()
    add(ring, 3)
    assert numbers(place.take(1)) == (0, [1])
    add(ring, 6)
    taken = place.take(2)
    assert numbers(taken) == (4, [6, 7])
    assert taken is not None
    assert taken.after == 5
    assert numbers(place.take(9)) == (0, [8, 9])


@pytest.mark.parametrize(
    ("after", "lost", "first"),
    [(None, 0, 4), (0, 3, 4), (2, 1, 4), (3, 0, 4), (5, 0, 6), (6, 0, None), (7, 0, 4), (10**17, 0, 4)],
)
def test_a_reader_resumes_where_it_was_or_is_told_what_it_missed(
    after: int | None, lost: int, first: int | None
) -> None:
    taken = ring_of(3, 6).subscribe(after=after).take(1)
    assert numbers(taken) == (None if first is None else (lost, [first]))


@pytest.mark.parametrize(
    ("tail", "wanted", "first"),
    [
        (0, lambda _: True, None),
        (1, lambda _: True, 9),
        (2, lambda _: True, 8),
        (99, lambda _: True, 5),
        (1, lambda component: component == "odd", 9),
        (2, lambda component: component == "odd", 7),
        (1, lambda component: component == "even", 8),
        (1, lambda component: component == "none", None),
    ],
)
def test_a_reader_can_begin_with_the_latest_that_it_wants(
    tail: int, wanted: Callable[[str | None], bool], first: int | None
) -> None:
    ring = ring_of(5)
    for number in range(1, 10):
        ring.add(Entry("odd" if number % 2 else "even"))
    told = all_of(ring.subscribe(wanted=wanted, tail=tail))
    assert (told[0] if told else None) == first
    assert len(told) <= tail


def test_a_reader_of_an_empty_ring_begins_with_the_first_entry() -> None:
    for tail in (0, 5):
        ring = ring_of(5)
        place = ring.subscribe(tail=tail)
        assert place.take(1) is None
        add(ring, 1)
        assert numbers(place.take(1)) == (0, [1])


def test_a_reader_that_does_not_follow_comes_to_an_end_at_what_was_the_latest() -> None:
    ring = ring_of(10, 3)
    place = ring.subscribe(follow=False)
    add(ring, 3)
    assert place.ended
    assert all_of(place) == [1, 2, 3]
    add(ring, 20)
    assert place.take(1) is None


def test_what_a_reader_would_not_have_taken_is_not_lost_to_it() -> None:
    ring = ring_of(10, 3)
    past = ring.subscribe(follow=False)
    evens = ring.subscribe(wanted=lambda component: component == "even")
    for number in range(4, 20):
        ring.add(Entry(None if number % 2 else "even"))
    assert numbers(past.take(99)) == (3, [])
    assert past.take(99) is None
    assert numbers(evens.take(99)) == (3, [10, 12, 14, 16, 18])  # 4, 6 and 8 are gone


def test_a_reader_that_left_is_not_woken() -> None:
    woken: list[str] = []
    ring = ring_of(3)
    left, stays = (ring.subscribe(lambda name=name: woken.append(name)) for name in ("left", "stays"))  # type: ignore[misc]
    left.take(1)
    stays.take(1)
    left.close()
    add(ring, 1)
    assert woken == ["stays"]


def test_the_end_wakes_who_waits() -> None:
    woken: list[bool] = []
    ring = ring_of(3)
    place = ring.subscribe(lambda: woken.append(ring.ended))
    place.take(1)
    assert not place.ended
    ring.end()
    assert woken == [True]
    assert place.ended


def test_threads_add_while_others_add_and_read() -> None:
    ring = ring_of(100_000)
    together = Barrier(5)

    def work() -> None:
        together.wait()
        add(ring, 5000)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    together.wait()
    place = ring.subscribe(follow=True)
    told: list[int] = []
    while len(told) < 20_000:
        told += all_of(place)
    for thread in threads:
        thread.join(10)
    assert told == list(range(1, 20_001))


class Finalized:
    """Adds an entry when it is collected, in the middle of whatever is done then."""

    def __init__(self, ring: Ring[Entry]) -> None:
        self._ring = ring
        self.itself = self

    def __del__(self) -> None:
        self._ring.add(Entry("finalizer"))


def test_the_garbage_collector_may_add_in_the_middle_of_an_addition_or_a_reading() -> None:
    ring = ring_of(50_000)
    place = ring.subscribe()
    threshold = gc.get_threshold()
    gc.set_threshold(3, 1, 1)
    told: list[int] = []
    try:
        for _ in range(2000):
            Finalized(ring)
            add(ring, 1)
            told += all_of(place)
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    told += all_of(place)
    assert told == list(range(1, 4001))


def test_a_ring_that_is_full_forgets_what_it_has_dropped() -> None:
    ring = ring_of(10)
    add(ring, 50_000)
    assert all_of(ring.subscribe()) == list(range(49_991, 50_001))
    assert len(ring._entries) < 2000
