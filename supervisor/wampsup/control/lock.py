"""Who owns a fleet's name and its control socket: the process that holds their lock files.

A lock is the kernel's (`flock`), so it ends with its process, however that ends. Its holder removes the file before it
lets go of it. Whoever has waited for that, or had opened the file before, finds that the file that it has locked is no
longer the one of that name, and begins anew: no two processes hold locks on two files of one name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from typing import TYPE_CHECKING

from wampsup.control.holder import LONGEST, answers, told_in, written
from wampsup.control.place import LOCK, beside, socket_path
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from typing import Self

_TRIES = 6
_PAUSE = 0.02
"""Seconds between two tries to take a lock."""


class Lock:
    """The ownership of one fleet's name and of its control socket."""

    def __init__(self, name: str, control_socket: str) -> None:
        self._name = name
        self._control_socket = control_socket
        self._held: list[tuple[str, int]] = []

    @classmethod
    def acquire(cls, folder: str, name: str, control_socket: str) -> Self:
        """Take the lock of the name `name`, which lies in `folder`, and the one beside the control socket.

        Raises:
            WampsupError: another process holds one of them, or its file can't be opened.
        """
        lock = cls(name, control_socket)
        try:
            for path in (socket_path(folder, name), control_socket):
                lock._take(beside(path, LOCK))
        except WampsupError:
            lock.release()
            raise
        return lock

    def renew(self) -> None:
        """Take it again where somebody has removed its files.

        Raises:
            WampsupError: another process was faster; what is held stays so.
        """
        for path, descriptor in tuple(self._held):
            if not _is_at(path, descriptor):
                self._take(path)
                self._held.remove((path, descriptor))
                os.close(descriptor)

    def _take(self, path: str) -> None:
        descriptor = _open(path)
        if any(os.path.sameopenfile(descriptor, taken) for _, taken in self._held):
            os.close(descriptor)
            return
        if not _locked(descriptor):
            owner = os.pread(descriptor, LONGEST, 0)
            os.close(descriptor)
            raise _taken(owner, self._name, self._control_socket)
        if not _is_at(path, descriptor):
            os.close(descriptor)
            self._take(path)
            return
        self._held.append((path, descriptor))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, written(self._name, self._control_socket), 0)

    def abandon(self) -> None:
        """Let go of what another process holds: this one was forked off it."""
        while self._held:
            os.close(self._held.pop()[1])

    def release(self) -> None:
        """Give it up; a second time does nothing."""
        while self._held:
            path, descriptor = self._held.pop()
            with contextlib.suppress(OSError):  # the folder may not let us, or not be there any more
                if _is_at(path, descriptor):
                    os.unlink(path)  # noqa: PTH108 - the client half imports no pathlib
            os.close(descriptor)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise WampsupError(f"cannot open `{path}`: {(error.strerror or str(error)).lower()}") from error


def _locked(descriptor: int) -> bool:
    """Lock the file, unless a fleet holds it.

    Where no living process has its pid in the file, its holder only looks at it, or is about to write: that takes it
    a moment.
    """
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _lives(os.pread(descriptor, LONGEST, 0).partition(b"\n")[0]):
                return False
            time.sleep(_PAUSE)
        else:
            return True
    return False


def _lives(pid: bytes) -> bool:
    return pid.isdigit() and os.path.exists(f"/proc/{int(pid)}")  # noqa: PTH110 - the client half imports no pathlib


def _is_at(path: str, descriptor: int) -> bool:
    """Whether the open file is the one that `path` names."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _taken(owner: bytes, name: str, control_socket: str) -> WampsupError:
    pid, its_name, its_socket = told_in(owner)
    if its_name not in {"", name}:
        return WampsupError(
            f"the control socket `{control_socket}` belongs to fleet `{its_name}` (pid {pid})",
            hint="set another `socket` in `[supervisor]`",
        )
    return WampsupError(
        f"fleet `{name}` already runs (pid {pid or 'unknown'})",
        hint=f"stop it with `wampsup shutdown --socket {its_socket or control_socket}`",
    )


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
