"""How far an attempt has come on its way up."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """The value says what the attempt was at when time ran out."""

    CONNECTING = "no connection"
    OPENING = "connected, but the opening handshake did not finish"
    JOINING = "connected, but the router did not let it join"
    HANDLERS = "joined, but its join handlers did not finish"
    READY = "ready"

    @property
    def joined(self) -> bool:
        """Whether there is a session on the router."""
        return self in {Phase.HANDLERS, Phase.READY}


GOING_UP = {"start": Phase.CONNECTING, "connect": Phase.JOINING, "join": Phase.HANDLERS, "ready": Phase.READY}
"""Component's events on the way up, and the phase that each begins."""
