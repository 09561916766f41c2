"""How far an attempt has come on its way up."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """The value says what to tell when time ran out there."""

    CONNECTING = "no connection within {seconds:g} s"
    OPENING = "connected, but the opening handshake did not finish within {seconds:g} s"
    JOINING = "connected, but the router did not let it join within {seconds:g} s"
    HANDLERS = (
        "joined, but onJoin or an on_join handler did not return within {seconds:g} s; "
        "move what runs for ever into a main, or set `on_user_error` to `log`"
    )
    READY = "ready"

    @property
    def joined(self) -> bool:
        """Whether there is a session on the router."""
        return self in {Phase.HANDLERS, Phase.READY}


GOING_UP = {"start": Phase.CONNECTING, "connect": Phase.JOINING, "join": Phase.HANDLERS, "ready": Phase.READY}
"""Component's events on the way up, and the phase that each begins."""
