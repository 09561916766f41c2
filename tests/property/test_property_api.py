"""Hypothesis makes requests up: each is answered as the API's own document says, whatever is wrong with it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from support.described import Described, document
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request
from wampsup.control.target import target
from wampsup.control.twin import FleetTwin
from wampsup.runtime.journal import Journal

described = Described(document())
OPERATIONS = [
    (method.upper(), path.replace("{name}", name))
    for path, item in described.document["paths"].items()
    for method in item
    for name in ("clock", "nobody")
]
PATHS = {path for _, path in OPERATIONS}
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""]


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


wild = st.binary(max_size=12) | st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass"))
names = st.sampled_from([b"select", b"follow", b"after", b"tail", b"%73elect"]) | wild
values = (
    st.sampled_from([b"", b"0", b"1", b"-1", b"7", b"clock", b"c*", b"group:", b"%00", b"%ff", b"[", b"9" * 19]) | wild
)
queries = st.lists(st.tuples(names, values).map(b"=".join), max_size=3).map(b"&".join)
paths = st.sampled_from(sorted(PATHS)).map(str.encode) | wild.map(lambda end: b"/v1/components/" + end) | wild
asked = st.sampled_from(OPERATIONS).map(lambda one: (one[0], one[1].encode()))
targets = st.one_of(asked, asked, st.tuples(st.sampled_from(METHODS), paths))
keys = st.sampled_from(["select", "wait", "timeout", "dry_run", "name", "seconds", "rate"]) | st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["clock", "*", "nobody", ""])
json_bodies = st.dictionaries(keys, scalars | st.lists(scalars, max_size=3), max_size=3).map(_json)
bodies = st.just(b"") | json_bodies | wild | st.integers(0, 50_000).map(lambda depth: b"[" * depth)
accepts = st.sampled_from(["", "*/*", "text/event-stream", "text/event-stream;q=0"]) | st.text(max_size=20)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests, of which many are right."""
    method, uri = draw(targets)
    path, query = target(uri + b"?" + draw(st.just(b"") | queries))
    body = draw(st.just(b'{"select": ["*"]}') | bodies)
    headers = {"accept": draw(accepts)}
    return Request(method=method, path=path, query=query, body=body, headers=headers, vouched=draw(st.booleans()))


@given(requests())
@settings(max_examples=1000, deadline=None)
def test_every_request_is_answered_as_the_document_says(request: Request) -> None:
    answer = answered(request)
    status = answer.status if isinstance(answer, Reply) else HTTPStatus.OK
    event(f"{int(status)}")
    if request.path not in PATHS:
        assert status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.BAD_REQUEST}
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        assert request.method not in answer.headers["Allow"].split(", ")
    elif isinstance(answer, Reply):
        method = "GET" if request.method == "HEAD" else request.method
        described.check(method, request.path, status, answer.media_type, answer.encoded())


def answered(request: Request) -> Any:
    """The answer of a fleet in memory."""
    fleet = FleetTwin(["clock", "sensor"], 0.0)
    identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=0.0)
    journal = Journal(lambda: 0.0)
    journal.note("reload")
    control = Control(fleet, identity, shutdown=lambda: None, seconds=lambda: 0.0, journal=journal)
    answers: list[Any] = []
    control.answer(request).addCallback(answers.append)
    for _, waiting in fleet.waiting:
        waiting.callback([])
    return answers[0]
