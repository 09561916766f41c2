"""No secret that somebody has remembered is in a text that somebody shows."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from wampsup.masking import Masker, mask
from wampsup.model.secret import Secret, of_header, reveal


def masking(*secrets: str) -> Masker:
    masker = Masker()
    for secret in secrets:
        masker.remember(secret)
    return masker


@pytest.mark.parametrize(
    "write",
    [
        str,
        repr,
        json.dumps,
        quote,
        lambda text: text.encode().hex(),
        lambda text: repr(text.encode()),
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: json.dumps(text, ensure_ascii=False).encode().hex(),
        lambda text: json.dumps(text).encode().hex(),
    ],
)
def test_a_secret_is_masked_however_it_is_written(write: object) -> None:
    secret = 'pass"wörd\n&more'
    assert callable(write)
    shown = masking(secret).mask(f"it is {write(secret)}, is it")
    assert "wörd" not in shown
    assert "w%C3%B6rd" not in shown
    assert shown.startswith("it is ")
    assert shown.endswith(", is it")


def test_the_longer_one_of_two_secrets_is_masked_as_a_whole() -> None:
    assert masking("abcd", "abcdef").mask("abcdefg abcdg") == "...g ...g"


def test_many_secrets_that_begin_alike_are_told_apart() -> None:
    masker = masking(*(f"secret-{number}" for number in range(200)))
    assert masker.mask("secret-17 secret-1 secret-x secret-200") == "... ... secret-x ...0"


def test_names_are_masked_as_whole_words() -> None:
    names = Masker(2, whole=True)
    for name in ("joe", "jo", "a", "my-id"):
        names.add(name)
    assert names.mask("joe, 'jo' joey ajoe jo_ a (my-id)") == "..., '...' joey ajoe jo_ a (...)"


def test_each_line_of_a_secret_is_masked_alone() -> None:
    assert masking("first line\nsecond line\n").mask("File x, second line") == "File x, ..."


def test_what_is_too_short_is_left_alone() -> None:
    assert masking("a", "abc").mask("a b c abc") == "a b c abc"


def test_a_text_without_secrets_is_as_it_was() -> None:
    assert Masker().mask("nothing") == "nothing"
    assert masking("secret").mask("secre") == "secre"


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("hunter22")
    assert repr({"ticket": secret}) == "{'ticket': ...}"
    assert f"{secret}" == "..."
    assert secret == Secret("hunter22")
    assert secret != Secret("hunter23")


def test_it_is_revealed_at_any_depth() -> None:
    table = {"a": Secret("hunter22"), "b": [Secret("hunter23"), 1], "c": {"d": (Secret("hunter24"),)}}
    assert reveal(table) == {"a": "hunter22", "b": ["hunter23", 1], "c": {"d": ["hunter24"]}}


def test_the_parts_of_a_header_that_carries_secrets_are_secrets_by_themselves() -> None:
    of_header("Authorization", "Bearer hunter22-hunter22")
    of_header("Cookie", Secret("session=c00kie-c00kie; theme=dark"))
    of_header("X-Kettle", "electric kettle1234")
    shown = mask("token hunter22-hunter22 and c00kie-c00kie are unknown to the dark Bearer of kettle1234")
    assert shown == "token ... and ... are unknown to the dark Bearer of kettle1234"
