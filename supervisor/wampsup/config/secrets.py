"""Which values of a fleet file must never be shown.

All that stands under `authentication` or `headers` is secret, at any depth. So is what stands under a key that was
likely meant to be the former, or under an authentication method that was put in the wrong place: a misspelt key must
not give a password away.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLACES = frozenset({"headers", "ticket", "wampcra", "cryptosign", "scram"})
_ALIKE = 0.7
_HEADER = re.compile(r"^[ \t]*\[[ \t]*(supervisor|router|defaults|components|groups)\b", re.MULTILINE)
_HINTS_AT_SECRET = re.compile(
    r"auth|ticket|wampcra|cryptosign|scram|secret|password|token|headers|cookie", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def _is_secret_key(key: str) -> bool:
    lower = key.lower()
    return (
        lower.startswith("auth")
        or lower in _PLACES
        or SequenceMatcher(None, lower, "authentication", autojunk=False).ratio() >= _ALIKE
    )


def is_secret(path: Iterable[str | int]) -> bool:
    """Whether the value at `path` must not be shown."""
    return any(_is_secret_key(key) for key in path if isinstance(key, str))


def may_hold_secret(text: str, end: int) -> bool:
    """The same for the line that ends at `end` of a text that is not valid TOML: a guess that rather hides too much.

    The line is judged by all that stands between the last header of a known table above it and its end.
    """
    headers = [match.start() for match in _HEADER.finditer(text, 0, end)]
    return _HINTS_AT_SECRET.search(text, headers[-1] if headers else 0, end) is not None
