"""Who holds a fleet's name, and what is at a socket: for who looks for fleets. The client half imports it."""

from __future__ import annotations

import fcntl
import os
import socket

from wampsup.control.place import LOCK, beside, socket_path

LONGEST = 4096
"""Bytes of a lock file that are read: its owner's pid, fleet and socket, a line each."""


def socket_of(folder: str, name: str) -> str:
    """Where the fleet called `name` has its control socket: its lock file says so, else in its usual place.

    What a file says that nobody holds is out of date.

    Raises:
        UsageError: no fleet can be called so.
    """
    _, path = _record(folder, name) or (name, socket_path(folder, name))
    return path


def held_socket(folder: str, name: str) -> str | None:
    """Where the fleet that holds the name `name` has its control socket; `None` where none does."""
    recorded, path = _record(folder, name) or (None, None)
    return path if recorded == name else None


def is_a_fleet(folder: str, name: str) -> bool:
    """Whether `name` in `folder` is a fleet's name, and not that of the socket which a fleet has there."""
    recorded, _ = _record(folder, name) or (name, None)
    return recorded == name


def _record(folder: str, name: str) -> tuple[str, str] | None:
    """The name and the socket of the fleet that holds the lock called `name`; `None` where nobody does."""
    try:
        with open(beside(socket_path(folder, name), LOCK), "rb") as file:  # noqa: PTH123 - the client half imports no pathlib
            if _is_held(file.fileno()):
                _pid, recorded, path = told_in(file.read(LONGEST))
                return (recorded, path) if path else None
    except OSError:
        pass
    return None


def _is_held(descriptor: int) -> bool:
    """Whether a process holds the lock; who takes it just now is let have it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def written(name: str, control_socket: str) -> bytes:
    """What a lock file says of this process, which holds it for the fleet called `name`."""
    return os.fsencode(f"{os.getpid()}\n{name}\n{control_socket}")


def told_in(record: bytes) -> tuple[str, str, str]:
    """The pid, the fleet and the socket that a lock file tells of; empty where they are not written yet."""
    pid, _, rest = os.fsdecode(record).partition("\n")
    name, _, path = rest.partition("\n")
    return pid, name, path


def answers(path: str) -> bool:
    """Whether a process accepts connections on the socket at `path`."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except (BlockingIOError, TimeoutError, PermissionError):
            return True
        except OSError:
            return False
        return True
