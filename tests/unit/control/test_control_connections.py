"""How many connections there may be, and who makes room."""

from __future__ import annotations

from twisted.internet.task import Clock

from wampsup.control.connections import FLUSH_SECONDS, MOST_CONNECTIONS, MOST_UNREAD, Connections


class Twin:
    """A connection of a party; `ended` says how it ended."""

    def __init__(self, connections: Connections, party: str, *, idle: bool) -> None:
        self.party = party
        self.unread = 0
        self.idle = idle
        self.ended = ""
        self._connections = connections
        self.entered = connections.enter(self)

    def hang_up(self) -> None:
        self.ended = "hung up"
        self._connections.leave(self)

    def cut(self) -> None:
        self.ended = "cut"
        self._connections.leave(self)


def many(connections: Connections, party: str, count: int, *, idle: bool) -> list[Twin]:
    return [Twin(connections, party, idle=idle) for _ in range(count)]


def test_who_is_idle_longest_makes_room_even_for_their_own() -> None:
    connections = Connections()
    first, second, *_ = many(connections, "a", MOST_CONNECTIONS, idle=True)
    connections.heard_of(first)
    assert Twin(connections, "a", idle=True).entered
    assert (first.ended, second.ended) == ("", "cut")


def test_of_those_who_are_idle_the_party_that_has_most_makes_room() -> None:
    connections = Connections()
    quiet = Twin(connections, "quiet", idle=True)
    crowd = many(connections, "crowd", MOST_CONNECTIONS - 1, idle=True)
    assert Twin(connections, "other", idle=True).entered
    assert (quiet.ended, crowd[0].ended) == ("", "cut")


def test_a_party_that_has_all_of_them_busy_keeps_nobody_out_but_itself() -> None:
    connections = Connections()
    crowd = many(connections, "crowd", MOST_CONNECTIONS, idle=False)
    assert not Twin(connections, "crowd", idle=False).entered
    assert [one.ended for one in crowd] == [""] * MOST_CONNECTIONS
    for _ in range(MOST_CONNECTIONS // 2):
        assert Twin(connections, "owner", idle=False).entered
    assert not Twin(connections, "owner", idle=False).entered
    assert sum(one.ended == "cut" for one in crowd) == MOST_CONNECTIONS // 2


def test_what_waits_to_be_read_has_a_limit_for_all_together() -> None:
    connections = Connections()
    stuck, reading, third = many(connections, "a", 3, idle=False)
    connections.begin_reply(stuck, MOST_UNREAD // 2)
    connections.begin_reply(reading, MOST_UNREAD // 2)
    connections.heard_of(reading)
    connections.begin_reply(third, MOST_UNREAD // 2)
    assert [one.ended for one in (stuck, reading, third)] == ["cut", "", ""]
    connections.begin_reply(third, 2 * MOST_UNREAD)
    assert [one.ended for one in (reading, third)] == ["cut", ""]


def test_at_the_end_who_waits_for_nothing_is_hung_up_on_and_all_others_have_a_moment() -> None:
    connections, clock = Connections(), Clock()
    idle, busy = Twin(connections, "a", idle=True), Twin(connections, "a", idle=False)
    closed: list[object] = []
    connections.close(clock).addCallback(closed.append)
    assert (idle.ended, busy.ended, closed) == ("hung up", "", [])
    clock.advance(FLUSH_SECONDS)
    assert (busy.ended, len(closed)) == ("cut", 1)
    assert clock.getDelayedCalls() == []
