"""Reloading over the control API: what is asked of the fleet, and what is answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from wampsup.config import load
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request
from wampsup.control.reload import ReloadFleet, no_file
from wampsup.control.twin import FleetTwin
from wampsup.core.reload import Plan
from wampsup.errors import FleetFileError, WampsupError
from wampsup.runtime.journal import Journal

IDENTITY = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=0)
PLAN = Plan(added=("feed@3",), unchanged=("feed@1", "feed@2"), needs_restart=("supervisor.name",))


def ask(reload: ReloadFleet, body: bytes = b"") -> Any:
    """The answer to `POST /v1/reload`: status, media type and content."""
    replies: list[Any] = []
    control = Control(
        FleetTwin(["clock"], 0),
        IDENTITY,
        shutdown=lambda: None,
        seconds=lambda: 0,
        journal=Journal(lambda: 0),
        reload=reload,
    )
    control.answer(Request(method="POST", path="/v1/reload", body=body)).addCallback(replies.append)
    (reply,) = replies
    assert isinstance(reply, Reply)
    return reply.status, reply.media_type, json.loads(reply.encoded())


def refusing(error: Exception) -> ReloadFleet:
    def reload(*, dry_run: bool) -> Deferred[Plan]:
        return fail(error)

    return reload


@pytest.mark.parametrize(("body", "expected"), [(b"", False), (b"{}", False), (b'{"dry_run": true}', True)])
def test_the_fleet_is_reloaded_and_what_has_changed_is_told(body: bytes, expected: bool) -> None:  # noqa: FBT001
    asked: list[bool] = []

    def reload(*, dry_run: bool) -> Deferred[Plan]:
        asked.append(dry_run)
        return succeed(PLAN)

    assert ask(reload, body) == (
        200,
        "application/json",
        {
            "added": ["feed@3"],
            "removed": [],
            "restarted": [],
            "updated": [],
            "unchanged": ["feed@1", "feed@2"],
            "groups": [],
            "settings": [],
            "needs_restart": ["supervisor.name"],
        },
    )
    assert asked == [expected]


def test_all_mistakes_of_a_file_are_told_with_their_places_and_as_a_person_would_see_them(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text('[components.a]\nmain = "m:main"\nrestrat = 1\nautostart = 2\n')
    with pytest.raises(FleetFileError) as caught:
        load(path)
    status, media_type, told = ask(refusing(caught.value))
    assert (status, media_type) == (422, "application/problem+json")
    assert told["detail"] == f"`{path}` has 2 mistakes"
    assert "\n\n".join(error.pop("text") for error in told["errors"]) == caught.value.render()
    assert told["errors"][0] == {
        "message": "unknown key `restrat` in component `a`",
        "hint": "did you mean `restart`?",
        "file": str(path),
        "line": 3,
        "column": 1,
    }
    assert (told["errors"][1]["line"], told["errors"][1]["column"]) == (4, 13)


def test_a_file_that_can_not_be_read_is_a_mistake_without_a_place() -> None:
    with pytest.raises(FleetFileError) as caught:
        load(Path("/no/such/fleet.toml"))
    status, _, told = ask(refusing(caught.value))
    assert (status, told["detail"]) == (422, "no fleet file at `/no/such/fleet.toml`")
    assert told["errors"] == [
        {
            "message": "no fleet file at `/no/such/fleet.toml`",
            "hint": None,
            "file": None,
            "line": None,
            "column": None,
            "text": "error: no fleet file at `/no/such/fleet.toml`",
        }
    ]


def test_what_can_not_be_done_now_is_a_conflict() -> None:
    status, media_type, told = ask(refusing(WampsupError("the fleet is shutting down")))
    assert (status, media_type, told["detail"]) == (409, "application/problem+json", "the fleet is shutting down")
    assert "errors" not in told


def test_a_fleet_that_a_program_has_made_has_no_file_to_read_again() -> None:
    status, _, told = ask(no_file)
    assert (status, told["detail"]) == (409, "this fleet has no file to read again: a program has made it")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"dry-run": true}', "unknown key `dry-run`"),
        (b'{"dry_run": 1}', "`dry_run`: input should be a valid boolean"),
    ],
)
def test_a_wrong_request_reloads_nothing(body: bytes, detail: str) -> None:
    status, _, told = ask(refusing(AssertionError()), body)
    assert (status, told["detail"]) == (422, detail)
