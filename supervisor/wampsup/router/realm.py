"""A realm: its sessions, its broker and its dealer, and what each message of a joined session goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.router.broker import Broker
from wampsup.router.dealer import Dealer
from wampsup.router.meta import details, meta_procedures
from wampsup.router.session import LEAVE

if TYPE_CHECKING:
    from wampsup.router.authentication import Principal
    from wampsup.router.session import Handlers, Session

ON_JOIN = "wamp.session.on_join"
ON_LEAVE = "wamp.session.on_leave"


class Realm:
    """Everything that sessions of one realm share."""

    def __init__(self, name: str, principals: tuple[Principal, ...], reactor: Any) -> None:
        self.name = name
        self.principals = principals
        self.sessions: dict[int, Session] = {}
        self.broker = Broker()
        self.dealer = Dealer(reactor)
        self.dealer.provide(meta_procedures(self))
        self.handlers: Handlers = {
            **LEAVE,
            **self.broker.handlers(),
            **self.dealer.handlers(),
        }

    def join(self, session: Session) -> None:
        """`session` is welcome."""
        self.sessions[session.id] = session
        if self.broker.has_subscribers(ON_JOIN):
            self.broker.announce(ON_JOIN, [details(session)])

    def leave(self, session: Session) -> None:
        """`session` is over: all that it had is free for the next one."""
        del self.sessions[session.id]
        self.broker.leave(session)
        self.dealer.leave(session)
        if self.broker.has_subscribers(ON_LEAVE):
            self.broker.announce(ON_LEAVE, [session.id, session.identity.authid, session.identity.role])
