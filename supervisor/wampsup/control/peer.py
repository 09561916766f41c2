"""Who is at the other end of a unix socket, in the words of the kernel, and who may be there."""

from __future__ import annotations

import os
import pwd
import socket
import struct
from dataclasses import dataclass

from wampsup.errors import WampsupError

_CREDENTIALS = struct.Struct("3i")
_ID = struct.Struct("I")

_PEER_GROUPS = 59
"""Linux's `SO_PEERGROUPS`, from 4.13 on; Python has no name for it."""

_LONGEST = 1024
"""Bytes that Python takes of an option: 256 groups."""

_XUCRED = struct.Struct("IIhxx16I")
_LOCAL_PEERCRED = (0, 1)
"""`LOCAL_PEERCRED` at the level `SOL_LOCAL` of macOS and FreeBSD: a `struct xucred` (version, uid, groups)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The user that a process ran as, and its groups, when it connected."""

    uid: int
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may use a fleet's socket: its owner, root, and members of its group, where it has one."""

    owner: int
    group: int | None = None

    def admits(self, peer: Peer) -> bool:
        """Whether this one may."""
        return peer.uid in (0, self.owner) or (self.group is not None and self.group in peer.groups)


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end of a connected unix socket."""
    if not hasattr(socket, "SO_PEERCRED"):
        return of_xucred(connection.getsockopt(*_LOCAL_PEERCRED, _XUCRED.size))
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, gid = _CREDENTIALS.unpack(credentials)
    return Peer(uid, frozenset({gid, *_supplementary(connection, uid, gid)}))


def of_xucred(credentials: bytes) -> Peer:
    """What a `struct xucred` says; the first of its groups is the primary one."""
    _version, uid, count, *groups = _XUCRED.unpack(credentials[: _XUCRED.size].ljust(_XUCRED.size, b"\0"))
    return Peer(uid, frozenset(groups[:count]))


def _supplementary(connection: socket.socket, uid: int, gid: int) -> list[int]:
    try:
        groups = connection.getsockopt(socket.SOL_SOCKET, _PEER_GROUPS, _LONGEST)
    except OSError:  # an older kernel, or more groups than that: what the system's lists say of the user
        return _listed(uid, gid)
    return [group for (group,) in _ID.iter_unpack(groups)]


def _listed(uid: int, gid: int) -> list[int]:
    try:
        return os.getgrouplist(pwd.getpwuid(uid).pw_name, gid)
    except KeyError:
        return []


def check_member(group: int) -> None:
    """Check that this process may give a file to the group.

    Raises:
        WampsupError: it is neither root nor in the group.
    """
    if os.geteuid() != 0 and group not in {os.getegid(), *os.getgroups()}:
        raise WampsupError(
            f"this user is not in group {group}, and can give it no socket",
            hint="set a `socket_group` that the user of the fleet is in",
        )
