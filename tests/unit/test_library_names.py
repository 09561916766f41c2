"""What components are called that a program hands over as objects."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession

from wampsup.wamp.objects import named


async def pricing(reactor: Any, session: Any) -> None:
    pass


async def billing(reactor: Any, session: Any) -> None:
    pass


class Display(ApplicationSession):
    pass


def of_module(module: str, file: str | None = None) -> Any:
    """A function called `main`, of that module."""

    def main(reactor: Any, session: Any) -> None:
        pass

    made = ModuleType(module)
    if file is not None:
        made.__file__ = file
    main.__module__ = module
    sys.modules.setdefault(module, made)
    return main


def test_a_component_is_called_after_its_main() -> None:
    assert list(named([Component(main=pricing), Component(main=billing)])) == ["pricing", "billing"]


def test_a_component_without_a_main_is_called_after_its_session_class() -> None:
    assert list(named([Component(session_factory=Display)])) == ["Display"]


def test_a_main_that_is_called_main_gives_the_name_of_its_module() -> None:
    try:
        assert list(named([Component(main=of_module("shop.prices"))])) == ["prices"]
    finally:
        del sys.modules["shop.prices"]


def test_components_whose_code_has_the_same_name_are_counted() -> None:
    same = [Component(main=pricing) for _ in range(3)]
    assert list(named([*same, Component(main=billing)])) == ["pricing", "pricing-2", "pricing-3", "billing"]


def test_a_component_whose_code_has_no_name_is_called_after_its_place() -> None:
    nameless = [Component(), Component(main=lambda _reactor, _session: None), Component(main=partial(pricing))]
    assert list(named(nameless)) == ["component-1", "component-2", "component-3"]


def test_a_mapping_gives_the_names_itself() -> None:
    clock, display = Component(main=pricing), Component(main=pricing)
    assert named({"clock": clock, "display": display}) == {"clock": clock, "display": display}


def test_one_component_alone_and_any_iterable_will_do() -> None:
    assert list(named(Component(main=pricing))) == ["pricing"]
    assert list(named(iter([Component(main=pricing)]))) == ["pricing"]
    assert named([]) == {}


def test_what_is_no_component_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^<class '.*Display'> is no Component of autobahn.twisted.component$"):
        named([Component(main=pricing), Display])  # type: ignore[list-item]  # that is what is tried
    with pytest.raises(ValueError, match=r"^3 is no Component of autobahn.twisted.component$"):
        named(3)  # type: ignore[arg-type]  # the same
    with pytest.raises(ValueError, match=r"^'clock' is no Component of autobahn.twisted.component$"):
        named({"clock": "clock"})  # type: ignore[arg-type]  # the same


def test_a_component_that_is_given_twice_is_refused() -> None:
    one = Component(main=pricing)
    with pytest.raises(ValueError, match=r"^`pricing` and `pricing-2` are the same Component: make one for each$"):
        named([one, one])


def test_a_name_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^`a/b` can't be a component's name, which must be made of letters, digits,"):
        named({"a/b": Component()})
    with pytest.raises(ValueError, match=r"^`1` can't be a component's name, which must be a string$"):
        named({1: Component()})  # type: ignore[arg-type]  # that is what is tried
