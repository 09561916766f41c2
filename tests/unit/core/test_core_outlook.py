"""What happens next and why: every state and every policy, word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wampsup.core.component import Component, Policy, new
from wampsup.core.outlook import outlook
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    HealthPolicy,
    RestartPolicy,
    RetryPolicy,
    TransportSpec,
    UnixEndpoint,
)
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
JOINED = Joined(session_id=1, realm="realm1", transport="rs://unix:/r.sock")
RUNNING = Running(since=NOW - 12, attempt=1, joined=JOINED)
PERSON = "a person has to start it: wampsup start pricing"
CRITICAL = "it is critical: its end for good ends the fleet"
RECENT = (NOW - 30.0, NOW - 20.0, NOW - 10.0)


def component(state: State, problem: Problem | None = None, **fields: object) -> Component:
    error = None if problem is None else LastError(problem=problem, at=NOW)
    made = replace(new(Policy(), 0), state=state, desired=Desired.UP, attempts=1, last_error=error)
    return replace(made, **fields)  # type: ignore[arg-type]


def policy(name: str = "on-failure", max_restarts: int = 5, max_retries: int = -1) -> Policy:
    restart = RestartPolicy(policy=name, max_restarts=max_restarts)  # type: ignore[arg-type]
    return Policy(restart=restart, transports=(RetryPolicy(max_retries=max_retries),))


def stopping(deadline: float | None = NOW + 8.1, *, again: bool = False) -> Stopping:
    return Stopping(since=NOW, attempt=1, deadline=deadline, ran_since=None, again=again)


def backing_off(**fields: object) -> Component:
    return component(BackingOff(since=NOW, next_attempt_at=NOW + 8.1), DRY, **fields)


def reconnecting(**fields: object) -> Component:
    return component(Reconnecting(since=NOW, next_attempt_at=NOW + 8.1), DRY, **fields)


CASES = {
    "running": (
        component(RUNNING),
        "if it fails it is started again after about 1 s (1 of 5); if it ends well it is left alone",
    ),
    "running again": (
        component(RUNNING, failures=3, restarted_at=RECENT),
        (
            "a run that lasts 60 s clears the count of its restarts (12.0 s so far);"
            " if it fails it is started again after about 8 s (4 of 5); if it ends well it is left alone"
        ),
    ),
    "running for long": (
        component(replace(RUNNING, since=NOW - 60), failures=3, restarted_at=RECENT),
        (
            "it has run for 60 s, which clears the count of its restarts;"
            " if it fails it is started again after about 1 s (1 of 5); if it ends well it is left alone"
        ),
    ),
    "running for the last time": (
        component(RUNNING, failures=2, restarted_at=RECENT[:2], policy=policy(max_restarts=2)),
        (
            "a run that lasts 60 s clears the count of its restarts (12.0 s so far);"
            " if it fails it is given up: 2 of 2 restarts in 300 s are used; if it ends well it is left alone"
        ),
    ),
    "running, never restarted": (
        component(RUNNING, policy=policy("never")),
        "if it fails it stays so, as its restart policy `never` has it; if it ends well it is left alone",
    ),
    "running, always restarted": (
        component(RUNNING, policy=policy("always", max_restarts=-1)),
        "whenever it ends it is started again after about 1 s",
    ),
    "connecting": (
        component(Connecting(since=NOW, attempt=1, deadline=NOW + 18), tries=(1,)),
        "it has 18.0 s left to join and become ready; if it can't connect, that is tried again",
    ),
    "connecting again": (
        component(Connecting(since=NOW, attempt=3, deadline=NOW + 18), tries=(3,)),
        "this is try 3; it has 18.0 s left to join and become ready; if it can't connect, that is tried again",
    ),
    "connecting for the last time": (
        component(Connecting(since=NOW, attempt=5, deadline=NOW + 18), tries=(5,), policy=policy(max_retries=4)),
        "this is try 5; it has 18.0 s left to join and become ready; if it can't connect, it is given up",
    ),
    "connecting for too long": (
        component(Connecting(since=NOW, attempt=1, deadline=None)),
        "it took too long to become ready, and is being cut off",
    ),
    "reconnecting": (
        reconnecting(tries=(2,), policy=policy(max_retries=4)),
        "tried 2 of 4; next in 8.1 s; this counts for no restart",
    ),
    "reconnecting for the last time": (
        reconnecting(tries=(4,), policy=policy(max_retries=4)),
        "tried 4 of 4; next in 8.1 s; if it can't connect then, it is given up; this counts for no restart",
    ),
    "reconnecting for ever": (
        reconnecting(tries=(12,)),
        (
            "tried 12 times; next in 8.1 s; it goes on for ever, with 300 s between two tries at most;"
            " this counts for no restart"
        ),
    ),
    "reconnecting at once": (
        component(Reconnecting(since=NOW, next_attempt_at=NOW)),
        "next now; it goes on for ever, with 300 s between two tries at most; this counts for no restart",
    ),
    "backoff": (
        backing_off(restarted_at=RECENT),
        "tried 3 of 5 in 300 s; next in 8.1 s; a run that lasts 60 s clears the count",
    ),
    "backoff for the last time": (
        backing_off(restarted_at=RECENT, policy=policy(max_restarts=3)),
        (
            "tried 3 of 3 in 300 s; next in 8.1 s; with one more failure within 300 s it is given up;"
            " a run that lasts 60 s clears the count"
        ),
    ),
    "backoff for ever": (
        backing_off(failures=1, policy=policy(max_restarts=-1)),
        "tried 1 time; next in 8.1 s; it goes on for ever, with 60 s between two tries at most",
    ),
    "leaving for good": (
        component(stopping(), desired=Desired.DOWN),
        "it leaves, and is cut off unless it has within 8.1 s; then it is stopped",
    ),
    "restarting": (
        component(stopping(again=True)),
        "it leaves, and is cut off unless it has within 8.1 s; then it starts again",
    ),
    "leaving with its group": (
        component(stopping(None), given_up_with="kitchen"),
        "it is being cut off; then it has failed with its group `kitchen`",
    ),
    "leaving after a failure": (
        component(stopping(), DRY),
        "it leaves, and is cut off unless it has within 8.1 s; then its restart policy `on-failure` decides",
    ),
    "leaving because of another": (
        component(stopping()),
        "it leaves, and is cut off unless it has within 8.1 s; then it waits until it can start again",
    ),
    "never started": (component(Stopped(since=NOW)), f"nobody has started it yet; {PERSON}"),
    "stopped": (
        component(Stopped(since=NOW), stopped_by="person"),
        "it stays stopped, also through reloads, until a person starts it: wampsup start pricing",
    ),
    "stopped with the fleet": (component(Stopped(since=NOW), stopped_by="shutdown"), "the fleet shuts down"),
    "taken out": (component(Stopped(since=NOW), stopped_by="reload"), "it is no part of the fleet any more"),
    "stopped with its group": (
        component(Stopped(since=NOW), stopped_by="group:kitchen", policy=policy("never")),
        f"its group `kitchen` was restarted, and its restart policy `never` leaves it; {PERSON}",
    ),
    "completed": (
        component(Completed(since=NOW)),
        "it ended well, and its restart policy `on-failure` leaves it so; to run it again: wampsup start pricing",
    ),
    "gave up restarting": (
        component(Failed(since=NOW), DRY, restarted_at=(1.0, 2.0, 3.0, 4.0, 5.0)),
        f"gave up after 5 restarts in 300 s; {PERSON}",
    ),
    "gave up connecting": (
        component(Failed(since=NOW), DRY, tries=(5,), policy=policy(max_retries=4)),
        f"gave up after 5 tries to connect; {PERSON}",
    ),
    "failed at once": (
        component(Failed(since=NOW), DRY, policy=policy("never")),
        f"its restart policy `never` leaves it; {PERSON}",
    ),
    "its group gave up": (
        component(Failed(since=NOW), DRY, given_up_with="kitchen"),
        "its group `kitchen` gave up; a person has to start it: wampsup start group:kitchen",
    ),
    "fatal": (
        component(Fatal(since=NOW), replace(DRY, rule="`ValueError` in its `is_fatal`")),
        f"`ValueError` in its `is_fatal` says that no retry can mend this; after the fix, {PERSON}",
    ),
    "fatal, as it was refused": (
        component(Fatal(since=NOW), replace(DRY, kind=Kind.AUTH, rule="the built-in table of fatal errors")),
        (
            f"the built-in table of fatal errors says that no retry can mend this; after the fix, {PERSON};"
            " a fix in the fleet file or in a secret takes wampsup reload, which starts it as well"
        ),
    ),
    "fatal, and nobody knows why": (
        component(Fatal(since=NOW)),
        f"`is_fatal` says that no retry can mend this; after the fix, {PERSON}",
    ),
}


@pytest.mark.parametrize(("given", "words"), CASES.values(), ids=CASES)
def test_what_comes_next_is_told_in_every_state(given: Component, words: str) -> None:
    assert outlook(given, ComponentSpec(name="pricing"), NOW) == words


def test_no_state_is_left_out() -> None:
    assert {given.state.name for given, _ in CASES.values()} | {"waiting"} == {state.name for state in State.__args__}


@pytest.mark.parametrize("case", ["running", "gave up restarting", "its group gave up", "fatal"])
def test_that_it_is_critical_is_told_where_it_matters(case: str) -> None:
    given, words = CASES[case]
    assert outlook(given, ComponentSpec(name="pricing", critical=True), NOW) == f"{words}; {CRITICAL}"


def test_what_health_checks_lead_to_is_told() -> None:
    spec = ComponentSpec(name="pricing", health=HealthPolicy(procedure="com.example.ping"))
    assert "; 3 misses in a row of its health check are a failure; " in outlook(component(RUNNING), spec, NOW)


def test_one_that_is_to_leave_says_whom_it_waits_for() -> None:
    told = outlook(component(RUNNING), ComponentSpec(name="pricing"), NOW, waits_for={"shop": "stopping"})
    assert told == "leaves once `shop` has left"


@pytest.mark.parametrize(
    ("waits_for", "words"),
    [
        ({}, "it starts when one of those that are on their way up is there: the start window is full"),
        ({"db": "connecting"}, "waits for `db` (connecting): it starts once that runs"),
        (
            {"db": "stopped"},
            "waits for `db` (stopped): it starts once that runs; a person has to start `db`: wampsup start db",
        ),
        ({"clock": "backoff"}, "waits for `clock` (backoff): it starts once that runs, or won't come by itself"),
        (
            {"db": "waiting", "clock": "connecting"},
            "waits for `db` (waiting) and `clock` (connecting): it starts once they run",
        ),
        ({"group:kitchen": None}, "group `kitchen` has to leave first: then all start again in their order"),
    ],
)
def test_one_that_waits_says_when_it_starts(waits_for: dict[str, str | None], words: str) -> None:
    spec = ComponentSpec(name="pricing", requires=("db",), after=("clock",))
    assert outlook(component(Waiting(since=NOW)), spec, NOW, waits_for=waits_for) == words


def test_several_transports_are_told_apart_by_their_urls() -> None:
    urls = ("rs://unix:/a.sock", "ws://127.0.0.1:8080/ws")
    transports = [TransportSpec(type="rawsocket", url=url, endpoint=UnixEndpoint(path="/a.sock")) for url in urls]
    backoff = Backoff(initial_delay=1, max_delay=9, growth=1, jitter=0)
    limited = Policy(transports=(RetryPolicy(max_retries=4), RetryPolicy(max_retries=-1, backoff=backoff)))
    given = reconnecting(policy=limited, tries=(4, 1))
    spec = ComponentSpec(name="pricing")
    assert outlook(given, spec, NOW, transports) == (
        "tried 4 of 4; next in 8.1 s over rs://unix:/a.sock; this counts for no restart"
    )
    assert outlook(replace(given, transport=1), spec, NOW, transports) == (
        "tried 1 time; next in 8.1 s over ws://127.0.0.1:8080/ws;"
        " it goes on for ever, with about 1 s between two tries; this counts for no restart"
    )
