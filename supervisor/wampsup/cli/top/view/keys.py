"""What a person does on the main screen, key by key. The table has the keys that move."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from wampsup.cli.top import ORDERS, words
from wampsup.cli.top.feeds import in_thread
from wampsup.cli.top.view.foot import Foot
from wampsup.cli.top.view.page import Page
from wampsup.cli.top.view.question import Question
from wampsup.cli.top.view.table import Table
from wampsup.cli.top.view.told import tell
from wampsup.errors import WampsupError
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.notifications import SeverityLevel

    from wampsup.cli.top.feeds import Feeds
    from wampsup.cli.top.listing import Listing
    from wampsup.cli.top.source import Source


class Keys(Screen[None]):
    """The actions of the main screen."""

    BINDINGS: ClassVar = [
        Binding("q", "app.quit"),
        Binding("question_mark,h,f1", "help"),
        Binding("b", "sort('busy')"),
        Binding("s", "sort('state')"),
        Binding("n", "sort('name')"),
        Binding("o", "sort_next"),
        Binding("r", "reverse"),
        Binding("slash", "filter"),
        Binding("escape", "no_filter"),
        Binding("e", "events"),
        Binding("enter", "details"),
        Binding("l", "log"),
        Binding("S", "command('start')"),
        Binding("T,x", "command('stop')"),
        Binding("R", "command('restart')"),
    ]

    source: Source
    listing: Listing
    feeds: Feeds
    interval: float

    def draw(self) -> None:
        """Draw everything anew."""
        raise NotImplementedError

    def draw_foot(self) -> None:
        """Draw the foot anew."""
        raise NotImplementedError

    def action_help(self) -> None:
        """Show what the keys do."""
        self.app.push_screen(Page("keys", lambda _: words.HELP.splitlines(), self.interval))

    def action_sort(self, order: str) -> None:
        """Sort by that."""
        self.listing.sort(order)
        self.draw()

    def action_sort_next(self) -> None:
        """Sort by what comes next."""
        self.action_sort(ORDERS[(ORDERS.index(self.listing.order) + 1) % len(ORDERS)])

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.listing.turn()
        self.draw()

    def action_filter(self) -> None:
        """Let the person type what names have to hold."""
        self.show_filter(shown=True)

    def action_no_filter(self) -> None:
        """Show all again."""
        self.query_one(Input).value = ""
        self.show_filter(shown=False)

    def action_events(self) -> None:
        """Show the events of all, or of the selected component alone."""
        foot = self.query_one(Foot)
        foot.of_all = not foot.of_all
        self.draw_foot()

    def action_details(self) -> None:
        """Show all about the selected component."""
        self._open(lambda name: Page(f"all about {name}", partial(self.source.page, name), self.interval))

    def action_log(self) -> None:
        """Show what the selected component has logged."""
        self._open(lambda name: Page(f"log of {name}", lambda _: self.source.log(name), self.interval, at_end=True))

    def action_command(self, command: str) -> None:
        """Ask, then send the command for the selected component."""

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - textual calls it so
            if yes:
                in_thread(partial(self._send, command, name))

        if self.listing.selected is not None:
            name = self.listing.selected["name"]
            self.app.push_screen(Question(words.question(command, name)), answered)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Textual calls this with every letter of the filter."""
        self.listing.filter(event.value)
        self.draw()

    def on_input_submitted(self) -> None:
        """Textual calls this when the filter is as it should be."""
        self.show_filter(shown=False)

    def show_filter(self, *, shown: bool) -> None:
        """Show the field for the filter, or the keys in its place."""
        self.query_one("#filter").display = shown
        self.query_one("#keys").display = not shown
        self.query_one(Input if shown else Table).focus()

    def _open(self, page: Callable[[str], Page]) -> None:
        if self.listing.selected is not None:
            self.app.push_screen(page(self.listing.selected["name"]))

    def _send(self, command: str, name: str) -> None:
        """In a thread: send it, and tell what has come of it."""
        try:
            state = self.source.command(command, name)
        except WampsupError as error:
            tell(self, partial(self._tell, error.render().split("\n"), "error"))
        else:
            tell(self, partial(self._tell, [f"{name}: {state}"], "information"))

    def _tell(self, lines: list[str], severity: SeverityLevel) -> None:
        self.notify("\n".join(map(printable, lines)), severity=severity, markup=False)
        self.feeds.hurry()
