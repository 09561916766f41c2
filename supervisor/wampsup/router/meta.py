"""The meta API: procedures with which clients ask the router who is there and what is registered and subscribed.

Names, arguments and results are those of WAMP's advanced profile. Each procedure takes the calling session and the
call's own arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from autobahn.wamp.exception import ApplicationError

if TYPE_CHECKING:
    from wampsup.router.patterns import Match, PatternTable
    from wampsup.router.realm import Realm
    from wampsup.router.session import Session

MetaProcedure = Callable[..., Any]

KILLED = "wamp.close.killed"
KINDS_OF = {
    "session_id": int,
    "entry_id": int,
    "uri": str,
    "roles": list,
    "options": dict,
    "reason": str,
    "message": str,
}
KINDS: tuple[Match, ...] = ("exact", "prefix", "wildcard")


class Entry(Protocol):
    """A subscription or a registration."""

    @property
    def id(self) -> int:
        """Its WAMP id."""

    def describe(self) -> dict[str, Any]:
        """What `get` answers."""

    def members(self) -> list[int]:
        """The ids of its sessions."""


def details(session: Session) -> dict[str, Any]:
    """A session as the meta API shows it."""
    identity = session.identity
    return {
        "session": session.id,
        "authid": identity.authid,
        "authrole": identity.role,
        "authmethod": identity.method,
        "authprovider": "static",
    }


def meta_procedures(realm: Realm) -> Mapping[str, MetaProcedure]:
    """The router's own procedures in `realm`, by URI."""
    broker, dealer = realm.broker, realm.dealer

    def match_registration(_: Session, uri: str) -> int | None:
        return next((entry.id for entry in dealer.procedures.matching(uri)), None)

    def match_subscription(_: Session, uri: str) -> list[int] | None:
        return [entry.id for entry in broker.topics.matching(uri)] or None

    procedures: dict[str, MetaProcedure] = {
        **_sessions(realm),
        **_entries("wamp.registration", dealer.procedures, dealer.registrations, "callees"),
        "wamp.registration.match": match_registration,
        **_entries("wamp.subscription", broker.topics, broker.subscriptions, "subscribers"),
        "wamp.subscription.match": match_subscription,
    }
    return {name: _checked(procedure) for name, procedure in procedures.items()}


def _checked(procedure: MetaProcedure) -> MetaProcedure:
    """The procedure, refusing arguments of another number, name or type than it takes."""
    signature = inspect.signature(procedure)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise ApplicationError(ApplicationError.INVALID_ARGUMENT, str(error)) from None
        for name, value in bound.arguments.items():
            optional = signature.parameters[name].default is None
            if not isinstance(value, KINDS_OF.get(name, object)) and not (optional and value is None):
                raise ApplicationError(ApplicationError.INVALID_ARGUMENT, f"wrong type for `{name}`")
        return procedure(*bound.args, **bound.kwargs)

    return call


def _sessions(realm: Realm) -> dict[str, MetaProcedure]:
    def find(session_id: int) -> Session:
        session = realm.sessions.get(session_id)
        if session is None:
            raise ApplicationError(ApplicationError.NO_SUCH_SESSION, f"no session `{session_id}`")
        return session

    def list_sessions(_: Session, roles: list[str] | None = None) -> list[int]:
        return [session.id for session in realm.sessions.values() if roles is None or session.identity.role in roles]

    def count_sessions(caller: Session, roles: list[str] | None = None) -> int:
        return len(list_sessions(caller, roles))

    def get_session(_: Session, session_id: int) -> dict[str, Any]:
        return details(find(session_id))

    def kill_session(caller: Session, session_id: int, reason: str = KILLED, message: str | None = None) -> None:
        session = find(session_id)
        if session is caller:
            raise ApplicationError(ApplicationError.NO_SUCH_SESSION, "a session can't kill itself")
        session.dismiss(reason, message)
        session.leave()

    return {
        "wamp.session.list": list_sessions,
        "wamp.session.count": count_sessions,
        "wamp.session.get": get_session,
        "wamp.session.kill": kill_session,
    }


def _entries(name: str, table: PatternTable[Any], by_id: Mapping[int, Entry], members: str) -> dict[str, MetaProcedure]:
    missing = f"wamp.error.no_such_{name.rpartition('.')[2]}"

    def find(entry_id: int) -> Entry:
        entry = by_id.get(entry_id)
        if entry is None:
            raise ApplicationError(missing, f"no {name.rpartition('.')[2]} `{entry_id}`")
        return entry

    def list_entries(_: Session) -> dict[str, list[int]]:
        return {match: [entry.id for entry in table.of_kind(match).values()] for match in KINDS}

    def look_up(_: Session, uri: str, options: dict[str, Match] | None = None) -> int | None:
        kind = (options or {}).get("match", "exact")
        entry = table.of_kind(kind).get(uri) if kind in KINDS else None
        return None if entry is None else entry.id

    return {
        f"{name}.list": list_entries,
        f"{name}.lookup": look_up,
        f"{name}.get": lambda _, entry_id: find(entry_id).describe(),
        f"{name}.list_{members}": lambda _, entry_id: find(entry_id).members(),
        f"{name}.count_{members}": lambda _, entry_id: len(find(entry_id).members()),
    }
