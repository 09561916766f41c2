"""A service manager: a real socket that takes what services tell it, each message with the pid of its sender."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import struct
import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from support.files import unix_path
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A message: when it came (`time.time()`), from which process, and what it says."""

    at: float
    pid: int
    fields: dict[str, str]


class ManagerTwin:
    """Listens at `where`: a path, or `@` and an abstract name. Messages wait in its queue until `take`."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("\0" + where[1:] if where.startswith("@") else where)

    def take(self) -> list[str]:
        """The messages that are there."""
        taken = []
        while True:
            try:
                taken.append(self._socket.recv(4096, socket.MSG_DONTWAIT).decode())
            except BlockingIOError:
                return taken

    def fill(self) -> int:
        """Fill its queue with messages that mean nothing, from as many senders as it takes; how many fit in."""
        filled = 0
        while sent := self._fill_by_one():
            filled += sent
        return filled

    def _fill_by_one(self) -> int:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            for number in itertools.count():
                try:
                    sender.sendto(b"X=1", self._socket.getsockname())
                except BlockingIOError:
                    return number
        raise AssertionError("the queue is endless")

    def receive(self) -> Told | None:
        """Wait for the next message; `None` for the end."""
        try:
            data, control, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
        except OSError:
            return None
        if not data:
            return None
        ((_, _, credentials),) = control
        pid = _CREDENTIALS.unpack(credentials)[0]
        fields = dict(line.split("=", 1) for line in data.decode().splitlines())
        return Told(at=time.time(), pid=pid, fields=fields)

    def close(self) -> None:
        """Be gone; whoever waits in `receive` hears of it."""
        with contextlib.suppress(OSError):  # it is gone already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Listener:
    """A manager that listens all the time, and keeps what it is told."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._twin = ManagerTwin(where)
        self._told: list[Told] = []
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def told(self) -> Sequence[Told]:
        """All that it has been told so far."""
        return tuple(self._told)

    def of(self, key: str) -> list[Told]:
        """The messages that hold this key."""
        return [each for each in self.told if key in each.fields]

    def until(self, key: str, count: int = 1, timeout: float = 20, *, matches: Callable[[str], Any] = bool) -> Told:
        """Wait for `count` messages that hold this key with such a value; the last of these."""

        def there() -> list[Told]:
            found = [each for each in self.of(key) if matches(each.fields[key])]
            return found if len(found) >= count else []

        return wait_until(there, timeout, f"`{key}` among {[each.fields for each in self.told]}")[count - 1]

    def close(self) -> None:
        """Be gone."""
        self._twin.close()
        self._thread.join(10)

    def _listen(self) -> None:
        while (told := self._twin.receive()) is not None:
            self._told.append(told)


@contextlib.contextmanager
def manager() -> Iterator[ManagerTwin]:
    """A manager on a path, until the end of the context."""
    with unix_path() as path:
        twin = ManagerTwin(str(path))
        try:
            yield twin
        finally:
            twin.close()


@contextlib.contextmanager
def listener(*, abstract: bool = False) -> Iterator[Listener]:
    """One that listens, on a path or on an abstract name."""
    with unix_path() as path:
        listening = Listener(f"@wampsup-{os.getpid()}-{path.parent.name}" if abstract else str(path))
        try:
            yield listening
        finally:
            listening.close()
