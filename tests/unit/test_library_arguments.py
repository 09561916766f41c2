"""What `wampsup.Fleet`, and `wampsup.run` by the same checks, refuse before anything starts, and in which words."""

from __future__ import annotations

import math
from typing import Any

import pytest

from wampsup import Backoff, Fleet, RestartPolicy

POLICY = 'a RestartPolicy such as `RestartPolicy(policy="always")`'
NAME = "made of letters, digits, `-`, `_` and `.`, and begin with a letter, a digit or `_`"


def backoff(**more: Any) -> Backoff:
    return Backoff(**{"initial_delay": 1.0, "max_delay": 60.0, "growth": 2.0, "jitter": 0.1, **more})


@pytest.mark.parametrize("wrong", ["always", {"policy": "always"}, 3, None, RestartPolicy])
def test_what_is_no_policy_for_restarts_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError) as caught:
        Fleet([], restart=wrong)
    assert str(caught.value) == f"`restart` must be {POLICY}, not `{wrong!r}`"


def test_what_is_no_backoff_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        Fleet([], restart=RestartPolicy(backoff=0.5))  # type: ignore[arg-type]  # that is what is tried
    assert str(caught.value) == "`backoff` must be a Backoff, not `0.5`"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"policy": "nver"}, "`policy` must be one of `on-failure`, `always`, `never`, not `nver`"),
        ({"max_restarts": -5}, "`max_restarts` must be a whole number, or -1 for no limit, not `-5`"),
        ({"max_restarts": 2.5}, "`max_restarts` must be a whole number, or -1 for no limit, not `2.5`"),
        ({"window": 0}, "`window` must be a number of seconds above 0, not `0`"),
        ({"reset_after": -1.0}, "`reset_after` must be a number of seconds, 0 or more, not `-1.0`"),
        ({"reset_after": math.nan}, "`reset_after` must be a number of seconds, 0 or more, not `nan`"),
        (
            {"backoff": backoff(initial_delay=-1)},
            "`initial_delay` must be a number of seconds from 0.0001 up, not `-1`",
        ),
        ({"backoff": backoff(max_delay=-1)}, "`max_delay` must be a number of seconds from 0.0001 up, not `-1`"),
        ({"backoff": backoff(growth=0.5)}, "`growth` must be a number from 1 up, not `0.5`"),
        ({"backoff": backoff(jitter=2)}, "`jitter` must be a number from 0 to 1, not `2`"),
        ({"backoff": backoff(initial_delay=90)}, "`max_delay` must not be below `initial_delay` (`90`)"),
    ],
)
def test_a_policy_with_a_value_that_cannot_be_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^`") as caught:
        Fleet([], restart=RestartPolicy(**said))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"policy": 3}, "`policy` must be one of `on-failure`, `always`, `never`, not `3`"),
        ({"policy": ["always"]}, "`policy` must be one of `on-failure`, `always`, `never`, not a list"),
        ({"max_restarts": "5"}, '`max_restarts` must be a whole number, or -1 for no limit, not `"5"`'),
        ({"window": None}, "`window` must be a number of seconds above 0, not `None`"),
        ({"backoff": backoff(growth="2")}, '`growth` must be a number from 1 up, not `"2"`'),
    ],
)
def test_a_policy_with_a_value_of_the_wrong_type_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        Fleet([], restart=RestartPolicy(**said))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", f'`name` must be {NAME}, not `""`'),
        ("x y", f'`name` must be {NAME}, not `"x y"`'),
        ("a/b", f'`name` must be {NAME}, not `"a/b"`'),
        (
            "x.toml",
            '`name` must be a name that does not end in `.toml`, which would make it a fleet file, not `"x.toml"`',
        ),
    ],
)
def test_a_fleet_cannot_be_called_what_a_file_could_not_call_it(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^`") as caught:
        Fleet([], name=name)
    assert str(caught.value) == message


def test_a_name_is_a_string() -> None:
    with pytest.raises(TypeError) as caught:
        Fleet([], name=3)  # type: ignore[arg-type]  # that is what is tried
    assert str(caught.value) == "`name` must be a string, not `3`"


def test_the_end_of_a_fleet_is_one_of_two() -> None:
    with pytest.raises(ValueError, match=r"^`exit_when` must be one of `never`, `all-done`, not `bogus`$"):
        Fleet([], exit_when="bogus")  # type: ignore[arg-type]  # that is what is tried
    with pytest.raises(TypeError, match=r"^`exit_when` must be one of `never`, `all-done`, not `None`$"):
        Fleet([], exit_when=None)  # type: ignore[arg-type]  # the same


def test_what_an_error_of_user_code_means_is_one_of_two() -> None:
    with pytest.raises(ValueError, match=r"^`on_user_error` must be one of `fail`, `log`, not `logg`$"):
        Fleet([], on_user_error="logg")  # type: ignore[arg-type]  # that is what is tried
    with pytest.raises(TypeError, match=r"^`on_user_error` must be one of `fail`, `log`, not `None`$"):
        Fleet([], on_user_error=None)  # type: ignore[arg-type]  # the same


def test_what_is_to_be_told_of_the_end_can_be_called() -> None:
    message = r"^`on_end` must be a function that takes an exit code, not `3`$"
    with pytest.raises(TypeError, match=message):
        Fleet([], on_end=3)  # type: ignore[arg-type]  # that is what is tried
    with pytest.raises(TypeError, match=message):
        Fleet.from_file("nirvana.toml", on_end=3)  # type: ignore[arg-type]  # the same


def test_limits_themselves_are_kept() -> None:
    most = RestartPolicy(
        policy="always", backoff=backoff(initial_delay=60, jitter=0, growth=1), reset_after=0, max_restarts=-1
    )
    Fleet([], name="edge-1.a_b", restart=most, on_user_error="log", exit_when="all-done", on_end=print)
