"""How urgent each transition is, and what the log says of it."""

from __future__ import annotations

import pytest
from twisted.logger import LogLevel

from support.components import NOW, component
from wampsup.logs.lifecycle import told
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Failed,
    Fatal,
    Joined,
    Reconnecting,
    Running,
    State,
    Stopped,
    Stopping,
    Waiting,
)

JOINED = Joined(session_id=7234, realm="realm1", transport="rs://unix:/r.sock")
SAID: tuple[tuple[State, LogLevel, str], ...] = (
    (Waiting(since=NOW), LogLevel.debug, "waiting: waits for its turn"),
    (Connecting(since=NOW, attempt=3, deadline=None), LogLevel.debug, "connecting (attempt 3)"),
    (Running(since=NOW, attempt=3, joined=JOINED), LogLevel.info, "joined realm1 as 7234 over rs://unix:/r.sock"),
    (
        Reconnecting(since=NOW, next_attempt_at=NOW + 1.5),
        LogLevel.warn,
        "connection lost; next try in 1.5 s",
    ),
    (
        BackingOff(since=NOW, next_attempt_at=NOW + 2),
        LogLevel.warn,
        "ended by itself; next try in 2.0 s",
    ),
    (
        Stopping(since=NOW, attempt=3, deadline=NOW + 10, ran_since=None, again=False),
        LogLevel.debug,
        "stopping: leaving, cut off in 10.0 s",
    ),
    (Stopped(since=NOW), LogLevel.info, "stopped"),
    (Completed(since=NOW), LogLevel.info, "completed"),
    (
        Failed(since=NOW),
        LogLevel.error,
        "failed: gave up after 0 restarts in 300 s: it ended by itself; to try again: wampsup start clock",
    ),
    (Fatal(since=NOW), LogLevel.error, "fatal: fatal; after the fix: wampsup start clock"),
)


@pytest.mark.parametrize(("state", "level", "message"), SAID, ids=[state.name for state, *_ in SAID])
def test_every_transition_has_its_line(state: State, level: LogLevel, message: str) -> None:
    before = component(Running(since=NOW, attempt=3, joined=JOINED))
    assert told("clock", before, component(state)) == (level, message)


@pytest.mark.parametrize("state", [Completed(since=NOW), Failed(since=NOW), Fatal(since=NOW)])
def test_the_stop_of_what_had_ended_is_no_news(state: State) -> None:
    assert told("clock", component(state), component(Stopped(since=NOW))) == (LogLevel.debug, "stopped")
