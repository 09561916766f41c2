"""What can't be an HTTP header of a WebSocket's opening handshake. No value is ever shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wampsup.config.words import subject
from wampsup.model.secret import Secret
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.config.positions import Path

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

_OF_THE_HANDSHAKE = frozenset(
    {
        "cache-control",
        "connection",
        "host",
        "pragma",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "upgrade",
    }
)
"""What Autobahn sends by itself: a second one would make the request invalid."""


def header_mistakes(path: Path, headers: Any) -> Iterator[Mistake]:
    """All that is wrong within `headers`, as it stands in the file."""
    seen: dict[str, str] = {}
    for name, value in headers.items() if isinstance(headers, dict) else ():
        where = subject((*path, name))
        text = value.value if isinstance(value, Secret) else value
        first = seen.setdefault(name.lower(), name)
        if _TOKEN.fullmatch(name) is None:
            message = f"{where} can't be a header: its name must be made of letters, digits and `-`"
            yield Mistake(path=(*path, name), message=message, at_key=True)
        elif name.lower() in _OF_THE_HANDSHAKE:
            yield Mistake(path=(*path, name), message=f"{where} is sent by the handshake itself", at_key=True)
        elif first != name:
            yield Mistake(path=(*path, name), message=f"{where} is the same header as `{first}`", at_key=True)
        elif isinstance(text, str) and _CONTROL.search(text):
            yield Mistake(path=(*path, name), message=f"{where} must be one line without control characters")
