"""One rule for all text that is shown: nothing in it steers a terminal, forges a line, or hides."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from wampsup.printable import printable, width

JOINERS = "\u200c\u200d"
"""They change how letters look, and are part of how some languages and emoji are written."""


def test_nothing_that_a_terminal_obeys_or_that_hides_is_left_of_all_characters() -> None:
    shown = printable("".join(map(chr, range(sys.maxunicode + 1))))
    kinds = {unicodedata.category(char) for char in set(shown) - set(JOINERS)}
    formatting = {char for char in shown if unicodedata.category(char) == "Cf"} - set(JOINERS)
    assert kinds.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    # What is left changes nothing but letters and notes next to it: marks of Arabic, Syriac, music and the like.
    assert {ord(char) for char in formatting}.isdisjoint({0xAD, *range(0x200B, 0x2070), *range(0xE0000, 0xE0080)})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\nc\td", r"a\rb\nc\td"),
        ("moc\u202egnp.exe", r"moc\u202egnp.exe"),
        ("a\u200bb\U000e0041", r"a\u200bb\U000e0041"),
        ("half\udcff", r"half\udcff"),
        ("ä…✓ 日本 \N{REPLACEMENT CHARACTER}", "ä…✓ 日本 \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_is_escaped_can_be_read_and_all_else_stays(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("kettle", 6), ("ü…", 2), ("茶がない", 8), ("e\u0301", 1), ("🫖", 2), ("\uff4b", 2), ("a\u200db", 2)],
)
def test_a_character_takes_two_columns_one_or_none(text: str, columns: int) -> None:
    assert width(text) == columns
