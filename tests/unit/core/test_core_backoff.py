"""Delays: how they grow, where they end, and what spreads them."""

from __future__ import annotations

import pytest

from wampsup.core.backoff import LEAST_DELAY, delay
from wampsup.model.spec import Backoff


def backoff(
    *, initial_delay: float = 1.0, max_delay: float = 60.0, growth: float = 2.0, jitter: float = 0.0
) -> Backoff:
    return Backoff(initial_delay=initial_delay, max_delay=max_delay, growth=growth, jitter=jitter)


def test_delays_grow_up_to_the_cap() -> None:
    assert [delay(backoff(), failures, 0) for failures in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_jitter_spreads_both_ways() -> None:
    spread = backoff(jitter=0.5)
    assert [delay(spread, 2, noise) for noise in (-1, 0, 1)] == [2, 4, 6]


def test_the_cap_holds_after_the_jitter() -> None:
    assert delay(backoff(jitter=0.5), 10, 1) == 60
    assert delay(backoff(jitter=0.5), 10, -1) == 30


def test_a_delay_of_all_jitter_is_never_zero() -> None:
    assert delay(backoff(jitter=1.0), 0, -1) == LEAST_DELAY
    assert delay(backoff(jitter=3.0), 0, -1) == LEAST_DELAY


@pytest.mark.parametrize("growth", [0.0, 0.5, 1.0])
def test_without_growth_the_delay_stays(growth: float) -> None:
    assert [delay(backoff(growth=growth), failures, 0) for failures in (0, 1, 50)] == [1, 1, 1]


def test_delays_of_zero_are_raised_to_the_least() -> None:
    assert delay(backoff(initial_delay=0), 5, 0) == LEAST_DELAY
    assert delay(backoff(initial_delay=0, max_delay=0), 5, 1) == LEAST_DELAY
    assert delay(backoff(max_delay=LEAST_DELAY / 2), 0, 0) == LEAST_DELAY


def test_a_million_failures_are_no_overflow() -> None:
    assert delay(backoff(), 1_000_000, 0) == 60
    assert delay(backoff(initial_delay=0), 1_000_000, 0) == 60
