"""The foot of the main screen: how the selected component is, and what has happened."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from wampsup.cli.top import words
from wampsup.cli.top.columns import Span
from wampsup.cli.top.recent import spans
from wampsup.cli.top.view.lines import Lines

if TYPE_CHECKING:
    from textual.strip import Strip

    from wampsup.cli.top.recent import Recent

_SHARE = 0.4
"""What it takes of the screen's height, beside that of head and keys."""

_HIGHEST = 14
_AROUND = 4
_MOST_LINES_OF_TROUBLE = 3
_LEAST_EVENTS = 2
_MARGIN = " "


def height(screen: int) -> int:
    """Its height on a screen of that height."""
    return max(0, min(int((screen - _AROUND) * _SHARE), _HIGHEST))


class Foot(Lines):
    """Shows all that there is room for; `of_all` says whose events."""

    def __init__(self, recent: Recent) -> None:
        super().__init__("foot")
        self.of_all = False
        self._recent = recent

    def tell_of(self, component: dict[str, Any] | None) -> None:
        """Tell of this component, or of none."""
        strips: list[Strip] = []
        if component is not None:
            now, width = time.time(), self.size.width
            strips.append(self.paint([Span(_MARGIN), *words.title(component, now)], width, "bar"))
            for line in words.troubles(component, now):
                strips += self.wrap(line, width, _MARGIN, _MOST_LINES_OF_TROUBLE)
        self.show_strips([*strips, *self._events(component, self.size.height - len(strips))])

    def _events(self, component: dict[str, Any] | None, room: int) -> list[Strip]:
        if room < _LEAST_EVENTS or (component is None and not self.of_all):
            return []
        told = self._recent.latest(room - 1, None if self.of_all or component is None else component["name"])
        label = "events of all" if self.of_all else "its events"
        lines = [[Span(label if told else f"{label}: none yet", "heading")], *(spans(one) for one in reversed(told))]
        return [self.paint([Span(_MARGIN), *line], self.size.width) for line in lines]
