"""What has happened of late, in words."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from wampsup.cli import events
from wampsup.cli.top.columns import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 10_000
"""Events that are kept, as many as the supervisor keeps."""

_MOVE = re.compile(r"(\d\d:\d\d:\d\d)(.*?)(?: -> ([a-z]+)(?=  |$)|$)(.*)")


class Recent:
    """The latest events, of all components or of one."""

    def __init__(self) -> None:
        self._events: deque[tuple[str | None, str]] = deque(maxlen=MOST)

    def add(self, told: Iterable[dict[str, Any]]) -> None:
        """Keep these events."""
        self._events.extend((one.get("component"), events.in_words(one, colour=False)) for one in told)

    def latest(self, most: int, component: str | None = None) -> list[str]:
        """The latest of them, newest first; with a `component` its own."""
        told = (words for whose, words in reversed(self._events) if component in (None, whose))
        return list(islice(told, most))


def spans(words: str) -> Sequence[Span]:
    """An event with its time set back, and the state that it led to in its colour."""
    found = _MOVE.match(words)
    if found is None:
        return [Span(words, "note")]
    at, what, state, more = found.groups()
    return [Span(at, "note"), Span(what), *([Span(" -> "), Span(state, state)] if state else []), Span(more, "note")]
