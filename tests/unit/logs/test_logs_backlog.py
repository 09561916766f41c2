"""Lines that wait for the log files: in their order, and no more than there is room for."""

from __future__ import annotations

import sys
from threading import Thread

from wampsup.logs.backlog import Backlog, Line


def line(number: int, component: str | None = None) -> Line:
    return Line(component, b"%d\n" % number)


def test_lines_are_taken_once_and_in_their_order() -> None:
    backlog = Backlog()
    given = [line(number, "clock" if number % 2 else None) for number in range(10)]
    for each in given:
        backlog.add(each)
    taken, lost = backlog.take()
    assert (list(taken), lost) == (given, 0)
    assert (list(backlog.take()[0]), backlog.lost) == ([], 0)


def test_the_oldest_go_where_there_is_no_room_and_are_counted() -> None:
    backlog = Backlog(most_bytes=1000)
    for number in range(100):
        backlog.add(line(number))
    assert backlog.lost > 90
    taken, lost = backlog.take()
    assert list(taken) == [line(number) for number in range(lost, 100)]
    assert backlog.lost == 0
    backlog.add(line(100))
    assert (list(backlog.take()[0]), backlog.lost) == ([line(100)], 0)


def test_a_line_that_is_longer_than_all_the_room_is_lost_alone() -> None:
    backlog = Backlog(most_bytes=1000)
    backlog.add(Line(None, b"x" * 2000))
    backlog.add(line(1))
    taken, lost = backlog.take()
    assert (list(taken), lost) == ([line(1)], 1)


def test_orders_keep_their_place_and_stay_where_lines_go() -> None:
    backlog, told = Backlog(most_bytes=1000), []
    backlog.add(line(0))
    backlog.add(lambda: told.append(1))
    backlog.add(line(1))
    backlog.add(lambda: told.append(2))
    taken, _ = backlog.take()
    assert [isinstance(each, Line) for each in taken] == [True, False, True, False]
    for number in range(50):
        backlog.add(lambda number=number: told.append(number))  # type: ignore[misc]
        backlog.add(line(number))
    taken, lost = backlog.take()
    assert len(taken) == 100 - lost
    assert lost > 40
    for each in taken:
        if not isinstance(each, Line):
            each()
    assert told == list(range(50))


def test_nothing_is_lost_or_told_twice_while_many_threads_add() -> None:
    backlog, each, count = Backlog(), 2000, 4
    taken: list[Line] = []
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def add(component: str) -> None:
        for number in range(each):
            backlog.add(line(number, component))

    try:
        threads = [Thread(target=add, args=(str(number),)) for number in range(count)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            taken += [item for item in backlog.take()[0] if isinstance(item, Line)]
        taken += [item for item in backlog.take()[0] if isinstance(item, Line)]
    finally:
        sys.setswitchinterval(usual)
    for number in range(count):
        assert [each for each in taken if each.component == str(number)] == [line(i, str(number)) for i in range(each)]
