"""The main screen: what it is told, and what is drawn of it; `keys` has what a person does."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.widgets import Input, Label

from wampsup.cli.top import words
from wampsup.cli.top.feeds import INTERVAL, LONGEST_PAUSE, Feeds
from wampsup.cli.top.history import History
from wampsup.cli.top.listing import Listing
from wampsup.cli.top.recent import Recent
from wampsup.cli.top.view import foot
from wampsup.cli.top.view.keys import Keys
from wampsup.cli.top.view.lines import Lines
from wampsup.cli.top.view.table import Table
from wampsup.cli.top.view.told import Listener, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from wampsup.cli.top.source import Seen, Source
    from wampsup.errors import WampsupError

_PATIENCE = 3.0
"""Seconds for which an answer may be overdue until that is told."""


class Main(Listener, Keys):
    """Shows the fleet that a source tells of, every `interval` seconds; `first` is what it tells first."""

    DEFAULT_CSS = """
    Main #head { height: 2; }
    Main Table { height: 1fr; }
    Main Foot { background: $surface; }
    Main #keys, Main #filter { height: 1; background: $panel; }
    Main #filter Input { background: $panel; }
    """

    def __init__(self, source: Source, first: Seen, *, order: str, interval: float = INTERVAL) -> None:
        super().__init__()
        self.source = source
        self.interval = interval
        self.listing = Listing(order)
        self._history = History()
        self._recent = Recent()
        self._seen = first
        self._seen_at = time.monotonic()
        self._between = interval
        self._lost: WampsupError | None = None
        self.feeds = Feeds(
            source,
            seen=self._in_turn(self._look_at),
            lost=self._in_turn(self._lose),
            happened=self._in_turn(self._happen),
            interval=interval,
        )

    def compose(self) -> ComposeResult:
        """Textual calls this for what is in it."""
        yield Lines("head")
        yield Table(self.listing, self._history)
        yield foot.Foot(self._recent)
        with Horizontal(id="filter"):
            yield Label("/")
            yield Input(placeholder="a part of a name, or a pattern such as sensor-*", compact=True)
        yield Lines("keys")

    def on_mount(self) -> None:
        """Textual calls this when it comes to be."""
        self.show_filter(shown=False)
        self._look_at(self._seen)
        self.feeds.start()
        self.set_interval(1, self._draw_head)

    def on_unmount(self) -> None:
        """Textual calls this at its end."""
        self.feeds.stop()

    def on_resize(self) -> None:
        """Textual calls this when its size has changed."""
        self.query_one(foot.Foot).styles.height = foot.height(self.size.height)
        self.call_after_refresh(self.draw)

    def on_table_moved(self) -> None:
        """Textual calls this when another row has been selected."""
        self.draw_foot()

    def _in_turn(self, do: Callable[[Any], None]) -> Callable[[Any], None]:
        return lambda what: tell(self, partial(do, what))

    def _look_at(self, seen: Seen) -> None:
        now = time.monotonic()
        self._between = min(now - self._seen_at, LONGEST_PAUSE)
        self._seen, self._seen_at, self._lost = seen, now, None
        self._history.add(seen.supervisor["cpu"]["percent"]["1"], seen.components)
        self.listing.show(seen.components)
        self.draw()

    def _lose(self, error: WampsupError) -> None:
        self._lost = error
        self._draw_head()

    def _happen(self, events: list[dict[str, Any]]) -> None:
        self._recent.add(events)
        self.draw_foot()

    def draw(self) -> None:
        """Draw everything anew."""
        self._draw_head()
        self.query_one(Table).show()
        self.draw_foot()
        keys = self.query_one("#keys", Lines)
        keys.show(words.keys(keys.size.width))

    def draw_foot(self) -> None:
        """Draw the foot anew."""
        self.query_one(foot.Foot).tell_of(self.listing.selected)

    def _draw_head(self) -> None:
        silent = time.monotonic() - self._seen_at
        if self._lost is not None:
            second = words.silence(self._lost.message, silent)
        elif silent > _PATIENCE + 2 * self._between:
            second = words.silence("no answer", silent)
        else:
            second = words.gauges(self._seen.supervisor, self._history, self.listing, self._seen.took)
        head = self.query_one("#head", Lines)
        head.show(words.head(self._seen.supervisor, head.size.width), second)
