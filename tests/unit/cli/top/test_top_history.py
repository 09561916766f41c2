"""What sparklines are drawn from, and how."""

from __future__ import annotations

from support.viewed import component
from wampsup.cli.top.history import SAMPLES, History, sparkline


def test_the_latest_samples_are_kept_by_name() -> None:
    history = History()
    for number in range(SAMPLES + 5):
        history.add(float(number), [component("clock", busy=number / 10), component("idle", busy=0.0)])
    assert history.of("clock") == [number / 10 for number in range(5, SAMPLES + 5)]
    assert history.of("idle") == [0.0] * SAMPLES
    assert history.of("nobody") == [0.0] * SAMPLES
    assert history.fleet == [float(number) for number in range(5, SAMPLES + 5)]
    assert history.begun == 5


def test_what_is_not_known_counts_as_idle() -> None:
    history = History()
    history.add(None, [component("clock", busy=None)])
    assert (history.fleet, history.of("clock")) == ([0.0], [0.0])


def test_a_sparkline_ends_with_the_latest_value_at_the_right() -> None:
    assert sparkline([0, 25, 50, 75, 100], 0, SAMPLES, 5).lstrip() == "▁▃▅▇█"
    assert len(sparkline([0, 25, 50, 75, 100], 0, SAMPLES, 5)) == SAMPLES


def test_what_is_idle_looks_idle() -> None:
    assert sparkline([0.0, 0.4, 1.0], 0, SAMPLES, 5).lstrip() == "▁▁▂"


def test_where_there_is_no_room_a_bar_is_the_highest_of_its_neighbours() -> None:
    values = [0.0, 0.0, 100.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert sparkline(values, 0, SAMPLES // 4, 5).lstrip() == "█▁"


def test_a_bar_keeps_its_height_on_its_way_to_the_left() -> None:
    values = [float((7 * number) % 100) for number in range(300)]
    before = sparkline(values[100:160], 100, 10, 100)
    after = sparkline(values[106:166], 106, 10, 100)
    assert before[2:9] == after[1:8]


def test_without_values_or_room_there_is_nothing() -> None:
    assert sparkline([], 0, 5, 5) == "     "
    assert sparkline([1.0], 0, 0, 5) == ""
    assert sparkline([1.0], 0, 1, 5) == "▂"
