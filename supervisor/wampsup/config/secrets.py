"""Which values of a fleet file must never be shown.

All that stands under `authentication` or `headers` is secret, at any depth. So is what stands under a key that was
likely meant to be one of them, under an authentication method that was put in the wrong place, or under a key that says
it is secret: a misspelt key must not give a password away. Names of components and groups say nothing of that kind.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from wampsup.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable

_METHODS = frozenset({"ticket", "wampcra", "cryptosign", "scram"})
_ALIKE = {"authentication": 0.7, "headers": 0.85}
_SAYS_SO = re.compile(r"^auth|header|passw|passphrase|secret|token|privkey|api_?key|credential|cookie")
_USER = re.compile(r"(?<=://)[^/\s@]*@")
_HEADER = re.compile(r"^[ \t]*\[[ \t]*(supervisor|router|defaults|components|groups)\b", re.MULTILINE)
_HINTS_AT_SECRET = re.compile(
    r"auth|ticket|wampcra|cryptosign|scram|secret|password|token|headers|cookie", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def _is_secret_key(key: str) -> bool:
    lower = key.lower()
    return (
        lower in _METHODS
        or _SAYS_SO.search(lower) is not None
        or any(SequenceMatcher(None, lower, meant, autojunk=False).ratio() >= least for meant, least in _ALIKE.items())
    )


def is_secret(path: Iterable[str | int]) -> bool:
    """Whether the value at `path` must not be shown."""
    keys = [*path]
    if keys[:1] in (["components"], ["groups"]):
        del keys[1:2]
    return any(_is_secret_key(key) for key in keys if isinstance(key, str))


def names_user(text: str) -> bool:
    """Whether a URL in the text has a user in it, with a password maybe."""
    return _USER.search(text) is not None


def without_user(text: str) -> str:
    """The text, in which no URL has a user."""
    return _USER.sub(f"{MASK}@", text)


def may_hold_secret(text: str, end: int) -> bool:
    """The same for the line that ends at `end` of a text that is not valid TOML: a guess that rather hides too much.

    The line is judged by all that stands between the last header of a known table above it and its end.
    """
    headers = [match.start() for match in _HEADER.finditer(text, 0, end)]
    return _HINTS_AT_SECRET.search(text, headers[-1] if headers else 0, end) is not None
