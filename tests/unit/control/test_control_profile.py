"""Profiles over the control API: of whom, how long, and what is answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request
from wampsup.control.profile import cannot_profile
from wampsup.control.twin import FleetTwin
from wampsup.errors import WampsupError
from wampsup.reactor.profile import Profile
from wampsup.reactor.samples import Function, Seen, Stack
from wampsup.runtime.journal import Journal

if TYPE_CHECKING:
    from wampsup.control.profile import TakeProfile
    from wampsup.reactor.account import Account

PROFILE = Profile(
    seconds=2.0,
    looks=198,
    busy_seconds=0.5,
    functions=[Function("work", "parts", "/fleet/parts.py", 3), Function("(other stacks)")],
    in_reactor=Seen(samples=50, seconds=0.5, stacks=[Stack([0], 4, 48, 0.48), Stack([1], 0, 2, 0.02)]),
    in_threads=Seen(),
)


class Taker:
    """Keeps what it is asked for, and answers with `answer`."""

    def __init__(self, answer: Deferred[Profile]) -> None:
        self.asked: list[tuple[Account, float, float]] = []
        self.answer = answer

    def __call__(self, account: Account, seconds: float, rate: float) -> Deferred[Profile]:
        self.asked.append((account, seconds, rate))
        return self.answer


FLEET = FleetTwin(["clock", "sensor-1", "sensor-2"], 0)


def begin(take: TakeProfile, body: object) -> Deferred[Any]:
    identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=0)
    control = Control(
        FLEET, identity, shutdown=lambda: None, seconds=lambda: 0, journal=Journal(lambda: 0), profile=take
    )
    return control.answer(Request(method="POST", path="/v1/profile", body=json.dumps(body).encode()))


def ask(take: TakeProfile, body: object) -> tuple[int, Any]:
    replies: list[Any] = []
    begin(take, body).addCallback(replies.append)
    (reply,) = replies
    assert isinstance(reply, Reply)
    return reply.status, json.loads(reply.encoded())


def test_a_profile_is_told_with_its_functions_and_stacks() -> None:
    take = Taker(succeed(PROFILE))
    status, told = ask(take, {"name": "clock", "seconds": 2, "rate": 50})
    assert take.asked == [(FLEET.units["clock"].account, 2.0, 50.0)]
    assert status == 200
    assert told == {
        "name": "clock",
        "rate": 50.0,
        "seconds": 2.0,
        "looks": 198,
        "busy_seconds": 0.5,
        "functions": [
            {"name": "work", "module": "parts", "file": "/fleet/parts.py", "line": 3},
            {"name": "(other stacks)", "module": "", "file": "", "line": 0},
        ],
        "reactor": {
            "samples": 50,
            "seconds": 0.5,
            "stacks": [
                {"functions": [0], "line": 4, "samples": 48, "seconds": 0.48},
                {"functions": [1], "line": 0, "samples": 2, "seconds": 0.02},
            ],
        },
        "threads": {"samples": 0, "seconds": 0.0, "stacks": []},
    }


def test_a_pattern_that_means_one_component_takes_that_for_ten_seconds() -> None:
    take = Taker(succeed(PROFILE))
    status, told = ask(take, {"name": "cl*"})
    assert (status, told["name"]) == (200, "clock")
    assert take.asked == [(FLEET.units["clock"].account, 10.0, 99.0)]


def test_a_pattern_that_means_several_is_refused() -> None:
    take = Taker(succeed(PROFILE))
    status, told = ask(take, {"name": "sensor-*"})
    assert (status, told["detail"]) == (409, "`sensor-*` means 2 components, and one can be profiled at a time")
    assert told["hint"] == "name one of them, as `sensor-1`"
    assert take.asked == []


def test_a_name_of_nobody_is_not_found() -> None:
    status, told = ask(Taker(succeed(PROFILE)), {"name": "clokc"})
    assert (status, told["detail"]) == (404, "no component `clokc` in fleet `edge`")


def test_what_can_not_be_done_now_is_a_conflict() -> None:
    status, told = ask(Taker(fail(WampsupError("not now", hint="later"))), {"name": "clock"})
    assert (status, told["detail"], told["hint"]) == (409, "not now", "later")
    assert ask(cannot_profile, {"name": "clock"})[0] == 409


def test_a_client_that_hangs_up_ends_the_profile() -> None:
    cancelled: list[object] = []
    answer = begin(Taker(Deferred(cancelled.append)), {"name": "clock"})
    answer.addErrback(lambda _: None)
    answer.cancel()
    assert len(cancelled) == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "`name` is missing"),
        ({"name": ""}, "`name`: string should have at least 1 character"),
        ({"name": "clock", "seconds": 0.05}, "`seconds`: input should be greater than or equal to 0.1"),
        ({"name": "clock", "seconds": 301}, "`seconds`: input should be less than or equal to 300"),
        ({"name": "clock", "rate": 0}, "`rate`: input should be greater than or equal to 1"),
        ({"name": "clock", "rate": 1001}, "`rate`: input should be less than or equal to 1000"),
        ({"name": "clock", "select": ["x"]}, "unknown key `select`"),
    ],
)
def test_a_wrong_request_takes_no_profile(body: object, detail: str) -> None:
    take = Taker(succeed(PROFILE))
    assert ask(take, body)[0] == 422
    assert ask(take, body)[1]["detail"] == detail
    assert take.asked == []
