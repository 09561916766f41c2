"""Answers `/v1/events`: events as lines of JSON, or as server-sent events.

A reader gets every event once and in order, or is told how many it has lost.
"""

from __future__ import annotations

import contextlib
import json
import math
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from wampsup.control.messages import Refusal, Stream, number, switch
from wampsup.errors import NoSuchComponentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wampsup.control.fleet import FleetView
    from wampsup.runtime.journal import Event, Journal

MOST_FOLLOWERS = 64
"""Clients that may follow at a time: half of the connections are left for all else."""

_BATCH = 64
"""Events in a part of a stream: about 16 KiB."""


class Form(Protocol):
    """How events are written."""

    media_type: str
    heartbeat: bytes

    def event(self, event: Event) -> bytes:
        """One event."""

    def lost(self, count: int, after: int) -> bytes:
        """That so many events have been lost, and that it goes on after that number."""


class Lines:
    """A JSON document a line. The heartbeat is a space: whoever takes a line for JSON does not see it."""

    media_type = "application/x-ndjson"
    heartbeat = b" "

    def event(self, event: Event) -> bytes:
        """One event, on a line."""
        return event.json() + b"\n"

    def lost(self, count: int, after: int) -> bytes:
        """The loss, on a line."""
        return _lost(count, after) + b"\n"


class ServerSent:
    """Server-sent events, as `EventSource` of a browser takes them; the heartbeat is a comment."""

    media_type = "text/event-stream"
    heartbeat = b":\n\n"

    def event(self, event: Event) -> bytes:
        """One event, under the name of its kind."""
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), event.json())

    def lost(self, count: int, after: int) -> bytes:
        """The loss; whoever connects anew does so behind it."""
        return b"id: %d\nevent: lost\ndata: %s\n\n" % (after, _lost(count, after))


def form_for(accept: str) -> Form:
    """The form that a client asks for with this `Accept` header."""
    accepted = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    return ServerSent() if ServerSent.media_type in accepted else Lines()


class Chosen:
    """Says which events are of the components that patterns select; those that a reload brings may come to them."""

    def __init__(self, fleet: FleetView[Any], patterns: Sequence[str]) -> None:
        self._fleet = fleet
        self._patterns = patterns
        self._known: set[str] = set()
        self._chosen: set[str] = set()
        self._look()

    def __call__(self, event: Event) -> bool:
        """Whether the event is of one of them."""
        if event.component is None:
            return False
        if event.component not in self._known and event.component in self._fleet.units:
            self._look()
        return event.component in self._chosen

    def _look(self) -> None:
        self._known.update(self._fleet.units)
        for pattern in self._patterns:
            with contextlib.suppress(NoSuchComponentError):  # a reload may have taken all of them away
                self._chosen.update(unit.name for unit in self._fleet.select([pattern]))


class Events:
    """The events of one fleet for whoever asks."""

    def __init__(self, journal: Journal, fleet: FleetView[Any]) -> None:
        self._journal = journal
        self._fleet = fleet
        self._followers = 0

    def stream(self, query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> Stream:
        """The answer to a request whose `select`, if it has one, selects something.

        Where it begins: after the number that `Last-Event-ID` or `after` says, or with the last `tail` events, or with
        all.

        Raises:
            Refusal: a parameter is wrong, or too many follow already.
        """
        form = form_for(headers.get("accept", ""))
        wanted = Chosen(self._fleet, query["select"]) if "select" in query else _anything
        after = self._begin(query, headers, wanted)
        if not switch("follow", query.get("follow", "0")[-1]):
            source = partial(EventSource, self._journal, form, wanted, after=after, until=self._journal.last)
        elif self._followers < MOST_FOLLOWERS:
            source = partial(self._follow, form, wanted, after)
        else:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_FOLLOWERS} clients follow the events already")
        return Stream(open=source, media_type=form.media_type)

    def _begin(
        self, query: Mapping[str, Sequence[str]], headers: Mapping[str, str], wanted: Callable[[Event], bool]
    ) -> int | None:
        if "last-event-id" in headers:
            return number("Last-Event-ID", headers["last-event-id"])
        if "after" in query:
            return number("after", query["after"][-1])
        return self._journal.latest(number("tail", query["tail"][-1]), wanted) if "tail" in query else None

    def _follow(
        self, form: Form, wanted: Callable[[Event], bool], after: int | None, wake: Callable[[], None]
    ) -> EventSource:
        self._followers += 1
        return EventSource(self._journal, form, wanted, wake, after=after, closed=self._left)

    def _left(self) -> None:
        self._followers -= 1


class EventSource:
    """The events of a journal from behind `after`, up to the number `until`; see `messages.Source`."""

    def __init__(  # noqa: PLR0913 - all that a request says
        self,
        journal: Journal,
        form: Form,
        wanted: Callable[[Event], bool],
        wake: Callable[[], None],
        *,
        after: int | None,
        until: float = math.inf,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.heartbeat = form.heartbeat
        self._journal = journal
        self._form = form
        self._wanted = wanted
        self._until = until
        self._closed = closed
        self._place = journal.subscribe(wake, after=after)

    def read(self) -> bytes | None:
        """The next events; empty where there are none yet, `None` at the end."""
        while self._place.after < self._until:
            lost, events = self._place.take(_BATCH)
            if not events:
                return None if self._journal.ended else b""
            parts = [self._form.lost(lost, self._place.after - len(events))] if lost else []
            parts += [self._form.event(event) for event in events if event.id <= self._until and self._wanted(event)]
            if parts:
                return b"".join(parts)
        return None

    def close(self) -> None:
        """Nobody reads any more."""
        self._place.close()
        self._closed()


def _lost(count: int, after: int) -> bytes:
    return json.dumps({"lost": count, "after": after}, separators=(",", ":")).encode()


def _anything(_event: Event) -> bool:
    return True
