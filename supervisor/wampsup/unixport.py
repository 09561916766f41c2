"""A unix socket of Twisted's that nobody can use before it has its mode and its group.

It is bound under a mask that leaves it to its owner alone, is given to its group, then gets its mode, and only then
listens. At its end it removes nothing but itself: another one may lie at its path by then.
"""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Twisted, which has no types for all it has)
from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, Any

from twisted.internet import tcp, unix
from twisted.internet.error import CannotListenError

if TYPE_CHECKING:
    from twisted.internet.interfaces import IProtocolFactory
    from twisted.python.failure import Failure

_OWNER_ALONE = 0o177
"""The mask that leaves a socket to its owner."""


class UnixPort(unix.Port):
    """Listens at `path`, once it is told to start: for all whom `mode` lets in, and the members of `group`."""

    def __init__(  # noqa: PLR0913 - Twisted's, and a group
        self,
        path: str,
        factory: IProtocolFactory,
        reactor: Any,
        *,
        backlog: int,
        mode: int = 0o600,
        group: int | None = None,
    ) -> None:
        super().__init__(os.fsencode(path), factory, backlog, mode, reactor)
        self._group = group
        self._made: _Socket | None = None

    @property
    def is_there(self) -> bool:
        """Whether it can still be found at its path."""
        return self._made is not None and self._made.identity == identity(self._bindPath)

    def createInternetSocket(self) -> socket.socket:  # noqa: N802 - Twisted's name
        """Make the socket, and remember it: Twisted forgets to close one that can't be bound."""
        self._made = _Socket(self.addressFamily, self.socketType)
        self._made.group = self._group
        self._made.setblocking(False)  # noqa: FBT003 - Python's own
        return self._made

    def startListening(self) -> None:  # noqa: N802 - Twisted's name
        """Listen, or leave nothing behind.

        Raises:
            CannotListenError: it can't.
        """
        try:
            super().startListening()
        except (CannotListenError, OSError) as error:
            self._remove()
            if self._made is not None:
                self._made.close()
            if isinstance(error, CannotListenError):
                raise
            raise CannotListenError(None, self._bindPath, error) from error

    def connectionLost(self, reason: Failure) -> None:
        """Remove the socket from its path, unless that is another's by now."""
        self._remove()
        tcp.Port.connectionLost(self, reason)

    def _remove(self) -> None:
        if self.is_there:  # for as long as the socket is open, no other file gets its number
            with contextlib.suppress(OSError):
                os.unlink(self._bindPath)  # noqa: PTH108 - it is a path in bytes


class _Socket(socket.socket):
    """A unix socket that is its owner's alone, and its group's, from when it can be found; `identity` is its file's."""

    group: int | None = None
    identity: tuple[int, int] | None = None

    def bind(self, address: Any) -> None:
        """Bind it, and give it to its group."""
        mask = os.umask(_OWNER_ALONE)
        try:
            super().bind(address)
        finally:
            os.umask(mask)
        self.identity = identity(address)
        if self.group is not None:
            os.chown(address, -1, self.group, follow_symlinks=False)


def identity(path: bytes) -> tuple[int, int] | None:
    """Which file it is; `None` where there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
