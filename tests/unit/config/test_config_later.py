"""Mistakes that others find later are shown at their place, just like our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.config import FleetFile

TEXT = """\
[defaults]
transports = { url = "ws://h", options = { autoPingInterval = 1 } }
restart.policy = "always"

[components.a]
main = "a:main"
realm = "r"
restart.growth = 3

[components.b]
component = "b:component"
transports = ["ws://h", { url = "ws://i", headers = { x = "y" } }]
"""


def test_a_mistake_is_shown_at_its_value(read: Callable[[str], FleetFile]) -> None:
    mistake = Mistake(
        path=("components", "a", "main"), message="no module `a`", hint="is it on `python_path`?", detail="Traceback"
    )
    error = read(TEXT).error([mistake])
    assert error.render() == (
        "error: no module `a`\n"
        " --> edge.toml:6:8\n"
        "  |\n"
        '6 | main = "a:main"\n'
        "  |        ^^^^^^^^\n"
        "hint: is it on `python_path`?"
    )
    assert error.message == "no module `a`"
    assert error.exit_code == 5
    assert [located.detail for located in error.mistakes] == ["Traceback"]  # type: ignore[attr-defined] # LocatedError


@pytest.mark.parametrize(
    ("path", "at_key", "place"),
    [
        (("components", "a", "main"), True, "6:1"),
        # A key that the component took from the defaults.
        (("components", "a", "transports", 0, "options", "autoPingInterval"), True, "2:44"),
        (("components", "a", "transports", 0, "url"), False, "2:22"),
        (("components", "a", "transports", 0), False, "2:14"),
        (("components", "a", "restart", "policy"), False, "3:18"),
        (("components", "a", "restart", "growth"), False, "8:18"),
        (("components", "b", "restart", "policy"), False, "3:18"),
        # A list of transports, and what its items do not hold.
        (("components", "b", "transports", 0), False, "12:15"),
        (("components", "b", "transports", 0, "endpoint", "host"), False, "12:15"),
        (("components", "b", "transports", 1, "headers", "x"), False, "12:59"),
        (("components", "b", "transports", 1, "headers", "y"), False, "12:43"),
        # What the file says nowhere: the nearest key around it.
        (("components", "a", "restart", "window"), False, "8:1"),
        (("components", "a", "extra", "x"), False, "5:13"),
        (("components", "c"), False, "5:2"),
        (("router", "listen", 0), False, None),
    ],
)
def test_a_place_is_found_for_each_path(
    read: Callable[[str], FleetFile], path: tuple[str | int, ...], *, at_key: bool, place: str | None
) -> None:
    rendered = read(TEXT).error([Mistake(path=path, message="wrong", at_key=at_key)]).render()
    assert rendered.splitlines()[1].strip() == (f"--> edge.toml:{place}" if place else "--> edge.toml")


def test_mistakes_come_in_the_order_of_the_file_and_each_once(read: Callable[[str], FleetFile]) -> None:
    late = Mistake(path=("components", "b", "component"), message="late")
    early = Mistake(path=("components", "a", "main"), message="early")
    error = read(TEXT).error([late, early, late])
    assert [mistake.message for mistake in error.mistakes] == ["early", "late"]
    assert error.message == "`edge.toml` has 2 mistakes"


def test_what_is_wrong_with_every_instance_is_told_once_and_of_the_component_in_the_file(
    read: Callable[[str], FleetFile],
) -> None:
    fleet_file = read('[components.feed]\nmain = "m:f"\ninstances = 3\n')
    error = fleet_file.error(
        Mistake(path=("components", name, "main"), message=f"`m:f` of component `{name}` is not there")
        for name in ("feed@1", "feed@2", "feed@3")
    )
    assert error.render() == (
        'error: `m:f` of component `feed` is not there\n --> edge.toml:2:8\n  |\n2 | main = "m:f"\n  |        ^^^^^'
    )


def test_a_place_in_the_health_of_a_component_may_be_in_the_defaults(read: Callable[[str], FleetFile]) -> None:
    text = '[defaults]\nhealth.interval = 3\n[components.a]\nmain = "m:f"\nhealth.procedure = "p"\n'
    mistake = Mistake(path=("components", "a", "health", "interval"), message="wrong")
    assert read(text).error([mistake]).render().splitlines()[1] == " --> edge.toml:2:19"


def test_what_is_wrong_in_the_defaults_is_told_once_and_of_the_defaults(read: Callable[[str], FleetFile]) -> None:
    fleet_file = read(TEXT)
    path = ("transports", 0, "options", "autoPingInterval")
    mistakes = [
        Mistake(path=("components", name, *path), message=f"unknown option in transport of component `{name}`")
        for name in ("a", "c", "d")
    ]
    assert [mistake.message for mistake in fleet_file.error(mistakes).mistakes] == [
        "unknown option in transport in `[defaults]`"
    ]
