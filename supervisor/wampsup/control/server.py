"""The HTTP side of one listener: by which door requests come in, who is in, and how all of it ends."""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Twisted, which has no types for all it has)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.web import http

from wampsup.control.channel import Channel
from wampsup.control.connections import Connections
from wampsup.control.messages import Answer, Request
from wampsup.control.pace import Turn, at_once
from wampsup.control.request import ControlRequest

if TYPE_CHECKING:
    from collections.abc import Hashable

    from twisted.internet.interfaces import IAddress

    from wampsup.control.guard import Knows

Respond = Callable[[Request], Deferred[Answer]]

BACKLOG = 128
IDLE_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """The way by which requests come in.

    `party` tells to whom a connection belongs, or raises the Refusal with which it ends; `knows` which names are ours;
    `vouched` whether who comes in here is known to be one of the fleet's; who is not has to wait for a `turn`.
    """

    party: Callable[[Any], Hashable]
    knows: Knows
    vouched: bool
    turn: Turn = at_once


class ControlSite(http.HTTPFactory):
    """The HTTP side of one listener: `answer` is asked, about requests that come in by `door`."""

    noisy = False

    def __init__(self, answer: Respond, door: Door, reactor: Any) -> None:
        super().__init__(timeout=IDLE_SECONDS, reactor=reactor)
        self.answer = answer
        self.door = door
        self.connections = Connections()

    def buildProtocol(self, addr: IAddress | None) -> Any:  # noqa: ARG002 - Twisted's; the door tells more
        """A channel whose requests are ours."""
        channel: Any = Channel(self, self.reactor)
        channel.timeOut = self.timeOut
        channel.callLater = self.reactor.callLater
        channel.requestFactory = ControlRequest
        return channel

    def log(self, request: http.Request) -> None:
        """Keep no log of requests."""


class ControlPort:
    """A port of Twisted's whose connections `site` has; it may become another one."""

    def __init__(self, port: Any, site: ControlSite) -> None:
        self.port = port
        self._site = site

    def stopListening(self) -> Deferred[None]:  # noqa: N802 - as Twisted's ports have it
        """Take no more connections, and hang up on all; fires when they are gone, `FLUSH_SECONDS` later at most."""
        stopped: Deferred[Any] = maybeDeferred(self.port.stopListening)
        return stopped.addCallback(lambda _: self._site.connections.close(self._site.reactor))
