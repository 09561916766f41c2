"""A histogram counts values by ranges."""

from __future__ import annotations

import math

from wampsup.reactor.histogram import Histogram


def test_a_value_counts_in_every_range_that_it_is_not_above() -> None:
    histogram = Histogram((1.0, 10.0))
    for value in (0.0, 1.0, 1.5, 10.0, 11.0):
        histogram.add(value)
    assert histogram.at_most() == {1.0: 2, 10.0: 4, math.inf: 5}
    assert histogram.total == 23.5


def test_an_empty_one_has_all_its_ranges() -> None:
    histogram = Histogram((1.0,))
    assert (histogram.at_most(), histogram.total) == ({1.0: 0, math.inf: 0}, 0.0)
