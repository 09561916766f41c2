"""The values of options: from text to what a command takes, and their defaults."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_TIMEOUT = 10.0
START_TIMEOUT = 30.0
SHUTDOWN_TIMEOUT = 90.0
"""Seconds; over the 60 s that a fleet is given by default."""

ALL = -1
"""The number of lines that stands for all that are kept."""

FOLLOWED = 100
"""Lines that `logs -f` begins with."""

WATCHED = 1.0
"""Seconds between two looks of `status --watch`."""

_LONGEST_TIMEOUT = 86400.0
_MOST_DIGITS = 9


def name(text: str) -> str:
    """A name: anything but nothing."""
    if not text:
        raise argparse.ArgumentTypeError("a name can't be empty")
    return text


def seconds(text: str) -> float:
    """A time to wait."""
    value = _float(text)
    if not 0 < value <= _LONGEST_TIMEOUT:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds above 0")
    return value


def number(least: float, most: float) -> Callable[[str], float]:
    """The type of numbers in this range."""

    def in_range(text: str) -> float:
        value = _float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"`{text}` is no number from {least:g} to {most:g}")
        return value

    return in_range


def tail(text: str) -> int:
    """A number of lines, or `ALL`."""
    return ALL if text in {"all", str(ALL)} else count(text, ", and not `all`")


def count(text: str, nor: str = "") -> int:
    """A whole number; `nor` is what else it could have been."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number{nor}")
    return int(text)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0
