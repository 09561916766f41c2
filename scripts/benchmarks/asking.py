"""What `status` costs a supervisor, and whoever asks it over one connection: one answer, and 200 of them a second."""

from __future__ import annotations

import json
import socket
import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LIST = "/v1/components"
_PART = 1 << 20
_RATE = 200
_SECONDS = 5.0


class Asking:
    """A connection to a supervisor: it speaks just the HTTP that it needs."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(self, target: str) -> bytes:
        """The answer's content."""
        self._connection.sendall(f"GET {target} HTTP/1.1\r\nHost: wampsup\r\n\r\n".encode())
        answer = self._connection.recv(_PART)
        head, _, content = answer.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        parts, missing = [content], length - len(content)
        while missing > 0:
            parts.append(self._connection.recv(_PART))
            missing -= len(parts[-1])
        return b"".join(parts)

    def supervisor(self) -> dict[str, Any]:
        """What the supervisor tells of itself."""
        told: dict[str, Any] = json.loads(self.ask("/v1/supervisor"))
        return told

    def warm(self, count: int) -> float:
        """The median of the seconds that a list of all components takes."""
        self.ask(_LIST)
        return statistics.median(self._timed() for _ in range(count))

    def share(self) -> float:
        """How much of one processor the supervisor needs for 200 such lists a second: the median of 5 looks.

        What it needs anyway is not counted.
        """
        process = psutil.Process(self.supervisor()["pid"])
        return statistics.median(_used(process, self._ask_list) - _used(process, _rest) for _ in range(5))

    def _ask_list(self, _number: int) -> object:
        return self.ask(_LIST)

    def _timed(self) -> float:
        started = time.perf_counter()
        self.ask(_LIST)
        return time.perf_counter() - started


def _rest(_number: int) -> None:
    """Ask for nothing."""


def _used(process: psutil.Process, each: Callable[[int], object]) -> float:
    """The share of one processor that the process uses while `each` is called at the rate."""
    before, began = sum(process.cpu_times()[:2]), time.perf_counter()
    for number in range(int(_RATE * _SECONDS)):
        time.sleep(max(began + number / _RATE - time.perf_counter(), 0))
        each(number)
    return (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - began)


@contextmanager
def asking(path: Path) -> Iterator[Asking]:
    """A connection to the control socket at that path."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        yield Asking(connection)
