"""Registrations, and which callee a call goes to.

The router's own procedures (`meta`) come before any pattern, so that nobody can take them over.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.message import Call as CallMessage
from autobahn.wamp.message import Register, Registered, Result, Unregister, Unregistered

from wampsup.router.broker import RESERVED
from wampsup.router.calls import Calls
from wampsup.router.patterns import Match, PatternTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wampsup.router.meta import MetaProcedure
    from wampsup.router.session import Session


class Registration:
    """A procedure or pattern and who answers for it, in the order in which they came."""

    __slots__ = ("_turn", "callees", "created", "id", "invoke", "match", "uri")

    def __init__(self, registration_id: int, register: Register) -> None:
        self.id = registration_id
        self.match: Match = register.match
        self.uri: str = register.procedure
        self.invoke: str = register.invoke
        self.created = datetime.now(UTC)
        self.callees: list[Session] = []
        self._turn = 0

    def describe(self) -> dict[str, Any]:
        """The registration as the meta API shows it."""
        created = self.created.isoformat()
        return {"id": self.id, "created": created, "match": self.match, "invoke": self.invoke, "uri": self.uri}

    def members(self) -> list[int]:
        """The ids of the sessions that answer."""
        return [session.id for session in self.callees]

    def choose(self) -> Session:
        """The callee of the next call, as the invocation policy says."""
        callees = self.callees
        match self.invoke:
            case Register.INVOKE_LAST:
                return callees[-1]
            case Register.INVOKE_ROUNDROBIN:
                self._turn = (self._turn + 1) % len(callees)
                return callees[self._turn - 1]
            case Register.INVOKE_RANDOM:
                return random.choice(callees)  # noqa: S311  # spreads load, guards nothing
            case _:
                return callees[0]


class Dealer:
    """The procedures of a realm."""

    def __init__(self, reactor: Any) -> None:
        self.procedures: PatternTable[Registration] = PatternTable()
        self.registrations: dict[int, Registration] = {}
        self._calls = Calls(reactor)
        self._meta: Mapping[str, MetaProcedure] = {}
        self._ids = count(1)

    def provide(self, meta: Mapping[str, MetaProcedure]) -> None:
        """Take the router's own procedures."""
        self._meta = meta

    def handlers(self) -> dict[type, Callable[[Session, Any], None]]:
        """What handles which message."""
        return {
            CallMessage: self._call,
            Register: self._register,
            Unregister: self._unregister,
            **self._calls.handlers(),
        }

    def leave(self, session: Session) -> None:
        """Free what `session` has registered, and end every call that it makes or answers."""
        for registration in session.registrations.values():
            self._drop(registration, session)
        session.registrations.clear()
        self._calls.leave(session)

    def _call(self, caller: Session, call: CallMessage) -> None:
        procedure = call.procedure
        registration = self.procedures.exact.get(procedure)
        if registration is None:
            meta = self._meta.get(procedure)
            if meta is not None:
                _call_meta(meta, caller, call)
                return
            registration = next(iter(self.procedures.matching(procedure)), None)
        if registration is None:
            caller.refuse(call, ApplicationError.NO_SUCH_PROCEDURE, f"no callee for procedure `{procedure}`")
            return
        named = None if registration.match == "exact" else procedure
        self._calls.begin(caller, call, registration.choose(), registration.id, named)

    def _register(self, session: Session, register: Register) -> None:
        match, uri = register.match, register.procedure
        if uri.startswith(RESERVED):
            session.refuse(register, ApplicationError.INVALID_URI, f"procedure `{uri}` is the router's own")
            return
        registration = self.procedures.of_kind(match).get(uri)
        if registration is None:
            registration = Registration(next(self._ids), register)
            self.procedures.add(match, uri, registration)
            self.registrations[registration.id] = registration
        elif registration.invoke != register.invoke:
            text = f"procedure `{uri}` is registered with policy `{registration.invoke}`"
            session.refuse(register, ApplicationError.PROCEDURE_EXISTS_INVOCATION_POLICY_CONFLICT, text)
            return
        elif registration.invoke == Register.INVOKE_SINGLE or session in registration.callees:
            text = f"procedure `{uri}` is registered already"
            session.refuse(register, ApplicationError.PROCEDURE_ALREADY_EXISTS, text)
            return
        registration.callees.append(session)
        session.registrations[registration.id] = registration
        session.send(Registered(register.request, registration.id))

    def _unregister(self, session: Session, unregister: Unregister) -> None:
        registration = session.registrations.pop(unregister.registration, None)
        if registration is None:
            text = f"no registration `{unregister.registration}` of this session"
            session.refuse(unregister, ApplicationError.NO_SUCH_REGISTRATION, text)
            return
        self._drop(registration, session)
        session.send(Unregistered(unregister.request))

    def _drop(self, registration: Registration, session: Session) -> None:
        registration.callees.remove(session)
        if not registration.callees:
            self.procedures.remove(registration.match, registration.uri)
            del self.registrations[registration.id]


def _call_meta(procedure: MetaProcedure, caller: Session, call: CallMessage) -> None:
    try:
        result = procedure(caller, *(call.args or ()), **(call.kwargs or {}))
    except ApplicationError as error:
        caller.refuse(call, error.error, str(error.args[0]))
    else:
        caller.send(Result(call.request, args=[result]))
