"""How an error ends an attempt: lost, failed or fatal.

The user's own word on what is fatal comes first, then a table of WAMP errors that no retry can mend.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from autobahn.wamp.exception import ApplicationError
from twisted.internet.defer import Deferred

from wampsup.model.outcome import Failed, Fatal, Left, Lost, Outcome
from wampsup.model.state import Kind, Problem
from wampsup.wamp.concealing import without_names
from wampsup.wamp.problem import connection_kind, describe, session_kind
from wampsup.wamp.work import NEVER_RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

Predicate = Callable[[BaseException], object]

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
"""`is_fatal_default`: errors of the WAMP specification, and of Crossbar.io, that another try would meet again."""

GOOD_CLOSE = ("wamp.close.normal", "wamp.close.goodbye_and_out")


def by_table(exception: BaseException) -> bool:
    """The built-in table."""
    return isinstance(exception, ApplicationError) and exception.error in FATAL_URIS


def by_uri(pattern: str) -> Predicate:
    """Fatal where the WAMP error URI matches `pattern`, in which `*` stands for anything."""
    return lambda exception: isinstance(exception, ApplicationError) and fnmatch.fnmatchcase(exception.error, pattern)


def by_class(cls: type[BaseException]) -> Predicate:
    """Fatal where the exception is a `cls`."""
    return lambda exception: isinstance(exception, cls)


@dataclass(frozen=True, slots=True)
class Judge:
    """Tells how an error ends an attempt; an error is fatal where one of `predicates` says so.

    `names` are those that the component joins under: a router repeats them where it refuses one, and they are not told.
    `rules` are the words for the predicates, as far as there are some.
    """

    predicates: Sequence[Predicate]
    names: frozenset[str] = frozenset()
    rules: Sequence[str] = ()

    def failed(
        self, error: BaseException, kind: Kind, message: str | None = None, traceback: str | None = None
    ) -> Outcome:
        """The component's own code failed, or the router refused it.

        `message` and `traceback` take the place of the error's own.
        """
        problem = describe(error, kind, message=message, traceback=traceback)
        return self._judge(error, Failed(problem=self._nameless(problem) if kind is Kind.AUTH else problem))

    def lost(self, error: BaseException, told: tuple[Kind, str] | None) -> Outcome:
        """The transport has failed; `told` is what else is known of that, where it is more than the error."""
        kind, message = told or (connection_kind(error), None)
        problem = describe(error, kind, message=message)
        return self._judge(error, Lost(problem=problem))

    def timed_out(self, message: str, *, joined: bool) -> Outcome:
        """It was not ready in time: before it joined, that is the connection's fault."""
        error = TimeoutError(message)
        problem = describe(error, Kind.TIMEOUT)
        return self._judge(error, Failed(problem=problem) if joined else Lost(problem=problem))

    def left(self, details: Any, *, joined: bool, asked: bool) -> Outcome:
        """The session is over; `asked` says whether it was this side that said goodbye first."""
        if asked and details.reason in GOOD_CLOSE:
            return Left()
        error = ApplicationError(details.reason, details.message or "")
        if not joined and not details.reason.startswith("wamp.close."):
            return self.failed(error, session_kind(details.reason))
        said = f"the router closed the session ({details.reason})"
        return self._judge(error, Lost(problem=describe(error, Kind.CONNECTION, message=said)))

    def _nameless(self, problem: Problem) -> Problem:
        traceback = problem.traceback and without_names(problem.traceback, self.names)
        return replace(problem, message=without_names(problem.message, self.names), traceback=traceback)

    def _judge(self, error: BaseException, otherwise: Lost | Failed) -> Outcome:
        try:
            fatal = next((index for index, one in enumerate(self.predicates) if _answer(one, error)), None)
        except BaseException as raised:  # noqa: BLE001 - whatever the user's predicate raises: this is the only witness
            return Fatal(problem=_predicate_raised(raised, otherwise.problem))
        if fatal is None:
            return otherwise
        rule = self.rules[fatal] if fatal < len(self.rules) else None
        return Fatal(problem=replace(otherwise.problem, rule=rule))


def _answer(predicate: Predicate, error: BaseException) -> bool:
    """What a predicate says; one that says it later would always seem to say yes."""
    answer: Any = predicate(error)
    if not hasattr(answer, "__await__") and not isinstance(answer, NEVER_RUN):
        return bool(answer)
    if isinstance(answer, Deferred):
        answer.addErrback(lambda _: None)  # nobody waits for it
    elif isinstance(answer, CoroutineType):
        answer.close()
    raise TypeError(f"it returned a {type(answer).__name__}, and has to answer at once")


def _predicate_raised(raised: BaseException, asked: Problem) -> Problem:
    """The predicate's own error; what it was asked about, which counts as fatal, stands in the message."""
    said = describe(raised, Kind.IS_FATAL)
    return Problem(
        kind=Kind.IS_FATAL,
        type=said.type,
        uri=asked.uri,
        message=f"is_fatal raised {said.type}: {said.message}, when asked about {asked.type}: {asked.message}",
        traceback="\n".join(filter(None, (said.traceback, asked.traceback))),
    )
