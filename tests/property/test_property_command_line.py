"""Whatever is typed is understood, or told in a sentence; whatever is shown fits its place."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from wampsup.cli.arguments import COMMANDS, parse
from wampsup.cli.columns import in_lines
from wampsup.cli.completion.answer import answer
from wampsup.errors import UsageError
from wampsup.printable import width

WORDS = [
    *COMMANDS,
    "",
    "-",
    "--",
    "--=",
    "--json",
    "--watch",
    "--watch=",
    "--fleet",
    "--fleet=x",
    "-n",
    "-n3",
    "5",
    "--",
]
LINES = st.lists(
    st.sampled_from([*WORDS, "a", "--all", "-f", "--help", "x.toml", "/", "'", '"', "\\", "茶"]), max_size=6
)


@given(LINES)
def test_what_is_typed_is_understood_or_told(argv: list[str]) -> None:
    with contextlib.suppress(UsageError, SystemExit):
        assert parse(argv).command in COMMANDS


@given(LINES.filter(lambda line: not {"--fleet", "--fleet=x"}.intersection(line)))
def test_a_shell_is_always_answered(line: list[str]) -> None:
    offline = ["help", *line]  # which asks nobody
    for told in (answer("fish", *offline), answer("bash", "@:=", " ".join(["wampsup", *offline]))):
        assert told[0].startswith(":")
        assert all("\t" in one for one in told[1:])


@given(st.text("ab; 茶é\u0301…", max_size=80), st.integers(2, 30), st.integers(1, 5))
def test_a_note_never_takes_more_than_its_place(text: str, columns: int, most: int) -> None:
    lines = in_lines(text, columns, most)
    assert len(lines) <= most
    assert all(width(line) <= columns for line in lines)
