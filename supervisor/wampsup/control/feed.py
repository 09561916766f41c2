"""Answers `/v1/events` and `/v1/logs`: what a ring holds, and what comes.

A reader gets everything once and in order, or is told how much it has lost.
"""

from __future__ import annotations

import math
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from wampsup.control.forms import form_for
from wampsup.control.messages import Refusal, Stream
from wampsup.control.parameters import number, switch
from wampsup.runtime.selection import matching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wampsup.control.fleet import FleetView
    from wampsup.control.forms import Form, Told
    from wampsup.control.messages import Request
    from wampsup.runtime.place import Entry, Place, Wanted
    from wampsup.runtime.ring import Ring

    class Item(Entry, Told, Protocol):
        """What a ring keeps, and a stream tells."""


MOST_FOLLOWERS = 64
"""Clients that may follow at a time, of those who are vouched for, and of all others: half of the connections of each
listener are left for all else."""

_BATCH = 64
"""Entries in a part of a stream: about 16 KiB."""

_MOST_BATCHES = 64
"""So many of them are looked through in one turn of the reactor, for 1 ms or 2, before there is a part."""


class Chosen:
    """Says which components patterns select; those that a reload brings may come to them."""

    def __init__(self, fleet: FleetView[Any], patterns: Sequence[str]) -> None:
        self._fleet = fleet
        self._patterns = patterns
        self._known: set[str] = set()
        self._chosen: set[str] = set()
        self._look()

    def __call__(self, component: str | None) -> bool:
        """Whether it is one of them."""
        if component is None:
            return False
        if component not in self._known and component in self._fleet.units:
            self._look()
        return component in self._chosen

    def _look(self) -> None:
        self._known.update(self._fleet.units)
        chosen, _ = matching(self._patterns, self._fleet.units)  # a reload may have taken all of some away
        self._chosen |= chosen


class Followers:
    """How many clients follow, whatever it is; `lost` is how many entries clients were too slow to read, so far."""

    def __init__(self) -> None:
        self._counts = {True: 0, False: 0}
        self.lost = 0

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self._counts.values())

    def check(self, *, vouched: bool) -> None:
        """See to it that one more may come.

        Raises:
            Refusal: there are as many as there may be.
        """
        if self._counts[vouched] >= MOST_FOLLOWERS:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_FOLLOWERS} clients follow already")

    def join(self, *, vouched: bool) -> Callable[[], None]:
        """There is one more, until the result is called."""
        self._counts[vouched] += 1
        return partial(self._leave, vouched=vouched)

    def lose(self, count: int) -> None:
        """A client has lost so many entries."""
        self.lost += count

    def _leave(self, *, vouched: bool) -> None:
        self._counts[vouched] -= 1


class Feed:
    """What is in one ring of a fleet, for whoever asks."""

    def __init__(self, ring: Ring[Any], fleet: FleetView[Any], followers: Followers) -> None:
        self._ring = ring
        self._fleet = fleet
        self._followers = followers

    def stream(self, request: Request) -> Stream:
        """The answer to a request whose `select`, if it has one, selects something.

        Where it begins: behind the number that `Last-Event-ID` or `after` says, or with the last `tail`, or with all.

        Raises:
            Refusal: a parameter is wrong, or too many follow already.
        """
        query, headers = request.query, request.headers
        form = form_for(headers.get("accept", ""))
        wanted: Wanted = Chosen(self._fleet, query["select"]) if "select" in query else lambda _component: True
        follow = switch("follow", query.get("follow", "0")[-1])
        if follow:
            self._followers.check(vouched=request.vouched)
        subscribe = partial(
            self._ring.subscribe,
            wanted=wanted,
            after=_after(query, headers),
            tail=number("tail", query["tail"][-1]) if "tail" in query else math.inf,
            follow=follow,
        )
        join = partial(self._followers.join, vouched=request.vouched) if follow else _uncounted
        return Stream(open=partial(self._open, subscribe, form, join), media_type=form.media_type)

    def _open(
        self,
        subscribe: Callable[..., Place[Any]],
        form: Form,
        join: Callable[[], Callable[[], None]],
        wake: Callable[[], None],
    ) -> FeedSource:
        return FeedSource(subscribe(wake), form, join(), self._followers.lose)


def _uncounted() -> Callable[[], None]:
    return lambda: None


class FeedSource:
    """What lies ahead of a place in a ring, part by part; see `messages.Source`."""

    def __init__(self, place: Place[Item], form: Form, closed: Callable[[], None], lose: Callable[[int], None]) -> None:
        self.heartbeat = form.heartbeat
        self._place = place
        self._form = form
        self._closed = closed
        self._lose = lose

    def read(self) -> bytes | None:
        """The next part; empty where there is none yet, or it takes another turn to find it; `None` at the end."""
        for _ in range(_MOST_BATCHES):
            taken = self._place.take(_BATCH)
            if taken is None:
                return None if self._place.ended else b""
            self._lose(taken.lost)
            parts = [self._form.lost(taken.lost, taken.after)] if taken.lost else []
            parts += [self._form.told(one) for one in taken.entries]
            if parts:
                return b"".join(parts)
        self._place.wake()
        return b""

    def close(self) -> None:
        """Nobody reads any more."""
        self._place.close()
        self._closed()


def _after(query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int | None:
    if "last-event-id" in headers:
        return number("Last-Event-ID", headers["last-event-id"])
    return number("after", query["after"][-1]) if "after" in query else None
