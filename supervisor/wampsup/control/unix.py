"""The control socket: where a fleet's owner, root and the members of its group come in.

Its file may vanish while the fleet runs, as cleaners of temporary files go by its age. It is looked for every
`CHECK_SECONDS`, and made again by whoever still owns its place.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from wampsup.control.guard import is_local_name
from wampsup.control.messages import Refusal
from wampsup.control.peer import Admission, peer_of
from wampsup.control.server import BACKLOG, ControlPort, ControlSite, Door
from wampsup.errors import WampsupError
from wampsup.reactor.scope import outside
from wampsup.unixport import UnixPort

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred

    from wampsup.control.server import Respond

CHECK_SECONDS = 5.0

_log = Logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketPlace:
    """Where the socket lies, and whom it lets in.

    It is looked for every `check_seconds`. Once it has vanished, `renew` sees to it that the place is still this
    fleet's, and free, or raises WampsupError.
    """

    path: str
    mode: int = 0o600
    group: int | None = None
    renew: Callable[[], None] = lambda: None
    check_seconds: float = CHECK_SECONDS


def listen(
    answer: Respond, place: SocketPlace, reactor: Any, *, renewed: Callable[[str], None] = lambda _words: None
) -> ControlSocket:
    """Serve on a new unix socket; `renewed` is called, with what has happened, whenever it has been made again.

    Raises:
        WampsupError: the socket can't be made.
    """
    admission = Admission(os.geteuid(), place.group)
    door = Door(party=partial(_party, admission), knows=is_local_name, vouched=True)
    return ControlSocket(ControlSite(answer, door, reactor), place, reactor, renewed)


class ControlSocket:
    """A control socket that is served."""

    def __init__(self, site: Any, place: SocketPlace, reactor: Any, renewed: Callable[[str], None]) -> None:
        self._site = site
        self._place = place
        self._reactor = reactor
        self._renewed = renewed
        self._trouble = ""
        self._served = ControlPort(self._made(), site)
        self._timer = outside(reactor.callLater, place.check_seconds, self._check)

    def stopListening(self) -> Deferred[None]:  # noqa: N802 - as Twisted's ports have it
        """Take no more connections, and hang up on all; fires when they are gone, `FLUSH_SECONDS` later at most."""
        if self._timer.active():
            self._timer.cancel()
        return self._served.stopListening()

    def _made(self) -> UnixPort:
        place = self._place
        port = UnixPort(place.path, self._site, self._reactor, backlog=BACKLOG, mode=place.mode, group=place.group)
        try:
            port.startListening()
        except CannotListenError as error:
            reason = (getattr(error.socketError, "strerror", None) or str(error.socketError)).lower()
            raise WampsupError(f"cannot make the control socket `{place.path}`: {reason}") from error
        return port

    def _check(self) -> None:
        self._timer = outside(self._reactor.callLater, self._place.check_seconds, self._check)
        if not self._served.port.is_there:
            self._make_again()

    def _make_again(self) -> None:
        path = self._place.path
        try:
            self._place.renew()
            port = self._made()
        except WampsupError as error:
            if error.message != self._trouble:
                _log.error("the control socket {path} is gone: {why}", path=path, why=error.message)
            self._trouble = error.message
            return
        old, self._served.port, self._trouble = self._served.port, port, ""
        maybeDeferred(old.stopListening)
        words = f"the control socket {path} was gone, and has been made again: keep what removes old files away from it"
        _log.warn("{words}", words=words)
        self._renewed(words)


def _party(admission: Admission, transport: Any) -> int:
    """The user at the other end."""
    peer = peer_of(transport.socket)
    if not admission.admits(peer):
        detail = f"this fleet belongs to another user (uid {admission.owner}), and user {peer.uid} may not use it"
        raise Refusal(HTTPStatus.FORBIDDEN, detail, hint="its `socket_group` in `[supervisor]` lets others in")
    return peer.uid
