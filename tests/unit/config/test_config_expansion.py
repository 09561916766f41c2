"""`${NAME}` in the strings of a fleet file."""

from __future__ import annotations

from pathlib import Path

import pytest

from wampsup.config import load
from wampsup.config.expansion import expand
from wampsup.errors import FleetFileError
from wampsup.model.spec import ComponentSpec, TcpEndpoint, TlsSpec

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


NUMBERS = {
    "INT": "3",
    "FLOAT": "2.5",
    "YES": "true",
    "WORD": "many",
    "LONG": "9" * 5000,
    "WIDE": "9" * 20,
    "NAN": "nan",
    "ODD": "1_0",
    "OTHER": "\N{ARABIC-INDIC DIGIT THREE}",
    "BLANK": " 3",
}


def components(text: str) -> list[ComponentSpec]:
    Path("edge.toml").write_text(f'[components.x]\nmain = "m:f"\n{text}\n')
    return list(load(Path("edge.toml"), NUMBERS).spec.components)


def test_a_key_that_takes_no_string_gets_what_it_takes(folder: Path) -> None:
    assert len(components('instances = "${INT}"')) == 3
    spec, *_ = components('autostart = "${YES}"\nstart_timeout = "${FLOAT}"\nstop_timeout = "${INT}"')
    assert (spec.autostart, spec.start_timeout, spec.stop_timeout) == (True, 2.5, 3.0)
    spec, *_ = components('restart = { max_restarts = "${INT}", max_delay = "${FLOAT}", initial_delay = "${ONE:-1}" }')
    assert (spec.restart.max_restarts, spec.restart.backoff.max_delay) == (3, 2.5)
    spec, *_ = components(
        'transports = [{ url = "ws://h", endpoint = { host = "h", port = "${INT}", tls = "${YES}" } }]'
    )
    assert spec.transports is not None
    assert spec.transports[0].endpoint == TcpEndpoint(host="h", port=3, tls=TlsSpec())


def test_a_key_that_takes_a_string_gets_a_string(folder: Path) -> None:
    spec, *_ = components('realm = "${INT}"\nextra = { a = "${INT}" }\nafter = []')
    assert (spec.realm, spec.extra) == ("3", {"a": "3"})


@pytest.mark.parametrize("name", ["WORD", "FLOAT", "YES", "LONG", "WIDE", "NAN", "ODD", "OTHER", "BLANK"])
def test_a_text_that_does_not_fit_is_told_as_such(folder: Path, name: str) -> None:
    with pytest.raises(
        FleetFileError, match=r"^`instances` of component `x` must be a whole number from 0 to 10000, not"
    ):
        components(f'instances = "${{{name}}}"')


def test_what_numbers_ask_of_each_other_holds_for_those_of_the_environment_too(folder: Path) -> None:
    with pytest.raises(FleetFileError, match="must not be below"):
        components('restart = { initial_delay = "${INT}", max_delay = "${FLOAT}" }')


def test_options_are_numbers_and_switches_where_they_look_like_it(folder: Path) -> None:
    options = 'auto_ping_interval = "${INT}", fail_by_drop = "${YES}", per_message_compression_offers = "${D:-deflate}"'
    spec, *_ = components(f'transports = {{ url = "ws://h", options = {{ {options} }} }}')
    assert spec.transports is not None
    assert list(spec.transports[0].options.values()) == [3, True, "deflate"]
