"""What is said of log files that cannot be written: once, and once more when it is over.

A full disk is one trouble for all files on it, however many components have one: what counts is the reason. A file in
trouble is tried again some seconds later, and until then its lines are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wampsup.logs.disk import Unwritten, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[str], None]

RETRY = 10.0
"""Seconds until a file is tried again."""


@dataclass(slots=True)
class _Trouble:
    """A reason, and how many lines it has cost so far."""

    reason: str
    lost: int = 0


class Troubles:
    """The troubles of all files; `say` tells of them, and `seconds` is a clock."""

    def __init__(self, say: Say, seconds: Callable[[], float]) -> None:
        self._say = say
        self._seconds = seconds
        self._troubles: dict[str, _Trouble] = {}
        self._failing: dict[str, tuple[_Trouble, float]] = {}  # with the time of the next try, by path
        self._unrotated: set[str] = set()

    def skip(self, path: str, count: int) -> bool:
        """Whether the file can't be expected to work yet: then so many lines of it are lost."""
        trouble, retry_at = self._failing.get(path, (None, 0.0))
        if trouble is None or self._seconds() >= retry_at:
            return False
        trouble.lost += count
        return True

    def failed(self, path: str, unwritten: Unwritten) -> None:
        """Lines could not be written."""
        why = reason(unwritten.error)
        trouble = self._troubles.get(why)
        if trouble is None:
            trouble = self._troubles[why] = _Trouble(why)
            self._say(f"cannot write to the log file `{path}`: {why}; lines are lost until it can be written again")
        trouble.lost += unwritten.lost
        self._failing[path] = trouble, self._seconds() + RETRY

    def worked(self, path: str) -> None:
        """Lines have been written: the trouble of that file is over, and the other files that have it are tried."""
        if path in self._failing:
            trouble, _ = self._failing[path]
            self._end(trouble)
            self._say(f"the log file `{path}` can be written again, {were_lost(trouble.lost)}")

    def grows(self, path: str, error: OSError) -> None:
        """A file could not be begun anew."""
        why = reason(error)
        if why not in self._unrotated:
            self._unrotated.add(why)
            self._say(f"cannot begin the log file `{path}` anew: {why}; it grows beyond its `max_bytes`")

    def retry(self) -> None:
        """Try all files at their next lines."""
        self._unrotated.clear()
        self._failing = {path: (trouble, 0.0) for path, (trouble, _) in self._failing.items()}

    def forget(self, path: str) -> None:
        """Nothing will be written there any more."""
        trouble, _ = self._failing.pop(path, (None, 0.0))
        if trouble is not None and not any(trouble is each for each, _ in self._failing.values()):
            self._end(trouble)

    def _end(self, over: _Trouble) -> None:
        del self._troubles[over.reason]
        self._failing = {path: each for path, each in self._failing.items() if each[0] is not over}


def were_lost(count: int) -> str:
    """So many lines, in words."""
    return "1 line was lost" if count == 1 else f"{count} lines were lost"
