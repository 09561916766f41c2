"""When a component is down that should not be: the one rule for `wampsup status --check` and for `/readyz`.

Standard library alone, and none of it: every `status` pays for this import.
"""

from __future__ import annotations

_AS_IT_SHOULD = frozenset({"running", "completed"})
"""The states of those that are wanted, and are where they should be."""


def is_down(desired: str, state: str) -> bool:
    """Whether a component should run, and neither does nor has done what it had to do."""
    return desired == "up" and state not in _AS_IT_SHOULD
