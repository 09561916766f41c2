"""How long to wait before the next attempt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.model.spec import Backoff

LEAST_DELAY = 0.001
"""No delay is ever shorter, in seconds: a component that always fails must not spin."""


def delay(backoff: Backoff, failures: int, noise: float) -> float:
    """The seconds to wait after `failures` earlier waits in a row; `noise` is from -1 to 1.

    The result is clamped after the jitter, so that it never exceeds `max_delay` (Twisted's `ClientService` documents
    that its own policy may).
    """
    if backoff.growth > 1:
        steps_to_cap = math.log(max(backoff.max_delay / backoff.initial_delay, 1)) / math.log(backoff.growth)
        base = backoff.initial_delay * backoff.growth ** min(failures, math.ceil(steps_to_cap))
    else:
        base = backoff.initial_delay
    spread = min(base, backoff.max_delay) * (1 + backoff.jitter * noise)
    return min(max(spread, LEAST_DELAY), max(backoff.max_delay, LEAST_DELAY))
