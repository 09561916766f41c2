"""What every answer says before its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup import __version__
from wampsup.control.messages import phrase_of

if TYPE_CHECKING:
    from wampsup.control.messages import Reply

HEADERS = {
    "Server": f"wampsup/{__version__}",  # by which the command line knows a supervisor
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What all answers say. None lets a page of another site read them."""


def in_whole(reply: Reply) -> bytes:
    """All of an answer after which the connection ends."""
    content = reply.encoded()
    headers = {**HEADERS, "Content-Type": reply.media_type, "Content-Length": len(content), "Connection": "close"}
    lines = [f"HTTP/1.1 {int(reply.status)} {phrase_of(reply.status)}", *(f"{key}: {headers[key]}" for key in headers)]
    return "\r\n".join([*lines, "", ""]).encode() + content
