"""Every request of the control API, in memory: what it sends to the fleet, and what it answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from wampsup import __version__
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import MOST_GLOBS, MOST_PATTERNS, Reply, Request
from wampsup.control.twin import FleetTwin, ReachedTwin
from wampsup.model.event import Restart, Start, Stop
from wampsup.model.state import BackingOff, Desired, Joined, Kind, LastError, Problem, Running
from wampsup.runtime.journal import Journal

NOW = 1_700_000_000.5
PROBLEM = Problem(kind=Kind.MAIN, type="ValueError", message="dry", traceback="Traceback ...")


class Scene:
    """Control over a fleet in memory."""

    def __init__(self) -> None:
        self.fleet = FleetTwin(["clock", "sensor-1", "sensor-2"], NOW - 100)
        self.shutdowns = 0
        identity = Identity(
            name="edge",
            fleet_file="/etc/edge.toml",
            started_at=NOW - 3600,
            socket="/run/wampsup/edge.sock",
        )
        journal = Journal(lambda: NOW)
        self._control = Control(self.fleet, identity, shutdown=self._shut_down, seconds=lambda: NOW, journal=journal)

    def ask(self, method: str, path: str, body: object = None, *, vouched: bool = True, **query: list[str]) -> Reply:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(method=method, path=path, query=query, body=content, vouched=vouched)
        replies: list[Any] = []
        self._control.answer(request).addCallback(replies.append)
        return replies[0] if replies else Reply(status=0, content={})

    def post(self, path: str, body: object = None) -> Reply:
        return self.ask("POST", path, body)

    def _shut_down(self) -> None:
        self.shutdowns += 1


@pytest.fixture
def scene() -> Scene:
    return Scene()


def content(reply: Reply) -> Any:
    return json.loads(reply.encoded())


def test_the_supervisor_tells_who_it_is_and_counts_states(scene: Scene) -> None:
    told = content(scene.ask("GET", "/v1/supervisor"))
    assert told.pop("pid") > 0
    assert told.pop("memory")["rss"] > 1_000_000
    assert told.pop("cpu")["seconds"] > 0
    told.pop("loop")  # which only an aware reactor has
    assert told == {
        "name": "edge",
        "version": __version__,
        "started_at": "2023-11-14T21:13:20.500Z",
        "uptime": 3600.0,
        "fleet_file": "/etc/edge.toml",
        "counts": {"stopped": 3},
    }


def test_a_running_component_tells_its_session(scene: Scene) -> None:
    joined = Joined(session_id=7, realm="realm2", transport="ws://127.0.0.1:8080/ws")
    scene.fleet.put("clock", state=Running(since=NOW, attempt=3, joined=joined), desired=Desired.UP, attempts=3)
    told = content(scene.ask("GET", "/v1/components", select=["clock"]))
    for of_an_aware_reactor in ("busy_seconds", "busy_percent", "longest_stall_ms"):
        told["components"][0].pop(of_an_aware_reactor)
    assert told == {
        "components": [
            {
                "name": "clock",
                "group": None,
                "state": "running",
                "desired": "up",
                "since": "2023-11-14T22:13:20.500Z",
                "realm": "realm2",
                "session_id": 7,
                "transport": "ws://127.0.0.1:8080/ws",
                "attempts": 3,
                "restarts": 0,
                "reconnects": 0,
                "next_attempt_at": None,
                "last_error": None,
                "stalls": 0,
                "messages_in": 0,
                "messages_out": 0,
                "waits_for": [],
                "note": None,
            }
        ]
    }


def test_a_component_in_backoff_tells_its_error_and_when_it_is_tried_again(scene: Scene) -> None:
    state = BackingOff(since=NOW, next_attempt_at=NOW + 2)
    scene.fleet.put("clock", state=state, last_error=LastError(problem=PROBLEM, at=NOW), restarted_at=(NOW,))
    told = content(scene.ask("GET", "/v1/components/clock"))
    assert told["next_attempt_at"] == "2023-11-14T22:13:22.500Z"
    assert told["note"] == "ValueError: dry; next try in 2.0 s (1 of 5)"
    assert told["last_error"] == {
        "kind": "main",
        "type": "ValueError",
        "uri": None,
        "message": "dry",
        "traceback": "Traceback ...",
        "at": "2023-11-14T22:13:20.500Z",
    }


def test_one_component_comes_with_its_policy_and_transports(scene: Scene) -> None:
    told = content(scene.ask("GET", "/v1/components/clock"))
    assert told["transport"] == "rs://unix:/router.sock"
    assert told["policy"]["restart"] == {
        "policy": "on-failure",
        "initial_delay": 1.0,
        "max_delay": 60.0,
        "growth": 2.0,
        "jitter": 0.1,
        "reset_after": 60.0,
        "max_restarts": 5,
        "window": 300.0,
    }
    assert told["transports"][0]["url"] == "rs://unix:/router.sock"


def test_all_components_come_in_the_order_of_the_file(scene: Scene) -> None:
    names = [one["name"] for one in content(scene.ask("GET", "/v1/components"))["components"]]
    assert names == ["clock", "sensor-1", "sensor-2"]


@pytest.mark.parametrize(("path", "event"), [("/v1/start", Start()), ("/v1/stop", Stop()), ("/v1/restart", Restart())])
def test_a_command_waits_and_tells_how_each_component_ended_up(
    scene: Scene, path: str, event: Start | Stop | Restart
) -> None:
    replies: list[Any] = []
    request = Request(method="POST", path=path, body=b'{"select": ["sensor-*"], "timeout": 7}')
    scene._control.answer(request).addCallback(replies.append)
    assert not replies
    assert scene.fleet.sent == [(("sensor-1", "sensor-2"), event)]
    timeout, waiting = scene.fleet.waiting[0]
    assert timeout == 7
    waiting.callback([ReachedTwin(name="sensor-1"), ReachedTwin(name="sensor-2", ok=False, state="fatal", error="no")])
    assert content(replies[0]) == {
        "results": [
            {"name": "sensor-1", "ok": True, "state": "running", "error": None, "timed_out": False},
            {"name": "sensor-2", "ok": False, "state": "fatal", "error": "no", "timed_out": False},
        ]
    }


def test_a_command_that_does_not_wait_is_accepted_at_once(scene: Scene) -> None:
    reply = scene.post("/v1/stop", {"select": ["clock"], "wait": False})
    assert reply.status == 202
    assert content(reply) == {
        "results": [{"name": "clock", "ok": True, "state": "stopped", "error": None, "timed_out": False}]
    }
    assert scene.fleet.sent == [(("clock",), Stop())]


def test_a_command_waits_thirty_seconds_unless_told_otherwise(scene: Scene) -> None:
    scene.post("/v1/start", {"select": ["clock"]})
    assert scene.fleet.waiting[0][0] == 30.0


def test_shutdown_is_begun_and_answered_at_once(scene: Scene) -> None:
    reply = scene.post("/v1/shutdown")
    assert (reply.status, content(reply), scene.shutdowns) == (202, {"name": "edge"}, 1)


REFUSED: dict[str, tuple[tuple[Any, ...], int, str]] = {
    "nothing there": (("GET", "/v1/nothing"), 404, "there is nothing at `/v1/nothing`"),
    "no such component": (("GET", "/v1/components/x"), 404, "no component `x` in fleet `edge`"),
    "wrong method": (("POST", "/v1/components"), 405, "`/v1/components` takes GET and HEAD alone"),
    "not JSON": (("POST", "/v1/stop", b"{"), 400, "the body is not JSON"),
    "not an object": (("POST", "/v1/stop", []), 422, "the body is not an object"),
    "no body": (("POST", "/v1/stop"), 422, "`select` is missing"),
    "nothing selected": (
        ("POST", "/v1/stop", {"select": []}),
        422,
        "`select`: list should have at least 1 item after validation, not 0",
    ),
    "an empty name": (
        ("POST", "/v1/stop", {"select": [""]}),
        422,
        "`select`: string should have at least 1 character",
    ),
    "a long name": (
        ("POST", "/v1/stop", {"select": ["*" * 257]}),
        422,
        "`select`: string should have at most 256 characters",
    ),
    "unknown key": (("POST", "/v1/stop", {"select": ["clock"], "wiat": True}), 422, "unknown key `wiat`"),
    "wrong type": (
        ("POST", "/v1/stop", {"select": ["clock"], "wait": "yes"}),
        422,
        "`wait`: input should be a valid boolean",
    ),
    "no time": (
        ("POST", "/v1/stop", {"select": ["clock"], "timeout": 0}),
        422,
        "`timeout`: input should be greater than 0",
    ),
    "matches nothing": (("POST", "/v1/stop", {"select": ["x*"]}), 404, "no component `x*` in fleet `edge`"),
    "unknown key in shutdown": (("POST", "/v1/shutdown", {"now": True}), 422, "unknown key `now`"),
}


@pytest.mark.parametrize(("asked", "status", "detail"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_served_is_refused_with_a_problem_and_changes_nothing(
    scene: Scene, asked: tuple[Any, ...], status: int, detail: str
) -> None:
    reply = scene.ask(*asked)
    assert reply.media_type == "application/problem+json"
    told = content(reply)
    assert (reply.status, told["status"], told["type"], told["detail"]) == (status, status, "about:blank", detail)
    assert scene.fleet.sent == []
    assert scene.shutdowns == 0


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "TRACE", "post", ""])
def test_a_wrong_method_is_told_the_right_one(scene: Scene, method: str) -> None:
    reply = scene.ask(method, "/v1/shutdown")
    assert (reply.status, reply.headers) == (405, {"Allow": "POST"})


@pytest.mark.parametrize("path", ["/v1/components", "/v1/components/clock", "/v1/events"])
def test_what_can_be_read_takes_head_as_well(scene: Scene, path: str) -> None:
    reply = scene.ask("OPTIONS", path)
    assert (reply.status, reply.headers) == (405, {"Allow": "GET, HEAD"})
    assert content(reply)["detail"] == f"`{path}` takes GET and HEAD alone"


def test_head_is_answered_like_get(scene: Scene) -> None:
    assert scene.ask("HEAD", "/v1/components") == scene.ask("GET", "/v1/components")
    assert scene.ask("HEAD", "/v1/components/nobody") == scene.ask("GET", "/v1/components/nobody")


@pytest.mark.parametrize(
    "path",
    ["", "/v1", "/v1/", "/v1/supervisor/", "/v1/components/", "/v1/components/{name}/x", "/v1%2Fcomponents", "*"],
)
def test_no_other_path_will_do(scene: Scene, path: str) -> None:
    reply = scene.ask("GET", path)
    assert (reply.status, content(reply)["detail"]) == (404, f"there is nothing at `{path}`")


def test_what_takes_no_parameters_takes_none(scene: Scene) -> None:
    for method, path in (("GET", "/v1/supervisor"), ("GET", "/v1/components/clock"), ("POST", "/v1/shutdown")):
        reply = scene.ask(method, path, select=["clock"])
        assert (reply.status, content(reply)["detail"]) == (400, "unknown parameter `select`")
    assert scene.shutdowns == 0


def test_what_is_one_value_is_given_once(scene: Scene) -> None:
    reply = scene.ask("GET", "/v1/events", tail=["1", "2"])
    assert (reply.status, content(reply)["detail"]) == (400, "`tail` is given 2 times")


def test_a_parameter_that_does_not_count_is_right_all_the_same(scene: Scene) -> None:
    request = Request(method="GET", path="/v1/events", query={"after": ["soon"]}, headers={"last-event-id": "1"})
    replies: list[Any] = []
    scene._control.answer(request).addCallback(replies.append)
    assert (replies[0].status, content(replies[0])["detail"]) == (400, "`after` takes a whole number")


def test_unknown_parameters_and_empty_selections_of_a_list_are_refused(scene: Scene) -> None:
    unknown = scene.ask("GET", "/v1/components", selct=["clock"])
    assert (unknown.status, content(unknown)["detail"]) == (400, "unknown parameter `selct`")
    empty = scene.ask("GET", "/v1/components", select=[""])
    assert (empty.status, content(empty)["detail"]) == (422, "`select` holds an empty name")
    long = scene.ask("GET", "/v1/components", select=["*" * 257])
    assert (long.status, content(long)["detail"]) == (422, "`select` holds a name of over 256 characters")


def test_who_names_what_has_instances_is_told_of_them(scene: Scene) -> None:
    unit = scene.fleet.units["sensor-1"]
    unit.spec = replace(unit.spec, instance_of="sensor")
    reply = scene.ask("GET", "/v1/components/sensor")
    told = content(reply)
    assert (reply.status, told["detail"]) == (404, "no component `sensor` in fleet `edge`")
    assert told["hint"] == "it has instances: name one of them, as `sensor-1`"


@pytest.mark.parametrize(
    "asked",
    ["POST /v1/start", "POST /v1/stop", "POST /v1/restart", "POST /v1/reload", "POST /v1/profile", "POST /v1/shutdown"],
)
def test_who_is_not_vouched_for_changes_nothing(scene: Scene, asked: str) -> None:
    method, path = asked.split()
    reply = scene.ask(method, path, {"select": ["*"]}, vouched=False)
    assert reply.status == 403
    assert content(reply)["detail"] == f"`{path}` is not open to everybody"
    assert content(reply)["hint"] == (
        "ask on the control socket; from elsewhere, `ssh -L 9100:/run/wampsup/edge.sock HOST` brings it to"
        " http://localhost:9100/"
    )
    assert scene.fleet.sent == []
    assert scene.shutdowns == 0


def test_who_is_not_vouched_for_reads_no_log(scene: Scene) -> None:
    assert scene.ask("GET", "/v1/logs", vouched=False).status == 403


@pytest.mark.parametrize("path", ["/v1/supervisor", "/v1/components", "/v1/components/clock", "/livez", "/readyz"])
def test_who_is_not_vouched_for_sees_how_the_fleet_is(scene: Scene, path: str) -> None:
    assert scene.ask("GET", path, vouched=False).status == 200


def test_patterns_that_have_to_be_matched_are_few_and_names_may_be_many(scene: Scene) -> None:
    many = scene.ask("POST", "/v1/stop", {"select": ["*a*b"] * (MOST_GLOBS + 1)})
    assert (many.status, content(many)["detail"]) == (422, "`select` holds over 16 patterns that are no names")
    named = scene.ask("POST", "/v1/stop", {"select": ["*"] + ["clock"] * (MOST_PATTERNS - 1), "wait": False})
    assert named.status == 202
