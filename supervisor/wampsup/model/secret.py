"""A value that must not be shown."""

from __future__ import annotations

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
