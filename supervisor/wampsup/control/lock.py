"""Who owns a control socket: the process that holds the lock file beside it.

The lock is the kernel's (`flock`), so it ends with its process, however that ends. The file itself stays: removing it
would let two processes hold locks on two files of one name.
"""

from __future__ import annotations

import fcntl
import os
import socket
import stat

from wampsup.control.place import beside
from wampsup.errors import WampsupError


class Lock:
    """The ownership of one control socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: str, name: str) -> Lock:
        """Take the lock of the control socket at `path` for the fleet called `name`.

        Raises:
            WampsupError: another process holds it, or its file can't be opened.
        """
        lock_file = beside(path, ".lock")
        try:
            descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise WampsupError(f"cannot open `{lock_file}`: {(error.strerror or str(error)).lower()}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise WampsupError(
                f"fleet `{name}` already runs (pid {owner or 'unknown'})",
                hint=f"stop it with `wampsup shutdown --socket {path}`",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Give it up; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def clear_stale(path: str) -> None:
    """Remove the socket that a dead process left at `path`; only for the holder of its lock.

    Raises:
        WampsupError: something answers there, or it is not a socket.
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise WampsupError(f"`{path}` is not a socket", hint="remove it, or set another `socket` in `[supervisor]`")
    if answers(path):
        raise WampsupError(f"another program listens on `{path}`", hint="set another `socket` in `[supervisor]`")
    os.unlink(path)  # noqa: PTH108 - the client half imports no pathlib


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
