"""What standard output is shown on."""

from __future__ import annotations

import os
import sys

_USUAL_SIZE = (80, 24)


def is_one() -> bool:
    """Whether a person sees the output as it is written."""
    return sys.stdout.isatty()


def has_colour() -> bool:
    """Whether what is shown may have colours."""
    return is_one() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def size() -> tuple[int, int]:
    """Its columns and lines, as `COLUMNS` and `LINES` say, or the terminal itself."""
    try:
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        columns, lines = _USUAL_SIZE
    columns, lines = _number("COLUMNS") or columns, _number("LINES") or lines
    return columns or _USUAL_SIZE[0], lines or _USUAL_SIZE[1]


def _number(variable: str) -> int:
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdecimal() else 0
