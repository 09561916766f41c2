"""A question before something is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class Question(ModalScreen[bool]):
    """Asks; `y` is a yes, and all else a no."""

    DEFAULT_CSS = """
    Question { align: center middle; }
    Question Vertical, Question Static { width: auto; max-width: 100%; height: auto; }
    Question Vertical { border: round $warning; padding: 0 2; background: $surface; }
    Question .answers { color: $foreground 65%; }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Textual calls this for what is in it."""
        with Vertical():
            yield Static(Text(f"{self._question}  y/N", style="bold"))
            yield Static(Text("y does it, any other key does not"), classes="answers")

    def on_key(self, event: events.Key) -> None:
        """Textual calls this for a key."""
        event.stop()
        self._answer(yes=event.character in {"y", "Y"})

    def on_click(self) -> None:
        """Textual calls this when it has been clicked."""
        self._answer(yes=False)

    def _answer(self, *, yes: bool) -> None:
        if self.is_current:  # the first answer counts, however fast others follow
            self.dismiss(yes)
