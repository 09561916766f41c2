"""What one peer may cost the router."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds for each connection; times are seconds, sizes are bytes."""

    handshake_timeout: float = 10.0
    """From the accepted connection to WELCOME, authentication included."""
    close_timeout: float = 1.0
    """From the router's last word to a closed connection."""
    message_size: int = 2**24
    """The longest message that is taken: a power of 2 from 512 to 16 MiB, which is RawSocket's own bound."""
    queue_size: int = 2**24
    """What may wait for a peer that reads too slowly before its connection is dropped."""
    backlog: int = 1024
    """Connections that the kernel holds until they are accepted: a whole fleet may start in one turn of the reactor."""
