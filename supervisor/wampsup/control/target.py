"""Takes the target of a request apart: its path and its query."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from wampsup.control.messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_PARAMETERS = 1000
_HOST = re.compile(r"^https?://[^/?]*", re.IGNORECASE)


def target(uri: bytes) -> tuple[str, Mapping[str, Sequence[str]]]:
    """The path and the query, as `messages.Request` has them.

    A target may begin with a scheme and a host (RFC 9112, 3.2.2), which say nothing here.

    Raises:
        Refusal: 400, the query is too long.
    """
    path, _, query = _HOST.sub("", uri.decode("utf-8", "replace")).partition("?")
    try:
        parameters = parse_qs(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"the query has over {MOST_PARAMETERS} parameters") from None
    return "/".join(map(_decoded, path.split("/"))), parameters


def _decoded(part: str) -> str:
    return part if "%2f" in part.lower() else unquote(part)
