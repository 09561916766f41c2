"""The table of components. Only the rows that are seen are drawn, however many there are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wampsup.cli.top import columns
from wampsup.cli.top.view.lines import Painted

if TYPE_CHECKING:
    from textual import events

    from wampsup.cli.top.history import History
    from wampsup.cli.top.listing import Listing


class Table(Painted, ScrollView, can_focus=True):
    """Shows a listing under a line of headings; the keys that move are its own."""

    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)"),
        Binding("down,j", "move(1)"),
        Binding("pageup,ctrl+b", "page(-1)"),
        Binding("pagedown,ctrl+f", "page(1)"),
        Binding("home,g", "first"),
        Binding("end,G", "last"),
    ]

    DEFAULT_CSS = "Table { overflow: hidden auto; scrollbar-size-vertical: 1; }"

    class Moved(Message):
        """Another row is selected."""

    def __init__(self, listing: Listing, history: History) -> None:
        super().__init__()
        self._listing = listing
        self._history = history
        self._columns: list[columns.Column] = []
        self._now = 0.0

    def show(self) -> None:
        """Show the listing as it is now; a selected row that was in sight stays so."""
        self._now = time.time()
        self._fit()
        self._keep_in_sight()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of it; textual calls this."""
        width = self.scrollable_content_region.width
        if y == 0:
            listing = self._listing
            return self.paint(columns.headings(self._columns, listing.order, reverse=listing.reverse), width)
        index = y - 1 + round(self.scroll_y)
        if index >= len(self._listing.rows):
            return Strip.blank(width, self.rich_style)
        line = columns.cells(self._columns, self._listing.rows[index], self._history, self._now)
        return self.paint(line, width, *(["selected"] if index == self._listing.index else []))

    def on_resize(self) -> None:
        """Textual calls this when its size has changed."""
        self.show()

    def on_click(self, event: events.Click) -> None:
        """Textual calls this when it has been clicked."""
        if event.y > 0:
            self._select(event.y - 1 + round(self.scroll_y))

    def action_move(self, by: int) -> None:
        """Select a row further down."""
        self._select(self._listing.index + by)

    def action_page(self, by: int) -> None:
        """Select a row that is so many pages further down."""
        self._select(self._listing.index + by * max(self._height, 1))

    def action_first(self) -> None:
        """Select the first row."""
        self._select(0)

    def action_last(self) -> None:
        """Select the last row."""
        self._select(len(self._listing.rows) - 1)

    @property
    def _height(self) -> int:
        """The rows that there is room for."""
        return max(self.scrollable_content_region.height - 1, 0)

    def _select(self, index: int) -> None:
        self._listing.select(index)
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _fit(self) -> None:
        self.virtual_size = Size(0, len(self._listing.rows) + 1)
        self._columns = columns.layout(self.scrollable_content_region.width, self._listing.longest_name)

    def _keep_in_sight(self) -> None:
        index, top = self._listing.index, round(self.scroll_y)
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + self._height:
            self.scroll_to(y=index - self._height + 1, animate=False)
