"""A page over the table: all about one component, what it logs, or help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from wampsup.cli.top.columns import Span
from wampsup.cli.top.feeds import in_thread
from wampsup.cli.top.view.lines import Lines
from wampsup.cli.top.view.told import Listener, tell
from wampsup.errors import WampsupError
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


_FRAME = 3
"""Columns that its padding and its scrollbar take."""


class Page(Listener, Screen[None]):
    """Shows what `lines` returns for its width, asked again every `interval` seconds, in a thread; keys close it.

    With `at_end` it begins at its end, and stays there until somebody scrolls.
    """

    BINDINGS: ClassVar = [
        Binding("escape,q,enter,backspace", "close"),
        Binding("up,k", "scroll('up')"),
        Binding("down,j", "scroll('down')"),
        Binding("pageup,ctrl+b,b", "scroll('page_up')"),
        Binding("pagedown,ctrl+f,space", "scroll('page_down')"),
        Binding("home,g", "scroll('home')"),
        Binding("end,G", "scroll('end')"),
    ]

    DEFAULT_CSS = """
    Page #page-title, Page #page-keys { height: 1; background: $panel; }
    Page VerticalScroll { scrollbar-size-vertical: 1; padding: 0 1; }
    """

    def __init__(self, title: str, lines: Callable[[int], list[str]], interval: float, *, at_end: bool = False) -> None:
        super().__init__()
        self._heading = title
        self._lines = lines
        self._interval = interval
        self._at_end = at_end
        self._shown: list[str] | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """Textual calls this for what is in it."""
        yield Lines("page-title")
        with VerticalScroll(can_focus=False):
            yield Static(Text("…"), id="page-text")
        yield Lines("page-keys")

    def on_mount(self) -> None:
        """Textual calls this when it comes to be."""
        self._ask()
        self.set_interval(self._interval, self._ask)

    def on_resize(self) -> None:
        """Textual calls this when its size has changed."""
        self.call_after_refresh(self._frame)

    def action_close(self) -> None:
        """Back to the table."""
        if self.is_current:  # a second key may have followed fast
            self.dismiss()

    def action_scroll(self, where: str) -> None:
        """Scroll."""
        getattr(self.query_one(VerticalScroll), f"scroll_{where}")(animate=False)

    def _frame(self) -> None:
        self.query_one("#page-title", Lines).show([Span(f" {printable(self._heading)}", "title")])
        keys = [Span(" q", "key"), Span(" back ", "head"), Span(" j k PgUp PgDn g G", "key"), Span(" scroll", "head")]
        self.query_one("#page-keys", Lines).show(keys)

    def _ask(self) -> None:
        if not self._asking:
            self._asking = True
            in_thread(partial(self._answer, self.size.width - _FRAME))

    def _answer(self, width: int) -> None:
        try:
            lines = self._lines(width)
        except WampsupError as error:
            lines = error.render().split("\n")
        tell(self, lambda: self._show(lines))

    def _show(self, lines: list[str]) -> None:
        self._asking = False
        if lines == self._shown:
            return
        scroll = self.query_one(VerticalScroll)
        stays = self._at_end and (self._shown is None or scroll.scroll_y >= scroll.max_scroll_y)
        self._shown = lines
        self.query_one("#page-text", Static).update(Text("\n".join(printable(line) for line in lines)))
        if stays:
            self.call_after_refresh(scroll.scroll_end, animate=False)
