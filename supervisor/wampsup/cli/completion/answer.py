"""Answers the shells: `wampsup __complete SHELL ...`, which is for the scripts in `shells` alone.

The first line says what paths may stand there (`candidates`), each other one is a word, a tab, and what it means.
zsh and fish give the words that follow on `wampsup`, bash its line and what it takes for the ends of words.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from typing import TYPE_CHECKING

from wampsup.cli.completion.candidates import complete
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_INSIDE_WORDS = "@:="
"""What bash takes for the ends of words, and stands within ours: `feed@1`, `group:kitchen`, `--fleet=edge`."""

_ASSIGNMENT = re.compile(r"\w+=")


def answer(shell: str, *told: str) -> list[str]:
    """The lines for that shell."""
    words, ignored = list(told), ""
    if shell == "bash":
        breaks, line = told
        words = _words_of(line)
        ignored = _ignored(words[-1], breaks)
    found = complete(words)
    return [
        found.paths,
        *(
            f"{printable(word.removeprefix(ignored))}\t{printable(means)}"
            for word, means in found.words.items()
            if shell != "bash" or word.startswith(words[-1])
        ),
    ]


def _words_of(line: str) -> list[str]:
    """The words of a line that follow on its command; the last one, where the cursor stands, may be empty."""
    words = [*line.split(), "|"]  # where the quotation is beyond us
    for end in ("|", "'|", '"|', "\\|"):  # a mark, behind which no quotation is open
        with contextlib.suppress(ValueError):
            words = shlex.split(line + end)
            break
    words[-1] = words[-1].removesuffix("|")
    while words and _ASSIGNMENT.match(words[0]):
        del words[0]
    return words[1:] or [""]


def _ignored(current: str, breaks: str) -> str:
    """The part of the last word that bash takes for words of their own, in front of what it completes.

    Where a word ends with `@`, the next one begins with it (readline: `rl_special_prefixes`).
    """
    end = max((current.rfind(character) for character in _INSIDE_WORDS if character in breaks), default=-1)
    return current[:end] if current[end : end + 1] == "@" else current[: end + 1]


def run(told: Sequence[str]) -> int:
    """Answer, or say nothing where there is nothing to say; the exit code."""
    with contextlib.suppress(Exception):  # a person who presses TAB wants no errors
        print("\n".join(answer(*told)))  # noqa: T201 - data goes to stdout
    return 0
