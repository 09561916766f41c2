"""How events and lines of the log are written in a stream: as lines of JSON, or as server-sent events."""

from __future__ import annotations

import json
from typing import Protocol

LOST = "lost"
"""The kind of what tells of a loss."""


class Told(Protocol):
    """What can be told: numbered, and of some kind."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """What it is, in a word."""

    def json(self) -> bytes:
        """All of it, as one JSON document."""


class Form(Protocol):
    """How a stream is written."""

    media_type: str
    heartbeat: bytes

    def told(self, one: Told) -> bytes:
        """One event, or one line."""

    def lost(self, count: int, after: int) -> bytes:
        """That so many have been lost, and that it goes on after that number."""


class Lines:
    """A JSON document a line. The heartbeat is a space: whoever takes a line for JSON does not see it."""

    media_type = "application/x-ndjson"
    heartbeat = b" "

    def told(self, one: Told) -> bytes:
        """One, on a line."""
        return one.json() + b"\n"

    def lost(self, count: int, after: int) -> bytes:
        """The loss, on a line."""
        return _lost(count, after) + b"\n"


class ServerSent:
    """Server-sent events, as `EventSource` of a browser takes them; the heartbeat is a comment."""

    media_type = "text/event-stream"
    heartbeat = b":\n\n"

    def told(self, one: Told) -> bytes:
        """One, by its kind."""
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (one.id, one.kind.encode(), one.json())

    def lost(self, count: int, after: int) -> bytes:
        """The loss; whoever connects anew does so behind it."""
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (after, LOST.encode(), _lost(count, after))


def form_for(accept: str) -> Form:
    """The form that a client asks for with this `Accept` header."""
    return ServerSent() if prefers(accept, ServerSent.media_type, Lines.media_type) else Lines()


def prefers(accept: str, one: str, usual: str) -> bool:
    """Whether a client with this `Accept` header asks for that media type, and not rather for the usual one."""
    accepted = dict(map(_weighed, accept.split(",")))
    wanted = accepted.get(one, 0.0)
    return wanted > 0 and wanted >= accepted.get(usual, 0.0)


def _weighed(one: str) -> tuple[str, float]:
    """A media type of an `Accept` header, and how much it is wanted (RFC 9110, 12.4.2)."""
    media_type, *parameters = (part.strip().lower() for part in one.split(";"))
    weights = [part.partition("=")[2] for part in parameters if part.startswith("q=")]
    try:
        return media_type, float(weights[0])
    except (IndexError, ValueError):
        return media_type, 1.0


def _lost(count: int, after: int) -> bytes:
    return json.dumps({"lost": count, "after": after}, separators=(",", ":")).encode()
