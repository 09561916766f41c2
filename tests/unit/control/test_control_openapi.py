"""The document of the control API: it is one, it says all that there is, and every reply is as it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from jsonschema import ValidationError
from twisted.internet.defer import Deferred, fail, succeed

from support.described import Described
from wampsup.control.feed import MOST_FOLLOWERS
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request, Stream
from wampsup.control.twin import FleetTwin, ReachedTwin
from wampsup.core.reload import Plan
from wampsup.errors import FleetFileError, WampsupError
from wampsup.model.record import Record
from wampsup.model.spec import ComponentSpec, HealthPolicy
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
from wampsup.model.transition import Cause
from wampsup.reactor.leftover import Leftover
from wampsup.reactor.profile import Profile
from wampsup.reactor.samples import Function, Seen, Stack
from wampsup.reactor.stall import Stall
from wampsup.runtime.journal import Journal
from wampsup.runtime.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.reactor.account import Account

NOW = 1_700_000_000.5
PROBLEM = Problem(kind=Kind.MAIN, type="ValueError", message="dry", uri="wamp.error.dry", traceback="Traceback ...")
STATES: tuple[State, ...] = (
    Stopped(since=NOW),
    Waiting(since=NOW),
    Connecting(since=NOW, attempt=1, deadline=None),
    Running(since=NOW, attempt=1, joined=Joined(session_id=1 << 53, realm="realm1", transport="rs://unix:/r.sock")),
    Reconnecting(since=NOW, next_attempt_at=NOW + 1),
    BackingOff(since=NOW, next_attempt_at=NOW + 1),
    Stopping(since=NOW, attempt=1, deadline=None, ran_since=None, again=True),
    Completed(since=NOW),
    Failed(since=NOW),
    Fatal(since=NOW),
)
PROFILE = Profile(
    seconds=0.5,
    looks=40,
    busy_seconds=0.1,
    functions=[Function("main", "shop", "/srv/shop.py", 7), Function("(other stacks)")],
    in_reactor=Seen(samples=3, seconds=0.3, stacks=[Stack([0, 1], 9, 3, 0.3)]),
    in_threads=Seen(),
)


class Scene:
    """Control over a fleet in memory, with a component in each state, and one that has all that one can have."""

    def __init__(self) -> None:
        self.fleet = FleetTwin([state.name for state in STATES] + ["rich"], NOW - 100)
        self.journal = Journal(lambda: NOW, 500)
        self.lines = Lines(5)
        self.plan: Deferred[Plan] = succeed(Plan())
        self.profile: Deferred[Profile] = succeed(PROFILE)
        for state in STATES:
            self.fleet.put(state.name, state=state, desired=Desired.UP, last_error=LastError(problem=PROBLEM, at=NOW))
        self._enrich()
        self._control = Control(
            self.fleet,
            Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW - 3600),
            shutdown=lambda: None,
            seconds=lambda: NOW,
            journal=self.journal,
            lines=self.lines,
            reload=lambda *, dry_run: self.plan,  # noqa: ARG005 - it is the same either way
            profile=self._profile,
        )
        self.described = Described(json.loads(self._answer("GET", "/openapi.json").encoded()))

    def ask(self, method: str, path: str, body: bytes = b"", query: str = "", accept: str = "*/*") -> bytes:
        """Ask, and see to it that the answer is as the document says."""
        parameters = dict(one.split("=") for one in query.split("&") if one)
        answer = self._answer(method, path, body, {name: [value] for name, value in parameters.items()}, accept)
        status = answer.status if isinstance(answer, Reply) else 200
        said = answer.encoded() if isinstance(answer, Reply) else _all_of(answer)
        self.described.check(method, path, status, answer.media_type, said)
        return b"%d " % status + said

    def _answer(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: dict[str, list[str]] | None = None,
        accept: str = "*/*",
    ) -> Any:
        request = Request(method=method, path=path, body=body, query=query or {}, headers={"accept": accept})
        answers: list[Any] = []
        self._control.answer(request).addCallback(answers.append)
        for _, waiting in self.fleet.waiting:
            waiting.callback([ReachedTwin(name="rich"), ReachedTwin(name="fatal", ok=False, error="no", state="fatal")])
        self.fleet.waiting.clear()
        return answers[0]

    def _enrich(self) -> None:
        unit = self.fleet.units["rich"]
        unit.spec = ComponentSpec(
            name="rich",
            main="shop:main",
            group="front",
            authentication={"ticket": {}},
            health=HealthPolicy(procedure="shop.health"),
            is_fatal=("wamp.error.*", "builtins.ValueError"),
            after=("stopped",),
            requires=("running",),
        )
        unit.waits_for = {"running": "running", "group:front": None}
        unit.leftovers.count = 2
        unit.leftovers.last = (
            Leftover(kind="timer", what="`poll`", place="shop.py:7", cleaned=True),
            Leftover(kind="thread", what="`t`", place=None, cleaned=False),
        )

    def _profile(self, account: Account, seconds: float, rate: float) -> Deferred[Profile]:
        return self.profile


def _all_of(stream: Stream) -> bytes:
    source = stream.open(lambda: None)
    return b"".join(iter(lambda: source.read() or b"", b""))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def nested(value: object) -> Iterator[dict[str, Any]]:
    """All objects in a JSON document."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nested(one)


