"""`${NAME}` in the strings of a fleet file."""

from __future__ import annotations

from pathlib import Path

import pytest

from wampsup.config import load
from wampsup.config.expansion import expand
from wampsup.errors import FleetFileError

ENVIRON = {"HOST": "router.example", "EMPTY": "", "ODD": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("ws://${HOST}/ws", "ws://router.example/ws"),
        ("${HOST}${HOST}", "router.examplerouter.example"),
        ("${EMPTY}", ""),
        ("${GONE:-}", ""),
        ("${GONE:-localhost}", "localhost"),
        ("${EMPTY:-localhost}", "localhost"),
        ("${HOST:-localhost}", "router.example"),
        ("${GONE:-a:-b\nc}", "a:-b\nc"),
        ("${ODD}", "${HOST}"),  # what the environment says is not looked at again
        ("$${HOST}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
        ("$HOST $ $$ {HOST} $}", "$HOST $ $$ {HOST} $}"),
    ],
)
def test_strings(text: str, expanded: str) -> None:
    assert expand(text, ENVIRON) == (expanded, [])


def test_strings_at_any_depth_and_nothing_but_strings() -> None:
    document = {"${HOST}": ["${HOST}", {"a": ["${HOST}"]}, 3, True, None]}
    assert expand(document, ENVIRON)[0] == {"${HOST}": ["router.example", {"a": ["router.example"]}, 3, True, None]}


def refusal(text: str) -> str:
    Path("edge.toml").write_text(text)
    with pytest.raises(FleetFileError) as caught:
        load(Path("edge.toml"), ENVIRON)
    return caught.value.render()


def test_an_unset_variable_is_a_mistake(folder: Path) -> None:
    assert refusal('[components.x]\nmain = "m:f"\ntransports = ["ws://${GONE}/", "ws://h"]\n') == (
        "error: the environment variable `GONE`, which `transports[0]` of component `x` refers to, is not set\n"
        " --> edge.toml:3:15\n"
        "  |\n"
        '3 | transports = ["ws://${GONE}/", "ws://h"]\n'
        "  |               ^^^^^^^^^^^^^^^\n"
        "hint: set it, or give a default: `${GONE:-default}`"
    )


@pytest.mark.parametrize("reference", ["${}", "${a b}", "${HOST", "${HOST:default}", "${1}", "${A:-${HOST}}"])
def test_what_is_no_reference_is_a_mistake(folder: Path, reference: str) -> None:
    assert refusal(f'[components.x]\nmain = "m:f"\nrealm = "{reference}"\n').endswith(
        "hint: write `${NAME}` or `${NAME:-default}`; `$${` is a plain `${`"
    )


def test_nothing_else_is_told_of_a_value_that_is_not_known(folder: Path) -> None:
    text = '[components.x]\nmain = "${A}"\nrequires = ["${B}"]\nrestart.policy = "${C}"\nrealm = 3\n'
    messages = [line for line in refusal(text).splitlines() if line.startswith("error")]
    assert [message.split("`")[1] for message in messages] == ["A", "B", "C", "realm"]


def test_a_value_from_the_environment_is_checked_like_any_other(folder: Path) -> None:
    message = (
        "`transports` of component `x` must be a URL that begins with `ws://`, `wss://`, `rs://` or `rss://`, not "
    )
    assert message + '`"router.example"`' in refusal('[components.x]\nmain = "m:f"\ntransports = "${HOST}"\n')
