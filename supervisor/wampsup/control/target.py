"""Takes the target of a request apart: its path and its query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HOST = re.compile(r"^https?://[^/?]*", re.IGNORECASE)


def target(uri: bytes) -> tuple[str, Mapping[str, Sequence[str]]]:
    """The path and the query, as `messages.Request` has them.

    A target may begin with a scheme and a host (RFC 9112, 3.2.2), which say nothing here.
    """
    path, _, query = _HOST.sub("", uri.decode("utf-8", "replace")).partition("?")
    return "/".join(map(_decoded, path.split("/"))), parse_qs(query, keep_blank_values=True)


def _decoded(part: str) -> str:
    return part if "%2f" in part.lower() else unquote(part)
