"""A terminal for a command, and what of its output a terminal would obey."""

from __future__ import annotations

import os
import re
import subprocess
import unicodedata
from typing import TYPE_CHECKING

from support.command import EXECUTABLE, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OURS = re.compile(r"\x1b\[(?:\d+(?:;\d+)*)?m")
"""Colours, which wampsup itself sends."""

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x1b\\\x1bP+q\x1b\\\x1b[6n\x1bc"  # clears, titles, clipboards, reports
    "\x9b31m\x9d0;owned\x9c\x90\x85\x84"  # the same in one byte each
    "\rforged\x08\x08\x7f\x00\x0e\x0f\x0b\x0c"
    "\u202egnp.exe\u2066\u2069\u200b\u2028\u2029\ufeff\U000e0041"
    "\x1b[32mfake\x1b[0m"
)
"""Text of which a terminal, or its reader, would make something else than text."""


def seen(
    *arguments: str | Path | bytes,
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    colour: bool = False,
) -> str:
    """All that a command shows on a terminal of its own, both standard output and error, as it reached it."""
    ours, theirs = os.openpty()
    wanted = {"TERM": "xterm", "COLUMNS": "400", "NO_COLOR": None if colour else "1", **(env or {})}
    process = subprocess.Popen(
        [EXECUTABLE, *arguments], env=environment(wanted), cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        try:
            while part := terminal.read(65536):
                shown += part
        except OSError:  # Linux says so when nobody has the other end any more
            pass
    process.wait(60)
    return shown.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def obeyed(shown: str) -> list[str]:
    """The characters of it that are no text, but for ends of lines, and colours that stand around our own words."""
    text = _OURS.sub("", shown)
    return sorted({repr(char) for char in text if char != "\n" and _is_obeyed(char)})


def _is_obeyed(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
