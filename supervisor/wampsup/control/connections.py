"""The connections of one listener: how many there may be, who makes room, and how they end.

Each belongs to a party, a user or an address. Where there are too many, one that waits for nothing makes room, first of
the party that has the most; else that party loses one, so that nobody keeps others out by having many.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from collections.abc import Hashable

MOST_CONNECTIONS = 128
MOST_UNREAD = 1 << 26
"""Bytes of large replies that may wait, all together, for clients to read them."""

FLUSH_SECONDS = 0.5
"""How long a client may take, at the end, to read what it has been sent."""


class Connection(Protocol):
    """One connection."""

    unread: int
    """Bytes of a large reply that is being sent."""

    @property
    def party(self) -> Hashable:
        """To whom it belongs."""

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""

    def hang_up(self) -> None:
        """End it once all is sent."""

    def cut(self) -> None:
        """End it at once; it may come back to `leave` meanwhile."""


class Connections:
    """The connections of one listener, the one that was heard of last at the end."""

    def __init__(self) -> None:
        self._all: dict[Connection, None] = {}
        self._closed: Deferred[None] | None = None

    @property
    def closing(self) -> bool:
        """Whether each ends with its answer."""
        return self._closed is not None

    def enter(self, connection: Connection) -> bool:
        """Take it in, if there is room, or somebody makes room."""
        if len(self._all) >= MOST_CONNECTIONS:
            leaving = self._who_makes_room(connection.party)
            if leaving is None:
                return False
            self.leave(leaving)
            leaving.cut()
        self._all[connection] = None
        return True

    def leave(self, connection: Connection) -> None:
        """Forget a connection, which may be forgotten already."""
        self._all.pop(connection, None)
        self._look_for_end()

    def heard_of(self, connection: Connection) -> None:
        """Something goes through the connection: all others are idle for longer."""
        if connection in self._all:
            del self._all[connection]
            self._all[connection] = None

    def begin_reply(self, connection: Connection, size: int) -> None:
        """A large reply goes out; where too much waits to be read, who has read nothing for longest is cut."""
        self.heard_of(connection)
        connection.unread = size
        while sum(each.unread for each in self._all) > MOST_UNREAD:
            stuck = next(each for each in self._all if each.unread)
            if stuck is connection:
                return
            self.leave(stuck)
            stuck.cut()

    def close(self, clock: Any) -> Deferred[None]:
        """Hang up on everybody who has been answered and got it all, and after `FLUSH_SECONDS` on the others."""
        self._closed = Deferred()
        for connection in tuple(self._all):
            if connection.idle:
                connection.hang_up()
        late = clock.callLater(FLUSH_SECONDS, self._cut)
        self._closed.addCallback(lambda _: late.active() and late.cancel())
        self._look_for_end()
        return self._closed

    def _who_makes_room(self, party: Hashable) -> Connection | None:
        counts = Counter(each.party for each in self._all)
        largest, most = counts.most_common(1)[0]
        idle = [each for each in self._all if each.idle]
        for each in (*(one for one in idle if one.party == largest), *idle):
            return each
        if most <= counts[party] + 1:
            return None
        return next(each for each in self._all if each.party == largest)

    def _cut(self) -> None:
        for connection in tuple(self._all):
            connection.cut()

    def _look_for_end(self) -> None:
        if self._closed is not None and not self._closed.called and not self._all:
            self._closed.callback(None)
