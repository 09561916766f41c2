"""Is it fatal? The user's own word first, then a table of WAMP errors that no retry can mend."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from autobahn.wamp.exception import ApplicationError

from wampsup.model.outcome import Fatal, Outcome
from wampsup.model.state import Kind, Problem
from wampsup.wamp.problem import describe, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FATAL_URIS = frozenset(
    {
        "wamp.error.no_such_realm",
        "wamp.error.no_such_role",
        "wamp.error.no_such_principal",
        "wamp.error.not_authorized",
        "wamp.error.authentication_failed",
        "wamp.error.authentication_denied",
        "wamp.error.no_auth_method",
        "wamp.error.no_matching_auth_method",
        "wamp.error.protocol_violation",
    }
)
"""`is_fatal_default`: errors of the WAMP specification, and of Crossbar.io, that another try meets again."""

Predicate = "Callable[[BaseException], object]"


def by_table(exception: BaseException) -> bool:
    """The built-in table."""
    return isinstance(exception, ApplicationError) and exception.error in FATAL_URIS


def by_uri(pattern: str) -> Callable[[BaseException], bool]:
    """Fatal where the WAMP error URI matches `pattern`, in which `*` stands for anything."""
    return lambda exception: isinstance(exception, ApplicationError) and fnmatch.fnmatchcase(exception.error, pattern)


def by_class(cls: type[BaseException]) -> Callable[[BaseException], bool]:
    """Fatal where the exception is a `cls`."""
    return lambda exception: isinstance(exception, cls)


def any_of(predicates: Sequence[Callable[[BaseException], object]]) -> Callable[[BaseException], bool]:
    """Fatal where one of `predicates` says so."""
    return lambda exception: any(predicate(exception) for predicate in predicates)


def judge(
    is_fatal: Callable[[BaseException], object], exception: BaseException, otherwise: Callable[[], Outcome], kind: Kind
) -> Outcome:
    """`Fatal` where `is_fatal` says so, else `otherwise`.

    A predicate that raises is reported itself, and what it was asked about counts as fatal.
    """
    try:
        if not is_fatal(exception):
            return otherwise()
    except Exception as error:  # noqa: BLE001 - whatever the user's predicate raises
        about = describe(error, Kind.IS_FATAL)
        asked = describe(exception, kind)
        message = f"is_fatal raised {about.type}: {about.message}, when asked about {asked.type}: {asked.message}"
        return Fatal(
            problem=Problem(
                kind=Kind.IS_FATAL,
                type=type_name(type(error)),
                message=message,
                uri=asked.uri,
                traceback="\n".join(filter(None, (about.traceback, asked.traceback))),
            )
        )
    return Fatal(problem=describe(exception, kind))
