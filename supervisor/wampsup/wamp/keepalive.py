"""Lets the kernel find out that the other end of a TCP connection, or the way to it, is gone.

This is all that a rawsocket has against a link that dies without a word: the host or the network is missed within
`FOUND_WITHIN` seconds, idle or not. A router whose host still answers while the router itself hangs is not found: that
takes a WebSocket, or a component's health check. Unix sockets need none of it, as their kernel is the router's own.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

IDLE, INTERVAL, COUNT = 15, 5, 2
FOUND_WITHIN = IDLE + INTERVAL * COUNT

_WANTED = {
    "TCP_KEEPIDLE": IDLE,
    "TCP_KEEPALIVE": IDLE,  # what macOS calls it
    "TCP_KEEPINTVL": INTERVAL,
    "TCP_KEEPCNT": COUNT,
    "TCP_USER_TIMEOUT": FOUND_WITHIN * 1000,  # the same while data waits, which keeps probes from going out
}
_OPTIONS = {getattr(socket, name): value for name, value in _WANTED.items() if hasattr(socket, name)}


def keep_alive(transport: Any) -> None:
    """Set the options of the kernel's on Twisted's `transport`, where it is TCP, and as far as the system has them."""
    connection = getattr(transport, "socket", None)  # none where it is lost already, or no socket
    if connection is None or connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    with contextlib.suppress(OSError):  # lost, and nobody has told yet
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _OPTIONS.items():
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
