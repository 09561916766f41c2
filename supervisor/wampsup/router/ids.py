"""WAMP ids of global scope: drawn at random from 1 to 2**53."""

from __future__ import annotations

import random


def new_id() -> int:
    """An id for a session or a publication."""
    return random.getrandbits(53) + 1  # an id is no secret, and each publication draws one
