"""A disk in memory, which can be full, or hang."""

from __future__ import annotations

import os
from threading import Event
from typing import TYPE_CHECKING

from wampsup.logs.disk import Unwritten

if TYPE_CHECKING:
    from collections.abc import Sequence


class DiskInMemory:
    """Keeps what is written to each file in `files`.

    `errors` holds by path why nothing can be written there (`""`: anywhere), and `unrotated` why no file can be begun
    anew. It hangs while `runs` is not set. `done` lists what else has been asked of it.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.errors: dict[str, int] = {}
        self.unrotated: int | None = None
        self.runs = Event()
        self.runs.set()
        self.tries = 0
        self.done: list[str] = []

    def append(self, path: str, lines: Sequence[bytes]) -> OSError | None:
        self.tries += 1
        self.runs.wait(60)
        number = self.errors.get(path, self.errors.get(""))
        if number is not None:
            raise Unwritten(_error(number), len(lines))
        self.files[path] = self.files.get(path, b"") + b"".join(lines)
        return None if self.unrotated is None else _error(self.unrotated)

    def close(self, path: str) -> None:
        self.done.append(f"close {path}")

    def close_all(self) -> None:
        self.done.append("close all")


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
