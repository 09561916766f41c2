"""Text by the columns that it takes."""

from __future__ import annotations

import pytest

from wampsup.cli.columns import cut, fitted, in_lines, padded, wrapped
from wampsup.printable import width


def test_what_is_cut_and_padded_takes_as_many_columns_as_it_should() -> None:
    assert cut("茶がない", 8) == "茶がない"
    assert cut("茶がない", 7) == "茶がな…"
    assert cut("茶がない", 6) == "茶が…"
    assert cut("kettle", 5) == "kett…"
    assert cut("kettle", 0) == cut("茶", 0) == fitted("茶", 0) == ""
    assert fitted("茶がない", 4) == "茶… "
    assert padded("茶", 4) == "茶  "
    assert padded("茶", 4, right=True) == "  茶"


def test_lines_are_broken_at_spaces_and_long_words_where_they_have_to_be() -> None:
    assert wrapped("the kettle is dry", 10) == ["the kettle", "is dry"]
    assert wrapped("a verylongword indeed", 6) == ["a", "verylo", "ngword", "indeed"]
    assert wrapped("茶がない 茶", 5) == ["茶が", "ない", "茶"]
    assert wrapped("", 5) == [""]
    assert wrapped("茶", 1) == ["茶"]  # there is no way


def test_a_command_that_may_be_copied_is_not_broken() -> None:
    assert wrapped("a person has to start it: wampsup start kettle", 40) == [
        "a person has to start it:",
        "wampsup start kettle",
    ]
    assert wrapped("try wampsup start kettle; or not", 21) == ["try", "wampsup start kettle;", "or not"]
    assert wrapped("try wampsup start kettle", 19) == ["try wampsup start", "kettle"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("the kettle is dry", ["the kettle is dry"]),
        ("dry; next try now", ["dry; next try now"]),
        ("the kettle is dry; next try now", ["the kettle is dry;", "next try now"]),
        ("the kettle is dry, and all of us thirsty; next", ["the kettle is dry,", "and all of us", "thirsty; next"]),
        (
            "the kettle is dry, and all of us are extremely thirsty; next",
            ["the kettle is dry,", "and all of us are e…", "next"],
        ),
        ("it; says; a lot; next try now", ["it; says; a lot;", "next try now"]),
        ("dry; and all that is said behind it is far too long for us", None),
        ("x" * 99, ["x" * 20, "x" * 20, "x" * 19 + "…"]),
    ],
)
def test_what_comes_next_is_never_lost(text: str, lines: list[str] | None) -> None:
    shown = in_lines(text, 20, 3)
    assert len(shown) <= 3
    assert max(map(width, shown)) <= 20
    assert lines is None or shown == lines
