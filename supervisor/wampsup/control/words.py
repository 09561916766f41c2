"""The one sentence about a whole fleet, for `wampsup status` and whoever else is told of it; states in sentences.

Standard library alone, and none of it: every `status` pays for this import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def in_words(counts: Mapping[str, int]) -> str:
    """How many components are in what state: `2 components: 1 running, 1 fatal`; running ones first, then by number."""
    total = sum(counts.values())
    things = f"{total} component{'' if total == 1 else 's'}"
    states = by_state(counts)
    return f"{things}: {states}" if states else things


def by_state(counts: Mapping[str, int]) -> str:
    """How many are in what state: `1 running, 1 fatal`; running ones first, then by number."""
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items(), key=_order))


_IS_SO = {"backoff": "is in backoff", "completed": "has completed", "failed": "has failed"}
"""The states whose names make no sentence with "is"."""


def is_so(state: str) -> str:
    """What is said of a component in that state: `is running`, `has failed`."""
    return _IS_SO.get(state, f"is {state}")


def _order(count: tuple[str, int]) -> tuple[bool, int]:
    return count[0] != "running", -count[1]
