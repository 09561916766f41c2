"""The exact words of every mistake in an endpoint string: those of Twisted's parsers are for its authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.ways import mistakes_in

if TYPE_CHECKING:
    from pathlib import Path


def the_mistake(string: str) -> tuple[str, str | None]:
    (mistake,) = mistakes_in(f"type = 'rawsocket', url = 'rs://h:1', endpoint = '{string}'")
    assert mistake.path == ("components", "c", "transports", 0, "endpoint")
    start = f'`endpoint` of transport `rs://h:1` of component `c` can\'t be built from `"{string}"`: '
    assert mistake.message.startswith(start)
    return mistake.message.removeprefix(start), mistake.hint


@pytest.mark.parametrize(
    ("string", "said"),
    [
        ("tcp:h", "it lacks `port`"),
        ("tcp", "it lacks `host` and `port`"),
        ("tcp:h:x", "`x` is no number"),
        ("tcp:h:0", "`0` is no port"),
        ("tcp:h:65536", "`65536` is no port"),
        ("tcp:h:1:timeot=3", "it has no `timeot`"),
        ("tcp:h:1:timeout=soon", "`soon` is no number"),
        ("tls:h", "it lacks `port`"),
        ("tls:h:1:timeot=3", "it has no `timeot`"),
        ("tls:h:99999", "`99999` is no port"),
        ("unix:p:x=1", "it has no `x`"),
    ],
)
def test_what_its_parser_does_not_take(string: str, said: str) -> None:
    assert the_mistake(string) == (said, None)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "missing.pem"
    string = f"tls:h:1:certificate={path}:privateKey={path}"
    (mistake,) = mistakes_in(f"type = 'rawsocket', url = 'rs://h:1', endpoint = '{string}'")
    assert mistake.message.endswith(f": cannot read `{path}`: no such file or directory")


@pytest.mark.parametrize("string", ["tpc:h:1", "tcps:h:1"])
def test_a_kind_that_is_nearly_one(string: str) -> None:
    kind = string.partition(":")[0]
    assert the_mistake(string) == (f"there is no kind `{kind}`", "did you mean `tcp`?")


@pytest.mark.parametrize("string", ["router.example:8080", "127.0.0.1:8080", "router"])
def test_what_is_no_endpoint_string_at_all(string: str) -> None:
    said, hint = the_mistake(string)
    assert said == f"there is no kind `{string.partition(':')[0]}`"
    assert (hint or "").startswith("such as `tcp:router.example:8080`; its kinds are `")
    assert "`tls`" in (hint or "")


def test_a_url_is_no_endpoint_string() -> None:
    said, hint = the_mistake("wss://router.example/ws")
    assert said == "there is no kind `wss`"
    assert hint == "a URL belongs into `url`; an endpoint is such as `tcp:router.example:8080`"
