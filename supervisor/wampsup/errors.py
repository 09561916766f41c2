"""Every error that wampsup shows to a person, split by who must act.

    WampsupError                1  it did not work
    ├── UsageError              2  the person who typed the command
    ├── NoSupervisorError       3  whoever should have started the fleet
    ├── NoSuchComponentError    4  the person who typed the name
    ├── FleetFileError          5  the author of the fleet file
    └── WaitTimeoutError        6  nobody yet: it may still come about

The number is the exit code of a command that ends with this error; a supervisor whose loop was stuck for `fatal_stall`
ends with 7 (`watchdog.STUCK`). A message is one sentence without a period, with the
offending value in backticks; a hint says what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    Facts = dict[str, str | int | None]


class WampsupError(Exception):
    """It did not work: `message` says what, `hint` what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def render(self) -> str:
        """The text for a person: `error:` and, where there is one, `hint:` on a line of its own."""
        text = f"error: {self.message}"
        return f"{text}\nhint: {self.hint}" if self.hint else text

    @property
    def facts(self) -> Facts:
        """The error for a program: its place, as far as it has one, and `text`, which is what a person would see."""
        nowhere: Facts = {"file": None, "line": None, "column": None}
        return {"message": self.message, "hint": self.hint, **nowhere, "text": self.render()}


class UsageError(WampsupError):
    """The command line is wrong."""

    exit_code = 2


class NoSupervisorError(WampsupError):
    """No supervisor answers."""

    exit_code = 3


class NoSuchComponentError(WampsupError):
    """A name or a pattern matches no component."""

    exit_code = 4


class FleetFileError(WampsupError):
    """The fleet file is wrong: `mistakes` holds an error for each mistake, in the order of the file."""

    exit_code = 5

    def __init__(self, message: str, *, hint: str | None = None, mistakes: Sequence[WampsupError] = ()) -> None:
        super().__init__(message, hint=hint)
        self.mistakes = tuple(mistakes)

    def render(self) -> str:
        """All mistakes, one after the other; the error's own text where it lists none."""
        if not self.mistakes:
            return super().render()
        return "\n\n".join(mistake.render() for mistake in self.mistakes)


class WaitTimeoutError(WampsupError):
    """What was waited for did not come about in time."""

    exit_code = 6
