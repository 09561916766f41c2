"""What is told about a component that a command did not take where it should be, word for word."""

from __future__ import annotations

import pytest

from wampsup.cli.telling import problem_of, say


def told(state: str, error: str | None = None, *, timed_out: bool = False) -> tuple[int, str]:
    problem = problem_of({"name": "crash", "state": state, "error": error, "timed_out": timed_out}, 0.5)
    return problem.exit_code, problem.message


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("failed", "`crash` has failed: boom"),
        ("fatal", "`crash` is fatal: boom"),
        ("completed", "`crash` has completed: boom"),
        ("stopped", "`crash` is stopped: boom"),
    ],
)
def test_where_it_ended_up_is_a_sentence_with_its_reason(state: str, words: str) -> None:
    assert told(state, "boom") == (1, words)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("backoff", "`crash` is still in backoff after 0.5 s"),
        ("connecting", "`crash` is still connecting after 0.5 s"),
        ("reconnecting", "`crash` is still reconnecting after 0.5 s"),
        ("stopping", "`crash` is still stopping after 0.5 s"),
        ("waiting", "`crash` is still waiting after 0.5 s"),
        ("failed", "`crash` has failed after 0.5 s"),
    ],
)
def test_what_may_still_get_there_is_told_with_the_time_that_it_had(state: str, words: str) -> None:
    assert told(state, timed_out=True) == (6, words)


def test_nothing_that_is_said_steers_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    say("fleet `a\x1b[2J` has ended")
    assert capfd.readouterr() == ("", "fleet `a\\x1b[2J` has ended\n")
