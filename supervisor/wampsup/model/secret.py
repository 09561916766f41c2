"""A value that must not be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from wampsup.masking import MASK, remember


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Text that is shown nowhere; `reveal` gives it to whoever it is meant for.

    Two of them are equal where their texts are, so that a reload sees a new one.
    """

    value: str

    def __post_init__(self) -> None:
        remember(self.value)

    def __repr__(self) -> str:
        return MASK


_CARRIES_SECRETS = re.compile(r"auth|cookie|token|key|secret|pass", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s;,=]+")
_SHORTEST_PART = 8


def of_header(name: str, value: Secret | str) -> Secret:
    """The value of an HTTP header; in one that carries secrets, `Bearer abc` say, each part is one by itself.

    A router may repeat a token without what stands before it.
    """
    secret = Secret(value) if isinstance(value, str) else value
    if _CARRIES_SECRETS.search(name):
        for part in _BETWEEN.split(secret.value):
            if len(part) >= _SHORTEST_PART:
                remember(part)
    return secret


def reveal(value: Any) -> Any:
    """A copy of a table, a list or a single value in which every `Secret` is its text."""
    match value:
        case Secret():
            return value.value
        case dict():
            return {key: reveal(inner) for key, inner in value.items()}
        case list() | tuple():
            return [reveal(inner) for inner in value]
        case _:
            return value
