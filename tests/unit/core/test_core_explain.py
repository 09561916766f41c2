"""The one line that says why a component is as it is, and what comes next: every case word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wampsup.core.component import Component, Policy, new
from wampsup.core.explain import MOST_TOLD, in_words, is_timed, note
from wampsup.model.spec import Backoff, RestartPolicy, RetryPolicy, TransportSpec, UnixEndpoint
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Desired,
    Failed,
    Fatal,
    Joined,
    Kind,
    LastError,
    Problem,
    Reconnecting,
    Running,
    State,
    Stopped,
    Stopping,
    Waiting,
)

NOW = 1000.0
DRY = Problem(kind=Kind.MAIN, type="ValueError", message="the kettle is dry")
REFUSED = Problem(
    kind=Kind.CONNECTION, type="twisted.internet.error.ConnectionRefusedError", message="connection refused"
)
TICKET = Problem(
    kind=Kind.AUTH,
    type="autobahn.wamp.exception.ApplicationError",
    message="ticket refused",
    uri="wamp.error.authentication_failed",
)
JOINED = Joined(session_id=1, realm="realm1", transport="rs://unix:/r.sock")


def component(state: State, problem: Problem | None = None, **fields: object) -> Component:
    policy = Policy(restart=RestartPolicy(max_restarts=5, window=300), transports=(RetryPolicy(max_retries=4),))
    error = None if problem is None else LastError(problem=problem, at=NOW)
    made = replace(new(policy, 0), state=state, desired=Desired.UP, attempts=1, last_error=error)
    return replace(made, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (DRY, "ValueError: the kettle is dry"),
        (replace(DRY, message=""), "ValueError"),
        (replace(DRY, message="two\n  lines"), "ValueError: two lines"),
        (replace(DRY, type="shop.errors.Empty", message="no cups"), "Empty: no cups"),
        (TICKET, "ticket refused (wamp.error.authentication_failed)"),
        (replace(TICKET, message=""), "wamp.error.authentication_failed"),
        (REFUSED, "connection refused"),
        (replace(REFUSED, message=""), "ConnectionRefusedError"),
    ],
)
def test_a_problem_is_told_in_one_line(problem: Problem, words: str) -> None:
    assert in_words(problem) == words


CASES = {
    "never started": (component(Stopped(since=0), attempts=0), "not started"),
    "stopped": (component(Stopped(since=NOW), stopped_by="person"), "stopped by a person"),
    "stopped, and an older error had no part in it": (
        component(Stopped(since=NOW + 1), DRY, stopped_by="person"),
        "stopped by a person",
    ),
    "stopped with trouble": (
        component(Stopped(since=NOW), REFUSED, stopped_by="person"),
        "stopped by a person; connection refused",
    ),
    "stopped with the fleet": (component(Stopped(since=NOW), stopped_by="shutdown"), "stopped with the fleet"),
    "stopped by a reload": (component(Stopped(since=NOW), stopped_by="reload"), "taken out of the fleet"),
    "stopped with its group": (
        component(Stopped(since=NOW), stopped_by="group:tills"),
        "stopped with its group `tills`",
    ),
    "stopped with its group, with trouble": (
        component(Stopped(since=NOW), REFUSED, stopped_by="group:tills"),
        "stopped with its group `tills`; connection refused",
    ),
    "waiting": (component(Waiting(since=NOW)), "waits for its turn"),
    "connecting at first": (component(Connecting(since=NOW, attempt=1, deadline=None)), None),
    "connecting again": (
        component(Connecting(since=NOW, attempt=2, deadline=None), DRY, failures=1),
        "after ValueError: the kettle is dry",
    ),
    "running": (component(Running(since=NOW, attempt=1, joined=JOINED), DRY), None),
    "reconnecting": (
        component(Reconnecting(since=NOW, next_attempt_at=NOW + 1.5), REFUSED, tries=(2,)),
        "connection refused; next try in 1.5 s (2 of 4)",
    ),
    "reconnecting on a fresh transport": (
        component(Reconnecting(since=NOW, next_attempt_at=NOW), REFUSED),
        "connection refused; next try now",
    ),
    "backoff": (
        component(BackingOff(since=NOW, next_attempt_at=NOW + 2.1), DRY, restarted_at=(1.0, 2.0, 3.0)),
        "ValueError: the kettle is dry; next try in 2.1 s (3 of 5)",
    ),
    "backoff after a good end": (
        component(BackingOff(since=NOW + 5, next_attempt_at=NOW + 7), DRY, restarted_at=(1.0,)),
        "ended by itself; next try in 7.0 s (1 of 5)",
    ),
    "stopping": (
        component(Stopping(since=NOW, attempt=1, deadline=NOW + 8.2, ran_since=None, again=False)),
        "leaving, cut off in 8.2 s",
    ),
    "stopping, overdue": (
        component(Stopping(since=NOW, attempt=1, deadline=None, ran_since=None, again=False)),
        "cut off",
    ),
    "restarting": (
        component(Stopping(since=NOW, attempt=1, deadline=NOW + 10, ran_since=None, again=True)),
        "leaving, cut off in 10.0 s; then it starts again",
    ),
    "completed": (component(Completed(since=NOW)), "ended by itself"),
    "gave up restarting": (
        component(Failed(since=NOW), DRY, restarted_at=(1.0, 2.0, 3.0, 4.0, 5.0)),
        "gave up after 5 restarts in 300 s: ValueError: the kettle is dry; to try again: wampsup start billing",
    ),
    "gave up after a good end": (
        component(Failed(since=NOW + 5), DRY, restarted_at=(1.0,)),
        "gave up after 1 restart in 300 s: it ended by itself; to try again: wampsup start billing",
    ),
    "gave up connecting": (
        component(Failed(since=NOW), REFUSED, tries=(5,)),
        "gave up after 5 tries: connection refused; to try again: wampsup start billing",
    ),
    "its group gave up because of it": (
        component(Failed(since=NOW), DRY, given_up_with="tills"),
        "its group `tills` gave up: ValueError: the kettle is dry; to try again: wampsup start group:tills",
    ),
    "its group gave up because of another": (
        component(Failed(since=NOW + 1), DRY, given_up_with="tills", given_up_for="a", tries=(5,)),
        "its group `tills` gave up: `a` failed once too often; to try again: wampsup start group:tills",
    ),
    "fatal": (
        component(Fatal(since=NOW), TICKET),
        "ticket refused (wamp.error.authentication_failed); after the fix: wampsup start billing",
    ),
}


@pytest.mark.parametrize(("given", "words"), CASES.values(), ids=CASES)
def test_every_state_says_why_and_what_comes_next(given: Component, words: str | None) -> None:
    assert note(given, "billing", NOW) == words


@pytest.mark.parametrize("given", [given for given, _ in CASES.values()], ids=CASES)
def test_only_where_something_is_due_the_words_change_as_time_goes_by(given: Component) -> None:
    assert is_timed(given) or note(given, "pricing", NOW) == note(given, "pricing", NOW + 1000)


@pytest.mark.parametrize("ended", ["gave up restarting", "its group gave up because of it", "fatal"])
def test_where_no_command_reaches_the_fleet_none_is_named(ended: str) -> None:
    given, words = CASES[ended]
    assert words is not None
    assert note(given, None, NOW) == words.rpartition("; ")[0]


def test_a_policy_that_never_restarts_has_not_given_up() -> None:
    never = Policy(restart=RestartPolicy(policy="never"))
    given = component(Failed(since=NOW), DRY, policy=never)
    assert note(given, "x", NOW) == "ValueError: the kettle is dry; to try again: wampsup start x"


def test_without_a_limit_nothing_is_counted() -> None:
    backoff = Backoff(initial_delay=1, max_delay=1, growth=1, jitter=0)
    unlimited = Policy(restart=RestartPolicy(max_restarts=-1, backoff=backoff))
    given = component(BackingOff(since=NOW, next_attempt_at=NOW + 1), DRY, policy=unlimited)
    assert note(given, "x", NOW) == "ValueError: the kettle is dry; next try in 1.0 s"


def test_several_transports_are_told_apart_by_their_urls() -> None:
    urls = ("rs://unix:/a.sock", "ws://127.0.0.1:8080/ws")
    transports = [TransportSpec(type="rawsocket", url=url, endpoint=UnixEndpoint(path="/a.sock")) for url in urls]
    policy = Policy(transports=(RetryPolicy(max_retries=4), RetryPolicy(max_retries=4)))
    given = component(Reconnecting(since=NOW, next_attempt_at=NOW + 3.1), policy=policy, tries=(2, 1), transport=0)
    refused = replace(given, last_error=LastError(problem=REFUSED, at=NOW, transport=1))
    assert note(refused, "x", NOW, transports) == (
        "ws://127.0.0.1:8080/ws: connection refused; next try in 3.1 s over rs://unix:/a.sock (2 of 4)"
    )
    assert note(refused, "x", NOW, transports[:1]) == "connection refused; next try in 3.1 s (2 of 4)"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"db": "stopped"}, "waits for `db` (stopped)"),
        ({"group:tills": None}, "waits for group `tills`"),
        ({"db": "backoff", "group:tills": None}, "waits for `db` (backoff) and group `tills`"),
        ({"a": "failed", "b": "fatal", "c": "waiting"}, "waits for `a` (failed), `b` (fatal) and `c` (waiting)"),
        (dict.fromkeys("abcd", "stopped"), "waits for `a` (stopped), `b` (stopped) and 2 more"),
        (dict.fromkeys("abcde", "stopped"), "waits for `a` (stopped), `b` (stopped) and 3 more"),
        (dict.fromkeys(map(str, range(MOST_TOLD)), "stopped"), "waits for `0` (stopped), `1` (stopped) and others"),
    ],
)
def test_one_that_waits_says_what_for(names: dict[str, str | None], words: str) -> None:
    assert note(component(Waiting(since=NOW), DRY, failures=1), "x", NOW, waits_for=names) == words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["shop"], "leaves once `shop` has left"),
        (["shop", "till"], "leaves once `shop` and `till` have left"),
        (["a", "b", "c", "d"], "leaves once `a`, `b` and 2 more have left"),
    ],
)
def test_one_that_is_to_leave_after_others_says_so(names: list[str], words: str) -> None:
    waits_for = dict.fromkeys(names, "stopping")
    assert note(component(Running(since=NOW, attempt=1, joined=JOINED)), "x", NOW, waits_for=waits_for) == words


def test_one_that_waits_for_its_turn_alone_says_what_happened_before() -> None:
    waiting = component(Waiting(since=NOW), DRY, failures=1)
    assert note(waiting, "x", NOW) == "waits for its turn; after ValueError: the kettle is dry"
