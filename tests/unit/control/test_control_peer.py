"""Who is at the other end of a unix socket, and who may be there."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import closing

import pytest

from support.users import User, only_root
from wampsup.control.peer import Admission, Peer, check_member, of_xucred, peer_of
from wampsup.errors import WampsupError


def test_the_kernel_tells_the_user_and_all_groups() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        assert peer_of(ours) == Peer(os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))


class Connection:
    """A connection on a system that does not tell supplementary groups, to this user."""

    def getsockopt(self, _level: int, option: int, _size: int) -> bytes:
        if option == socket.SO_PEERCRED:
            return struct.pack("3i", 1, os.geteuid(), os.getegid())
        raise OSError(34, "Numerical result out of range")


def test_where_the_kernel_does_not_tell_groups_those_of_the_account_count() -> None:
    peer = peer_of(Connection())  # type: ignore[arg-type]  # all that it asks of a socket
    assert os.getegid() in peer.groups


@pytest.mark.parametrize(
    ("peer", "may"),
    [
        (Peer(1000), True),
        (Peer(0), True),
        (Peer(1001), False),
        (Peer(1001, frozenset({7, 60})), True),
        (Peer(1001, frozenset({7, 61})), False),
    ],
)
def test_the_owner_root_and_members_of_the_group_may(peer: Peer, may: bool) -> None:  # noqa: FBT001
    assert Admission(owner=1000, group=60).admits(peer) is may


def test_without_a_group_no_group_may_not_even_that_of_root() -> None:
    assert not Admission(owner=1000).admits(Peer(1001, frozenset({0, 1000})))


def test_credentials_of_other_systems_are_read() -> None:
    assert of_xucred(struct.pack("IIhxx3I", 0, 501, 3, 20, 12, 61)) == Peer(501, frozenset({20, 12, 61}))
    assert of_xucred(struct.pack("IIhxx16I", 0, 501, 1, *range(16))) == Peer(501, frozenset({0}))


@only_root
def test_root_may_give_a_socket_to_any_group() -> None:
    check_member(54_000)


def test_a_user_may_give_a_socket_only_to_groups_of_theirs() -> None:
    def told() -> str:
        check_member(os.getegid())
        for group in os.getgroups():
            check_member(group)
        try:
            check_member(54_099)
        except WampsupError as error:
            return error.message
        return "nothing"

    message = told() if os.geteuid() else User(54_321, groups=(54_001, 54_002)).tells(told)
    assert message == "this user is not in group 54099, and can give it no socket"
