"""What a component starts after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wampsup.model.order import predecessors
from wampsup.model.spec import ComponentSpec, GroupSpec

if TYPE_CHECKING:
    from wampsup.model.spec import Strategy


def test_a_component_starts_after_what_it_names_and_each_only_once() -> None:
    components = [
        ComponentSpec(name="a"),
        ComponentSpec(name="b", after=("a", "c"), requires=("c", "d", "a")),
        ComponentSpec(name="c", requires=("a",)),
        ComponentSpec(name="d"),
    ]
    assert predecessors(components, []) == {"a": (), "b": ("a", "c", "d"), "c": ("a",), "d": ()}


@pytest.mark.parametrize(
    ("strategy", "of_b"),
    [("one-for-one", ("x",)), ("one-for-all", ("x", "a")), ("rest-for-one", ("x", "a"))],
)
def test_members_of_a_group_whose_strategy_keeps_an_order_start_in_that_of_the_file(
    strategy: Strategy, of_b: tuple[str, ...]
) -> None:
    components = [
        ComponentSpec(name="a", group="g"),
        ComponentSpec(name="x"),
        ComponentSpec(name="b", group="g", requires=("x",)),
        ComponentSpec(name="y", group="other"),
        ComponentSpec(name="c", group="g", after=("b",)),
    ]
    groups = [GroupSpec(name="g", strategy=strategy), GroupSpec(name="other", strategy=strategy)]
    assert predecessors(components, groups) == {
        "a": (),
        "x": (),
        "b": of_b,
        "y": (),
        "c": ("b",),
    }


def test_a_member_starts_after_the_one_before_it_alone() -> None:
    members = [ComponentSpec(name=str(number), group="g") for number in range(100)]
    found = predecessors(members, [GroupSpec(name="g", strategy="one-for-all")])
    assert found == {"0": (), **{str(number): (str(number - 1),) for number in range(1, 100)}}
