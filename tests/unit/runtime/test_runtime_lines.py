"""Which lines of a log are kept, of whom, and how much of them; and what a reader of some of them has lost."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from wampsup.model.record import Record
from wampsup.runtime.lines import LONGEST, Lines, bounded

if TYPE_CHECKING:
    from collections.abc import Callable

AT = 1_700_000_000.123


def record(message: str, component: str | None = "clock", **fields: Any) -> Record:
    return Record(**{"at": AT, "level": "info", "message": message, "component": component, **fields})


def say(lines: Lines, *said: str) -> None:
    """`clock:tick` is a line of that component, `:tick` one of the supervisor itself."""
    for one in said:
        component, _, message = one.partition(":")
        lines.keep(record(message, component or None))


def kept(lines: Lines, **where: Any) -> list[str]:
    """What a reader reads who does not follow."""
    place = lines.subscribe(follow=False, **where)
    told: list[str] = []
    while taken := place.take(5):
        told += [f"lost {taken.lost}"] if taken.lost else []
        told += [f"{line.component or ''}:{line.message}" for line in taken.entries]
    return told


def only(*names: str) -> Callable[[str | None], bool]:
    return lambda component: component in names


def test_the_latest_lines_of_each_are_kept_in_their_order_and_who_talks_much_takes_nobodys_room() -> None:
    lines = Lines(2)
    say(lines, ":started", "sun:rises", *(f"clock:{number}" for number in range(1000)), "sun:sets", ":stopped")
    assert kept(lines) == [":started", "sun:rises", "clock:998", "clock:999", "sun:sets", ":stopped"]
    assert kept(lines, tail=3) == ["clock:999", "sun:sets", ":stopped"]
    assert kept(lines, wanted=only("sun")) == ["sun:rises", "sun:sets"]
    assert kept(lines, wanted=only("sun"), tail=1) == ["sun:sets"]


def test_the_last_lines_of_few_among_many_are_found_without_a_look_at_the_others() -> None:
    lines = Lines(3)
    say(lines, *(f"c{number % 100}:{number}" for number in range(1000)))
    looked_at: list[str | None] = []

    def wanted(component: str | None) -> bool:
        looked_at.append(component)
        return component in {"c7", "c8"}

    place = lines.subscribe(wanted=wanted, tail=4, follow=False)
    assert len(looked_at) == 100  # one look at each component, and not at each line
    assert (place.after, kept(lines, wanted=wanted, tail=4)) == (807, ["c7:807", "c8:808", "c7:907", "c8:908"])
    assert kept(lines, wanted=wanted, tail=100) == kept(lines, wanted=wanted, tail=20_000) == kept(lines, wanted=wanted)
    assert kept(lines, tail=299) == kept(lines)[1:]
    assert kept(lines, wanted=wanted, tail=0) == []
    assert kept(lines, wanted=only("nobody"), tail=4) == []


def test_of_all_together_no_more_are_kept_than_may_be_and_the_oldest_go() -> None:
    lines = Lines(5, size=6)
    say(lines, *(f"c{number % 3}:{number}" for number in range(9)))
    assert kept(lines) == [f"c{number % 3}:{number}" for number in range(3, 9)]
    say(lines, "c3:9", "c3:10")
    assert kept(lines)[0] == "c2:5"
    assert kept(lines, wanted=only("c0")) == ["c0:6"]


def test_long_lines_are_no_more_than_a_size_together() -> None:
    lines = Lines(500, size_bytes=20_000)
    for number in range(100):
        lines.keep(record(str(number) * 1000, "talks" if number % 2 else "talks as well"))
    told = kept(lines)
    assert 5 < len(told) < 20
    assert told[-1] == "talks:" + "99" * 1000


@pytest.mark.parametrize("letter", ["x", "é", "\N{TEAPOT}", "\N{SMILING FACE WITH OPEN MOUTH}"])
def test_the_memory_that_lines_take_has_a_bound_whatever_they_hold(letter: str) -> None:
    lines = Lines(100_000, size_bytes=1 << 20)
    tracemalloc.start()
    try:
        for number in range(5000):
            lines.keep(record(letter * 500 + str(number), f"component {number}"))
            lines.forget(f"component {number - 100}")
        told = len(kept(lines))
        assert tracemalloc.get_traced_memory()[0] < 2 << 20
    finally:
        tracemalloc.stop()
    assert told == 100


def test_a_short_line_takes_no_more_memory_than_it_says() -> None:
    lines = Lines(2000)
    tracemalloc.start()
    try:
        for number in range(5000):
            lines.keep(record(f"the kettle has boiled {number} times", at=AT + number))
        assert tracemalloc.get_traced_memory()[0] / 2000 < 500
    finally:
        tracemalloc.stop()


def test_a_component_that_is_out_of_the_fleet_takes_its_lines_along_and_nobody_has_lost_them() -> None:
    lines = Lines(2)
    say(lines, "clock:1", "sun:1", "clock:2")
    reader = lines.subscribe()
    lines.forget("clock")
    lines.forget("nobody")
    assert kept(lines) == ["sun:1"]
    taken = reader.take(9)
    assert taken is not None
    assert (taken.lost, [line.id for line in taken.entries]) == (0, [2])
    say(lines, "clock:again", "clock:and", "clock:again")
    assert kept(lines) == ["sun:1", "clock:and", "clock:again"]


def test_a_slow_reader_has_lost_lines_of_those_that_it_reads_alone() -> None:
    lines = Lines(2)
    everything, sun = lines.subscribe(), lines.subscribe(wanted=only("sun"))
    say(lines, "sun:1", *(f"clock:{number}" for number in range(10)), "sun:2", "sun:3")
    taken = everything.take(99)
    assert taken is not None
    assert (taken.lost, [line.id for line in taken.entries]) == (9, [10, 11, 12, 13])
    taken = sun.take(99)
    assert taken is not None
    assert (taken.lost, [line.id for line in taken.entries]) == (1, [12, 13])


def test_a_reader_that_resumes_is_told_what_it_missed_of_those_that_it_reads() -> None:
    lines = Lines(2)
    say(lines, "sun:1", "clock:1", "clock:2", "sun:2", "clock:3", "clock:4", "moon:1")
    assert kept(lines) == ["sun:1", "sun:2", "clock:3", "clock:4", "moon:1"]
    assert kept(lines, after=2) == ["lost 1", "sun:2", "clock:3", "clock:4", "moon:1"]
    assert kept(lines, after=1) == ["lost 2", "sun:2", "clock:3", "clock:4", "moon:1"]
    assert kept(lines, after=1, wanted=only("sun", "moon")) == ["sun:2", "moon:1"]
    assert kept(lines, after=1, wanted=only("clock")) == ["lost 2", "clock:3", "clock:4"]
    assert kept(lines, after=3, wanted=only("clock")) == ["clock:3", "clock:4"]


def test_a_line_in_json_has_its_number_and_what_the_log_has() -> None:
    lines = Lines(1)
    lines.keep(record("x\n\x1b", level="warn", logger="shop", traceback="T\n"))
    taken = lines.subscribe().take(1)
    assert taken is not None
    assert json.loads(taken.entries[0].json()) == {
        "id": 1,
        "time": "2023-11-14T22:13:20.123Z",
        "level": "warn",
        "component": "clock",
        "message": "x\n\x1b",
        "logger": "shop",
        "traceback": "T\n",
    }


def test_of_a_long_line_the_beginning_is_kept_and_of_its_traceback_the_end() -> None:
    short = record("x" * LONGEST)
    assert bounded(short) is short
    half = record("x" * 100, traceback="y" * (LONGEST - 100))
    assert bounded(half) is half
    assert bounded(record("x" * LONGEST + "yz")).message == "x" * LONGEST + "… (2 more characters)"
    both = bounded(record("x" * 5000, traceback="a" + "b" * LONGEST))
    assert both.message == "x" * 4096 + "… (904 more characters)"
    assert both.traceback == "(4097 more characters) …" + "b" * 4096
    assert bounded(record("x", logger="l" * 1000)).logger == "l" * 256 + "… (744 more characters)"