def test_it_is_an_openapi_document(scene: Scene) -> None:
    api = schemathesis.openapi.from_dict(scene.described.document)
    api.validate()
    assert api.specification.version == "3.1.0"


def test_whatever_it_refers_to_is_in_it_and_nothing_in_it_is_of_no_use(scene: Scene) -> None:
    document = scene.described.document
    text = json.dumps(document)
    for kind, ones in document["components"].items():
        assert set(ones) == set(re.findall(rf'"#/components/{kind}/(\w+)"', text))


def test_all_that_it_describes_knows_all_of_its_keys(scene: Scene) -> None:
    for one in nested(scene.described.document["components"]["schemas"]):
        if one.get("type") == "object":
            assert one.get("additionalProperties") is False or "propertyNames" in one


def test_operations_have_names_of_their_own(scene: Scene) -> None:
    operations = [one for path in scene.described.document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert "components_name" in names


def test_a_supervisor_does_not_pay_for_it_before_it_is_asked_for() -> None:
    program = "import sys, wampsup.daemon; print('wampsup.control.handlers' in sys.modules, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    loaded = set(done.stdout.split())
    assert "True" in loaded
    assert loaded.isdisjoint({"wampsup.control.openapi", "wampsup.control.schema"})


def test_it_is_made_once(scene: Scene) -> None:
    assert scene._answer("GET", "/openapi.json") is scene._answer("GET", "/openapi.json")


def test_a_reply_with_a_key_of_which_it_says_nothing_is_found_out(scene: Scene) -> None:
    with pytest.raises(ValidationError):
        scene.described.check("GET", "/livez", 200, "application/json", b'{"status": "ok", "more": 1}')


def test_a_reply_without_a_key_of_which_it_says_that_it_is_there_is_found_out(scene: Scene) -> None:
    with pytest.raises(ValidationError):
        scene.described.check("GET", "/livez", 200, "application/json", b"{}")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/supervisor",
        "/v1/components",
        "/openapi.json",
        "/livez",
        "/readyz",
        "/v1/components/rich",
        "/",
        "/dashboard/dashboard.js",
    ],
)
def test_reads_are_as_it_says(scene: Scene, path: str) -> None:
    assert scene.ask("GET", path)[:3] in (b"200", b"503")
    assert scene.ask("GET", path, query="nothing=1").startswith(b"400")


@pytest.mark.parametrize("name", [state.name for state in STATES])
def test_a_component_is_as_it_says_in_every_state(scene: Scene, name: str) -> None:
    assert scene.ask("GET", f"/v1/components/{name}").startswith(b"200")


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text"])
def test_metrics_are_as_it_says(scene: Scene, accept: str) -> None:
    assert scene.ask("GET", "/metrics", accept=accept).startswith(b"200")
    assert scene.ask("GET", "/metrics", query="name=up").startswith(b"400")


