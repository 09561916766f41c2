"""What a process has to hold before it runs a fleet: the fleet's name, and the place of its control socket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wampsup.control.lock import Lock, clear_stale
from wampsup.control.place import make_private
from wampsup.sockets import check_place, control_socket

if TYPE_CHECKING:
    from wampsup.model.spec import SupervisorSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A fleet's name and the place of its control socket, both held by this process until `release`."""

    socket: str
    _folder: str
    _lock: Lock

    def renew(self) -> None:
        """Hold both again, and clear the place, after somebody has removed what lay there.

        Raises:
            WampsupError: another process has one of them by now, or the socket can't lie there.
        """
        make_private(self._folder)
        self._lock.renew()
        clear_stale(self.socket)

    def abandon(self) -> None:
        """Leave both to the process that this one was forked off."""
        self._lock.abandon()

    def release(self) -> None:
        """Give both up; a second time does nothing."""
        self._lock.release()


def claim(spec: SupervisorSpec) -> Claim:
    """Take the fleet's name and the place of its control socket.

    Raises:
        WampsupError: another process has one of them, or the socket can't lie there.
    """
    folder, socket = control_socket(spec, os.environ)
    make_private(folder)
    if spec.socket is not None:
        check_place(spec)
    lock = Lock.acquire(folder, spec.name, socket)
    try:
        clear_stale(socket)
    except BaseException:
        lock.release()
        raise
    return Claim(socket=socket, _folder=folder, _lock=lock)
