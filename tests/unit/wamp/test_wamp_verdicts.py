"""From an error to what is told of it, and to how it ends an attempt: the words, and who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import CloseDetails
from OpenSSL import SSL
from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from support.peer import Listener, Wire
from support.reactor import until
from support.supervised import Supervised, component, stays
from support.trial import DOWN, UP, Code, Trial
from wampsup.masking import remember
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.state import Kind
from wampsup.reactor.scope import component_name
from wampsup.wamp.problem import describe, loggable, message_of, type_name
from wampsup.wamp.verdict import Judge, by_class, by_table, by_uri

if TYPE_CHECKING:
    from support.reactor import Run


@pytest.mark.parametrize(
    ("exception", "words"),
    [
        (ValueError("the kettle is dry"), "the kettle is dry"),
        (ApplicationError("com.example.dry", "the kettle", "is dry"), "the kettle is dry"),
        (ApplicationError("com.example.dry"), ""),
        (SSL.Error([("SSL routines", "", "certificate verify failed")]), "certificate verify failed"),
        (SSL.Error([]), "the TLS handshake failed"),
        (error.ConnectionRefusedError(), "connection refused"),
        (error.TimeoutError(), "no answer to the connection request in time"),
        (error.TCPTimedOutError(), "no answer to the connection request in time"),
        (error.ConnectError(2, "No such file or directory"), "no such file or directory"),
        (error.ConnectionDone(), "the router closed the connection"),
        (error.ConnectionLost(), "the connection was lost"),
        (error.ConnectionAborted(), "the router broke the protocol, and the connection was aborted"),
    ],
)
def test_what_is_said_of_an_error(exception: BaseException, words: str) -> None:
    assert message_of(exception) == words


def test_a_problem_keeps_type_uri_and_traceback() -> None:
    with pytest.raises(ApplicationError) as caught:
        raise ApplicationError("com.example.dry", "the kettle is dry")
    problem = describe(caught.value, Kind.MAIN)
    assert (problem.type, problem.uri) == ("autobahn.wamp.exception.ApplicationError", "com.example.dry")
    assert 'raise ApplicationError("com.example.dry", "the kettle is dry")' in (problem.traceback or "")
    assert describe(ValueError(), Kind.MAIN).traceback is None
    assert type_name(ValueError) == "ValueError"


SECRET = "hunter" + "22"


class StrangeError(ValueError):
    def __str__(self) -> str:
        return f"it is {self.args[0]}"


def test_a_problem_and_a_failure_for_the_log_hold_no_secret() -> None:
    with pytest.raises(StrangeError) as caught:
        raise StrangeError(SECRET) from KeyError(SECRET)
    failure = Failure(caught.value)
    assert loggable(failure) is failure
    assert SECRET in failure.getTraceback()
    remember(SECRET)
    told = loggable(failure)
    problem = describe(caught.value, Kind.MAIN)
    assert (problem.message, str(told.value)) == ("it is ...", "it is ...")
    assert told.type is not None
    assert problem.type == type_name(told.type) == type_name(StrangeError)
    for text in (problem.traceback or "", told.getTraceback()):
        assert "it is ..." in text
        assert SECRET not in text
    assert "test_wamp_verdicts.py" in told.getTraceback()


def test_who_the_component_is_stands_in_no_problem_of_authentication() -> None:
    judge = Judge((by_table,), frozenset({"joe", "a"}))
    error = ApplicationError("wamp.error.not_authorized", 'no principal with authid "joe" exists, or a joey')
    refused, failed = judge.failed(error, Kind.AUTH), judge.failed(error, Kind.MAIN)
    assert isinstance(refused, out.Fatal)
    assert isinstance(failed, out.Fatal)
    assert refused.problem.message == 'no principal with authid "..." exists, or ... joey'
    assert failed.problem.message == 'no principal with authid "joe" exists, or a joey'


@pytest.mark.parametrize(
    ("predicate", "exception", "fatal"),
    [
        (by_table, ApplicationError("wamp.error.no_such_realm"), True),
        (by_table, ApplicationError("wamp.error.canceled"), False),
        (by_table, ValueError("wamp.error.no_such_realm"), False),
        (by_uri("wamp.error.*"), ApplicationError("wamp.error.canceled"), True),
        (by_uri("wamp.error.*"), ApplicationError("wamp.errors"), False),
        (by_uri("*"), ValueError(), False),
        (by_class(LookupError), KeyError(), True),
        (by_class(KeyError), LookupError(), False),
    ],
)
def test_each_kind_of_predicate(predicate: Any, exception: BaseException, fatal: bool) -> None:  # noqa: FBT001
    outcome = Judge((predicate,)).failed(exception, Kind.MAIN)
    assert isinstance(outcome, out.Fatal if fatal else out.Failed)


@pytest.mark.parametrize(
    ("reason", "joined", "asked", "expected"),
    [
        ("wamp.close.normal", True, True, out.Left),
        ("wamp.close.goodbye_and_out", True, True, out.Left),
        ("wamp.close.normal", True, False, out.Lost),
        ("wamp.close.system_shutdown", True, True, out.Lost),
        ("wamp.close.system_shutdown", False, False, out.Lost),
        ("wamp.error.canceled", False, False, out.Failed),
        ("wamp.error.no_such_realm", False, False, out.Fatal),
    ],
)
def test_why_a_session_is_over(reason: str, joined: bool, asked: bool, expected: type) -> None:  # noqa: FBT001
    outcome = Judge((by_table,)).left(CloseDetails(reason, "shoo"), joined=joined, asked=asked)
    assert isinstance(outcome, expected)


def test_an_endpoint_that_can_not_be_cancelled_does_not_hang_the_attempt(run: Run) -> None:
    class Stuck(Wire):
        def connect(self, factory: Any) -> Deferred[Any]:
            super().connect(factory)
            self.waiting = Deferred(self._stuck)
            return self.waiting

        def _stuck(self, _connecting: Deferred[Any]) -> None:
            raise error.NotConnectingError("we're not trying to connect")

    async def scenario() -> None:
        for end in ("leave", "abort", "time out"):
            trial = Trial(Stuck(delayed=True), main=stays)
            trial.attempt.begin()
            await trial.until(lambda trial=trial: trial.wire.waiting, "the connecting")  # type: ignore[misc]
            if end == "leave":
                trial.attempt.leave()
            elif end == "abort":
                trial.attempt.abort(None)
            else:
                trial.attempt.time_out(1.0)
            assert isinstance(await trial.ended(), out.Lost if end == "time out" else out.Stopped)

    run(scenario)


def test_all_user_code_runs_in_the_context_of_its_component(run: Run) -> None:
    async def scenario() -> None:
        names: dict[str, str | None] = {}
        code = Code("main")
        code.at = lambda place: names.setdefault(place, component_name())
        trial = Trial(component=code.component)
        await trial.ready()
        trial.wire.lose()
        await trial.ended()
        assert set(names) == {*UP, *DOWN} - {"onChallenge"}
        assert set(names.values()) == {"c"}

    run(scenario)


def test_ready_and_stop_in_the_same_turn_start_no_main(run: Run) -> None:
    async def scenario() -> None:
        ran: list[str] = []

        def main(_reactor: Any, _session: Any) -> None:
            ran.append("main")

        listener = Listener()
        fleet = Supervised(component(listener.url, main=main))
        fleet.fleet.watch(
            lambda unit, _before, after, _cause: (
                fleet.fleet.command([unit], ev.Stop()) if after.state.name == "running" else None
            )
        )
        fleet.start()
        await fleet.until("stopped")
        await until(lambda: not listener.peer.open_clients)
        assert not ran
        assert fleet.states() == ["stopped", "waiting", "connecting", "running", "stopping", "stopped"]
        await listener.die()

    run(scenario)


def test_a_fatal_problem_says_which_rule_made_it_so() -> None:
    judge = Judge((by_class(KeyError), by_table), rules=["`KeyError` in its `is_fatal`", "the table"])
    for raised, rule in (
        (KeyError("x"), "`KeyError` in its `is_fatal`"),
        (ApplicationError("wamp.error.no_such_realm"), "the table"),
    ):
        outcome = judge.failed(raised, Kind.MAIN)
        assert isinstance(outcome, out.Fatal)
        assert outcome.problem.rule == rule
    assert isinstance(failed := judge.failed(ValueError(), Kind.MAIN), out.Failed)
    assert failed.problem.rule is None
