"""Which components patterns mean, and that no pattern keeps the loop from others."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from wampsup.control.messages import LONGEST_PATTERN
from wampsup.model.spec import ComponentSpec
from wampsup.runtime.selection import matching

MANY = 10_000
A_MOMENT = 2.0
"""Seconds of processor time: far more than it takes on a slow machine, far less than what it should not be."""


@dataclass(frozen=True, slots=True)
class One:
    spec: ComponentSpec


def units(*specs: ComponentSpec) -> dict[str, One]:
    return {each.name: One(each) for each in specs}


FEW = units(
    ComponentSpec(name="clock"),
    ComponentSpec(name="feed@1", instance_of="feed", group="feeds"),
    ComponentSpec(name="feed@2", instance_of="feed", group="feeds"),
    ComponentSpec(name="feeder"),
)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("clock", {"clock"}),
        ("feed", {"feed@1", "feed@2"}),
        ("feed*", {"feed@1", "feed@2", "feeder"}),
        ("feed@[!1]", {"feed@2"}),
        ("group:feeds", {"feed@1", "feed@2"}),
        ("group:*", set()),
        ("CLOCK", set()),
        ("clock|feeder", set()),
        (".*", set()),
        ("^clock$", set()),
        ("cl(?:o)ck", set()),
    ],
)
def test_a_pattern_is_a_name_a_glob_or_a_family_and_nothing_else(pattern: str, names: set[str]) -> None:
    assert matching([pattern], FEW) == (names, [] if names else [pattern])


HOSTILE = [
    "*a*a*a*a*a*b",
    "*a" * 127 + "b",
    "*" * 255 + "b",
    "?*" * 127 + "b",
    "*[ab]" * 51,
    "*" + "a" * 127 + "*" + "a" * 127,
    "*" + "a" * 254,
]


@pytest.mark.parametrize("pattern", HOSTILE, ids=lambda pattern: pattern[:12])
def test_no_glob_takes_long_against_long_names(pattern: str) -> None:
    assert len(pattern) <= LONGEST_PATTERN
    named = units(*(ComponentSpec(name="a" * 250 + f"{number}") for number in range(MANY)))
    began = time.thread_time()
    matching([pattern], named)
    assert time.thread_time() - began < A_MOMENT


def test_ten_thousand_names_of_ten_thousand_components_are_looked_up() -> None:
    named = units(*(ComponentSpec(name=f"component-{number}") for number in range(MANY)))
    began = time.thread_time()
    chosen, unmatched = matching([f"component-{2 * number}" for number in range(MANY)], named)
    assert time.thread_time() - began < A_MOMENT
    assert (len(chosen), len(unmatched)) == (MANY // 2, MANY // 2)
