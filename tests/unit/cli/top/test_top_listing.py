"""Which components are listed, in what order, and which one is selected."""

from __future__ import annotations

from typing import Any

import pytest

from support.viewed import component
from wampsup.cli.top.listing import SEVERITY, Listing
from wampsup.model.state import STATE_NAMES

FLEET = [
    component("feed@10", "running", 1.04),
    component("feed@2", "running", 1.01),
    component("clock", "running", 0.2),
    component("pricing", "backoff", 0.0),
    component("billing", "fatal", 0.0),
    component("Kettle", "stopped", None),
]


def listing(order: str = "busy", components: list[dict[str, Any]] = FLEET) -> Listing:
    listed = Listing(order)
    listed.show(components)
    return listed


def names(of: Listing) -> list[str]:
    return [row["name"] for row in of.rows]


def selected(of: Listing) -> str | None:
    return None if of.selected is None else of.selected["name"]


def test_the_busiest_come_first_and_among_those_that_look_equal_the_worst() -> None:
    assert names(listing("busy")) == ["feed@2", "feed@10", "clock", "billing", "pricing", "Kettle"]


def test_by_state_the_worst_come_first() -> None:
    assert names(listing("state")) == ["billing", "pricing", "clock", "feed@2", "feed@10", "Kettle"]


def test_by_name_numbers_count_as_numbers_and_capitals_as_letters() -> None:
    assert names(listing("name")) == ["billing", "clock", "feed@2", "feed@10", "Kettle", "pricing"]


def test_every_state_has_a_severity() -> None:
    assert set(SEVERITY) == set(STATE_NAMES)


def test_the_order_can_be_reversed_and_a_new_one_begins_in_its_natural_direction() -> None:
    listed = listing("name")
    listed.turn()
    assert names(listed) == ["pricing", "Kettle", "feed@10", "feed@2", "clock", "billing"]
    listed.sort("state")
    assert names(listed)[0] == "billing"
    listed.turn()
    assert names(listed) == ["Kettle", "clock", "feed@2", "feed@10", "pricing", "billing"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("FEED", ["feed@2", "feed@10"]),
        ("@1", ["feed@10"]),
        ("*k*", ["clock", "Kettle"]),
        ("[fb]*", ["feed@2", "feed@10", "billing"]),
        (" kettle ", ["Kettle"]),
        ("nobody", []),
        ("", ["feed@2", "feed@10", "clock", "billing", "pricing", "Kettle"]),
    ],
)
def test_a_filter_is_a_part_of_a_name_or_a_pattern(wanted: str, found: list[str]) -> None:
    listed = listing()
    listed.filter(wanted)
    assert names(listed) == found
    assert listed.total == 6


def test_the_selection_goes_with_the_name() -> None:
    listed = listing()
    listed.select(2)
    assert selected(listed) == "clock"
    listed.sort("state")
    assert (listed.index, selected(listed)) == (2, "clock")
    listed.turn()
    assert (listed.index, selected(listed)) == (1, "clock")
    listed.show([component("new", busy=50.0), component("clock", busy=99.0)])
    assert selected(listed) == "clock"


def test_where_the_selected_one_is_listed_no_more_the_one_in_its_place_is() -> None:
    listed = listing("name")
    listed.select(5)
    listed.filter("feed")
    assert selected(listed) == "feed@10"
    listed.filter("nobody")
    assert selected(listed) is None
    listed.filter("")
    assert selected(listed) == "billing"


def test_a_selection_beyond_the_ends_is_the_one_at_the_end() -> None:
    listed = listing("name")
    listed.select(100)
    assert selected(listed) == "pricing"
    listed.select(-1)
    assert selected(listed) == "billing"


def test_nothing_can_be_listed() -> None:
    listed = listing(components=[])
    listed.select(3)
    assert (listed.rows, listed.selected, listed.index) == ([], None, 0)
