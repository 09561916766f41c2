"""The whole control API of a real fleet against its own document, as schemathesis tries it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from twisted.internet.defer import maybeDeferred

from support.command import fleet
from support.described import Described, document
from support.files import short_folder, unix_path, write_fleet, write_module
from support.reactor import reactor
from support.unix_http import BASE, LINES, unix_session
from wampsup.control.bounds import LEAST_SECONDS, MOST_SECONDS
from wampsup.control.handlers import Control, Identity
from wampsup.control.twin import FleetTwin
from wampsup.control.unix import SocketPlace, listen
from wampsup.runtime.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from schemathesis import Case
    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from support.command import Fleet
    from support.reactor import ReactorThread

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:router.sock"
    realms = ["realm1"]

    [defaults]
    transports = "rs://unix:router.sock"
    restart = { policy = "never" }

    [components.clock]
    main = "parts:stay"
    group = "front"

    [components.sensor]
    main = "parts:stay"
    instances = 2

    [components.job]
    main = "parts:leave"

    [components.broken]
    main = "parts:fail"

    [groups.front]
    strategy = "one-for-one"
"""
PARTS = """
    from twisted.internet.defer import Deferred

    def stay(reactor, session):
        return Deferred()

    def leave(reactor, session):
        return None

    def fail(reactor, session):
        raise ValueError("the kettle is dry")
"""
CONFIG = """
    seed = 7

    [generation]
    deterministic = true
    max-examples = 40

    [phases.coverage]
    generate-duplicate-query-parameters = true

    [dictionaries.names]
    values = ["clock", "sensor@1", "sensor", "job", "broken", "group:front", "*", "s*"]

    [parameters]
    name = { dictionary = "names", probability = 0.5 }
    select = { dictionary = "names", probability = 0.5 }
    "body.select[*]" = { dictionary = "names", probability = 0.8 }
    "body.name" = { dictionary = "names", probability = 0.8 }
"""


@pytest.fixture(scope="module")
def edge() -> Iterator[Fleet]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        with fleet(write_fleet(folder, FLEET)) as running:
            yield running


@pytest.fixture(scope="module")
def session(edge: Fleet) -> Iterator[requests.Session]:
    with unix_session(str(edge.socket)) as session:
        yield session


described = Described(document())


def operations() -> OpenApiSchema:
    """All that can be asked for; one for each test, since what a test leaves out is left out of it for good."""
    return schemathesis.openapi.from_dict(document(), config=SchemathesisConfig.from_str(CONFIG))


def test_a_real_fleet_describes_itself_as_here(session: requests.Session) -> None:
    assert session.get(f"{BASE}/openapi.json").json() == document()


@operations().include(path_regex="^/v1/(events|logs)$").parametrize()
def test_streams_are_as_described(case: Case[Any], session: requests.Session) -> None:
    for media_type in (LINES, "text/event-stream"):
        response = case.call_and_validate(BASE, session, {"Accept": media_type}, timeout=10)
        if response.status_code == HTTPStatus.OK:
            assert response.headers["content-type"] == [media_type]
            described.check("GET", case.path, HTTPStatus.OK, media_type, response.content)


@operations().include(path="/v1/profile").parametrize()
def test_profiles_are_as_described(case: Case[Any], session: requests.Session) -> None:
    if isinstance(case.body, dict) and _may_be_shorter(case.body.get("seconds", MOST_SECONDS)):
        case.body = {**case.body, "seconds": LEAST_SECONDS}
    case.call_and_validate(BASE, session, timeout=10)


@operations().exclude(path_regex="^/v1/(events|logs|profile|shutdown)$").parametrize()
def test_all_else_is_as_described(case: Case[Any], session: requests.Session) -> None:
    # A fleet in which something has failed is not ready, and 503 is what probes expect then.
    excluded: list[Any] = [not_a_server_error] if case.path == "/readyz" else []
    case.call_and_validate(BASE, session, excluded_checks=excluded, timeout=10)


@pytest.fixture(scope="module")
def immortal(reactor_thread: ReactorThread) -> Iterator[requests.Session]:
    """The same API of a fleet in memory that does not end."""
    identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=0.0)
    fleet = FleetTwin(["clock"], 0.0)
    control = Control(fleet, identity, shutdown=lambda: None, seconds=lambda: 0.0, journal=Journal(lambda: 0.0))
    with unix_path() as path:
        port = reactor_thread.run(lambda: listen(control.answer, SocketPlace(path=str(path)), reactor))
        with unix_session(str(path)) as session:
            yield session
        reactor_thread.run(lambda: maybeDeferred(port.stopListening))


@operations().include(path="/v1/shutdown").parametrize()
def test_what_ends_a_fleet_is_as_described(case: Case[Any], immortal: requests.Session) -> None:
    case.call_and_validate(BASE, immortal, timeout=10)


def test_the_end_of_a_real_fleet_is_as_described(edge: Fleet, session: requests.Session) -> None:
    response = session.post(f"{BASE}/v1/shutdown", timeout=10)
    described.check("POST", "/v1/shutdown", response.status_code, response.headers["Content-Type"], response.content)
    assert response.status_code == HTTPStatus.ACCEPTED
    assert edge.wait() == 0


def _may_be_shorter(seconds: object) -> bool:
    """Whether a profile may take that many seconds."""
    return (
        isinstance(seconds, int | float) and not isinstance(seconds, bool) and LEAST_SECONDS <= seconds <= MOST_SECONDS
    )
