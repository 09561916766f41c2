"""How long to wait before the next attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.model.spec import Backoff

LEAST_DELAY = 0.0001
"""No delay is ever shorter, in seconds; a timer takes a millisecond at least, so that nothing that fails spins."""


def delay(backoff: Backoff, failures: int, noise: float) -> float:
    """The seconds to wait after `failures` earlier waits in a row; `noise` is from -1 to 1.

    The result is clamped after the jitter, so that it never exceeds `max_delay` (Twisted's `ClientService` documents
    that its own policy may).
    """
    try:
        base = backoff.initial_delay * max(backoff.growth, 1.0) ** failures
    except OverflowError:  # after many failures in a row; the cap was reached long ago
        base = backoff.max_delay
    spread = min(base, backoff.max_delay) * (1 + backoff.jitter * noise)
    return min(max(spread, LEAST_DELAY), max(backoff.max_delay, LEAST_DELAY))
