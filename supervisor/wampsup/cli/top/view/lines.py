"""Widgets that show lines of spans: a role of a span is a class in their CSS."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from wampsup.cli.top.listing import SEVERITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.cli.top.words import Line

OTHER_ROLES = (
    "heading",
    "sorted",
    "trend",
    "note",
    "error",
    "lost",
    "filter",
    "title",
    "head",
    "key",
    "selected",
    "bar",
)


class Painted(Widget):
    """A widget that paints lines of spans."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in (*SEVERITY, *OTHER_ROLES)}

    DEFAULT_CSS = """
    Painted {
        & > .role--fatal, & > .role--failed, & > .role--error { color: $text-error; text-style: bold; }
        & > .role--backoff, & > .role--reconnecting { color: $text-warning; }
        & > .role--waiting, & > .role--connecting, & > .role--stopping { color: $text-accent; }
        & > .role--running, & > .role--completed { color: $text-success; }
        & > .role--stopped, & > .role--note { color: $foreground 65%; }
        & > .role--heading { color: $foreground 65%; text-style: bold; }
        & > .role--sorted, & > .role--title, & > .role--key, & > .role--filter {
            color: $text-primary;
            text-style: bold;
        }
        & > .role--trend { color: $text-secondary; }
        & > .role--lost { color: $text-error; text-style: bold reverse; }
        & > .role--bar { background: $panel; }
        & > .role--selected { background: $primary 40%; text-style: bold; }
    }
    """

    def paint(self, line: Line, width: int, *roles: str) -> Strip:
        """The line as a strip of that width, which is cut where it is longer, all of it in those roles as well."""
        base = self.rich_style
        for role in roles:
            base += self._style(role)
        segments = [Segment(span.text, base + self._style(span.role) if span.role else base) for span in line]
        strip = Strip(segments)
        if strip.cell_length > width:
            strip = Strip([*strip.crop(0, max(width - 1, 0)), Segment("…", base)])
        return strip.adjust_cell_length(width, base)

    def wrap(self, line: Line, width: int, margin: str, most: int) -> list[Strip]:
        """The line as at most so many strips of that width, behind a margin."""
        base, console = self.rich_style, self.app.console
        text = Text.assemble(*((span.text, self._style(span.role)) for span in line))
        lines = [Text(margin) + one for one in text.wrap(console, max(width - 2 * len(margin), 1))[:most]]
        return [Strip(one.render(console, end="")).apply_style(base).adjust_cell_length(width, base) for one in lines]

    def _style(self, role: str) -> Style:
        known = role in SEVERITY or role in OTHER_ROLES  # a supervisor may be newer than we are
        return self.get_component_rich_style(f"role--{role}", partial=True) if known else Style.null()


class Lines(Painted):
    """Shows lines; those that there is no room for are cut."""

    def __init__(self, id: str) -> None:  # noqa: A002 - textual's name for it
        super().__init__(id=id)
        self._lines: Sequence[Strip] = ()

    def show(self, *lines: Line) -> None:
        """Show these from now on."""
        self.show_strips([self.paint(line, self.size.width) for line in lines])

    def show_strips(self, strips: Sequence[Strip]) -> None:
        """Show these from now on."""
        self._lines = strips
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of it; textual calls this."""
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)
