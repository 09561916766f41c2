"""The application around the main screen: how it ends, and what goes for all of it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding

from wampsup.cli.top.feeds import INTERVAL
from wampsup.cli.top.view.main import Main

if TYPE_CHECKING:
    from wampsup.cli.top.source import Seen, Source


class Top(App[None]):
    """A live view of the fleet that a source tells of; `first` is what it has told first."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [
        Binding("ctrl+c", "quit", priority=True),
        Binding("ctrl+z", "suspend_process", priority=True),
    ]

    def __init__(self, source: Source, first: Seen, *, order: str, interval: float = INTERVAL) -> None:
        super().__init__()
        self._main = Main(source, first, order=order, interval=interval)

    def get_default_screen(self) -> Main:
        """The main screen; textual calls this."""
        return self._main

    def on_mount(self) -> None:
        """Textual calls this when it comes to be: a signal leaves the terminal as it was, too."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit)
