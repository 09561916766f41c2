"""One client's session, from HELLO to GOODBYE: what may come in which state, and what that does.

A state is a table from message class to what handles it; anything else is a violation of the protocol, which ends this
connection alone. Once the router has said GOODBYE or ABORT it says nothing more, and listens only for the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from autobahn.wamp.exception import ApplicationError, ProtocolError
from autobahn.wamp.message import Abort, Authenticate, Error, Goodbye, Hello, Welcome

from wampsup.router.authentication import DeniedError, Examination, Identity, begin
from wampsup.router.ids import new_id
from wampsup.router.roles import ROLES

if TYPE_CHECKING:
    from wampsup.router.broker import Subscription
    from wampsup.router.calls import Call
    from wampsup.router.dealer import Registration
    from wampsup.router.realm import Realm

Handler = Callable[["Session", Any], None]
Handlers = Mapping[type, Handler]

PROTOCOL_VIOLATION = "wamp.error.protocol_violation"
GOODBYE_AND_OUT = "wamp.close.goodbye_and_out"


class Transport(Protocol):
    """What a session needs of its connection."""

    def deliver(self, message: Any, /) -> str | None:
        """Send a message, or say by an error URI why this peer can't take it."""

    def settle(self) -> None:
        """The handshake is over: the connection may stay."""

    def await_close(self) -> None:
        """Drop the connection if it is not closed before long."""

    def hang_up(self) -> None:
        """Close the connection once all is sent, or drop it if that takes too long."""


class Session:
    """The router's side of a session; Autobahn's transports call `onOpen`, `onMessage` and `onClose`.

    `calls` are those whose answer it waits for, `invocations` those that it owes an answer, by the id that it knows.
    """

    __slots__ = (
        "_examination",
        "_handlers",
        "_realms",
        "_silent",
        "_transport",
        "calls",
        "id",
        "identity",
        "invocations",
        "last_invocation",
        "realm",
        "registrations",
        "subscriptions",
        "takes_interrupts",
    )

    def __init__(self, realms: Mapping[str, Realm]) -> None:
        self._realms = realms
        self._handlers = _NEW
        self._silent = False
        self._transport: Transport
        self._examination: tuple[Realm, Examination]
        self.id = new_id()
        self.identity: Identity
        self.realm: Realm | None = None
        self.subscriptions: dict[int, Subscription] = {}
        self.registrations: dict[int, Registration] = {}
        self.calls: dict[int, Call] = {}
        self.invocations: dict[int, Call] = {}
        self.last_invocation = 0
        self.takes_interrupts = False

    def onOpen(self, transport: Transport) -> None:  # Autobahn's name
        """The transport's handshake is over."""
        self._transport = transport

    def onMessage(self, message: Any) -> None:  # Autobahn's name
        """A message has come; raises `ProtocolError` where it may not come now."""
        try:
            handler = self._handlers[type(message)]
        except KeyError:
            raise ProtocolError(f"unexpected {type(message).__name__.upper()}") from None
        handler(self, message)

    def onClose(self, _was_clean: bool) -> None:  # noqa: FBT001  # Autobahn's signature
        """The connection is gone."""
        self._fall_silent()
        self.leave()

    def send(self, message: Any) -> str | None:
        """Send a message; returns the error URI where this peer can't take it (too long, not serializable)."""
        return None if self._silent else self._transport.deliver(message)

    def refuse(self, request: Any, uri: str, text: str) -> None:
        """Answer `request` with ERROR."""
        self.send(Error(request.MESSAGE_TYPE, request.request, uri, args=[text]))

    def abort(self, uri: str, text: str) -> None:
        """Say ABORT, give up the session and close the connection."""
        self._say_last(Abort(uri, text))

    def violated(self, text: str) -> None:
        """The peer has broken the protocol."""
        self.abort(PROTOCOL_VIOLATION, text)

    def dismiss(self, reason: str, message: str | None = None) -> None:
        """Say GOODBYE; the reply ends the connection, and so does too long a wait for it."""
        self.send(Goodbye(reason, message))
        self._fall_silent()
        self._transport.await_close()

    def leave(self) -> None:
        """Give up all that the session has in its realm."""
        realm, self.realm = self.realm, None
        if realm is not None:
            realm.leave(self)

    def _hello(self, hello: Hello) -> None:
        realm = self._realms.get(hello.realm)
        if realm is None:
            self.abort(ApplicationError.NO_SUCH_REALM, f"no realm `{hello.realm}` on this router")
            return
        callee = hello.roles.get("callee")
        self.takes_interrupts = callee is not None and callee.call_canceling is True
        try:
            step = begin(realm.principals, hello)
        except DeniedError as denied:
            self.abort(denied.uri, denied.text)
            return
        if isinstance(step, Identity):
            self._welcome(realm, step)
            return
        self._examination = realm, step
        self._handlers = _CHALLENGED
        self.send(step.message())

    def _authenticate(self, answer: Authenticate) -> None:
        realm, examination = self._examination
        try:
            self._welcome(realm, examination.judge(answer))
        except DeniedError as denied:
            self.abort(denied.uri, denied.text)

    def _welcome(self, realm: Realm, identity: Identity) -> None:
        welcome = Welcome(
            self.id,
            ROLES,
            realm=realm.name,
            authid=identity.authid,
            authrole=identity.role,
            authmethod=identity.method,
            authprovider="static",
        )
        if self.send(welcome) is not None:  # the client takes less than even that
            self._say_last(None)
            return
        self._transport.settle()
        self.realm, self.identity, self._handlers = realm, identity, realm.handlers
        realm.join(self)

    def _goodbye(self, _: Goodbye) -> None:
        self._say_last(Goodbye(GOODBYE_AND_OUT))

    def _goodbye_again(self, _: Goodbye) -> None:
        self._transport.hang_up()

    def _aborted(self, _: Abort) -> None:
        self._say_last(None)

    def _ignore(self, _: Any) -> None:
        """Nothing that comes after the router's last word counts."""

    def _say_last(self, message: Any) -> None:
        if message is not None:
            self.send(message)
        self._fall_silent()
        self.leave()
        self._transport.hang_up()

    def _fall_silent(self) -> None:
        self._silent = True
        self._handlers = _LEAVING


class _Leaving(dict[type, "Handler"]):
    def __missing__(self, _: type) -> Handler:
        return Session._ignore  # noqa: SLF001  # its own module's table


# Tables of one state each; a realm's own table stands for the session that has joined it.
LEAVE: Handlers = {Goodbye: Session._goodbye, Abort: Session._aborted}  # noqa: SLF001  # its own module's table
_NEW: Handlers = {Hello: Session._hello, Abort: Session._aborted}  # noqa: SLF001  # the same
_CHALLENGED: Handlers = {Authenticate: Session._authenticate, Abort: Session._aborted}  # noqa: SLF001  # the same
_LEAVING = _Leaving({Goodbye: Session._goodbye_again})  # noqa: SLF001  # the same