def test_a_fleet_that_is_ready_is_as_it_says(scene: Scene) -> None:
    scene.fleet.replace(["clock"], NOW)
    assert scene.ask("GET", "/readyz").startswith(b"200")


def test_commands_are_as_it_says(scene: Scene) -> None:
    for command in ("start", "stop", "restart"):
        path = f"/v1/{command}"
        assert scene.ask("POST", path, b'{"select": ["*"]}').startswith(b"200")
        assert scene.ask("POST", path, b'{"select": ["*"], "wait": false}').startswith(b"202")
        assert scene.ask("POST", path, b'{"select": ["nobody"]}').startswith(b"404")
        assert scene.ask("POST", path, b"{}").startswith(b"422")
        assert scene.ask("POST", path, b"{").startswith(b"400")
    assert scene.ask("POST", "/v1/shutdown").startswith(b"202")


def test_reloads_are_as_it_says(scene: Scene) -> None:
    assert scene.ask("POST", "/v1/reload", b'{"dry_run": true}').startswith(b"200")
    scene.plan = fail(WampsupError("not now", hint="later"))
    assert scene.ask("POST", "/v1/reload").startswith(b"409")
    mistakes = [WampsupError("a"), WampsupError("b", hint="c")]
    scene.plan = fail(FleetFileError("two errors in `edge.toml`", mistakes=mistakes))
    assert scene.ask("POST", "/v1/reload").startswith(b"422")
    assert scene.ask("POST", "/v1/reload", b'{"wet_run": true}').startswith(b"422")


def test_profiles_are_as_it_says(scene: Scene) -> None:
    assert scene.ask("POST", "/v1/profile", b'{"name": "rich", "seconds": 1}').startswith(b"200")
    assert scene.ask("POST", "/v1/profile", b'{"name": "*"}').startswith(b"409")
    assert scene.ask("POST", "/v1/profile", b'{"seconds": 1}').startswith(b"422")
    assert scene.ask("POST", "/v1/profile", b'{"name": "nobody"}').startswith(b"404")
    scene.profile = fail(WampsupError("not now"))
    assert scene.ask("POST", "/v1/profile", b'{"name": "rich"}').startswith(b"409")


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream"])
def test_events_are_as_it_says(scene: Scene, accept: str) -> None:
    unit = scene.fleet.units["rich"]
    for state in STATES[1:]:
        before = unit.component
        unit.component = replace(before, state=state, last_error=LastError(problem=PROBLEM, at=NOW), attempts=1)
        scene.journal.record(unit, before, unit.component, Cause(event="start", by="person"))
    scene.journal.note("reload", note="added clock")
    stall = Stall(account=unit.account, seconds=0.5)
    scene.journal.stall(unit, stall)
    scene.journal.stall(None, stall)
    assert scene.ask("GET", "/v1/events", accept=accept).count(b'"desired"') == len(STATES) - 1 + 3
    for _ in range(600):
        scene.journal.note("shutdown")
    assert b'"lost":' in scene.ask("GET", "/v1/events", query="after=1", accept=accept)
    assert scene.ask("GET", "/v1/events", query="select=nobody").startswith(b"404")
    assert scene.ask("GET", "/v1/events", query="select=").startswith(b"422")


def test_one_follower_too_many_is_as_it_says(scene: Scene) -> None:
    for _ in range(MOST_FOLLOWERS):
        scene._answer("GET", "/v1/events", query={"follow": ["1"]}).open(lambda: None)
    assert scene.ask("GET", "/v1/events", query="follow=1").startswith(b"503")


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream"])
def test_lines_are_as_it_says(scene: Scene, accept: str) -> None:
    scene.lines.keep(Record(at=NOW, level="info", component=None, message="begins", logger="shop", traceback="T"))
    for level in ("critical", "error", "warn", "info", "debug", "trace"):
        scene.lines.keep(Record(at=NOW, level=level, component="rich", message="hello\n\nworld"))
    said = scene.ask("GET", "/v1/logs", query="after=1", accept=accept)
    assert said.count(b'"message"') == 5
    assert b'"lost":1' in said
