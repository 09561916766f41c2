"""What each request does: a request in, a reply out, and nothing here knows what carries them.

The table of routes is the only way in: a request names a component that exists, or a shell glob, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from twisted.internet.defer import Deferred, succeed

from wampsup.control import represent
from wampsup.control.feed import PARAMETERS, Feed, Followers
from wampsup.control.listing import Listing
from wampsup.control.messages import (
    LONGEST_PATTERN,
    Answer,
    Command,
    Refusal,
    Reply,
    Request,
    Shutdown,
    Stream,
    parameters,
    parse,
)
from wampsup.control.profile import TakeProfile, cannot_profile, profile_component
from wampsup.control.reload import ReloadFleet, no_file, reload_fleet
from wampsup.errors import NoSuchComponentError
from wampsup.model.event import Restart, Start, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wampsup.control.fleet import FleetView, ReachedView, UnitView
    from wampsup.runtime.journal import Journal
    from wampsup.runtime.lines import Lines

    Handler = Callable[[Request], Answer | Deferred[Answer]]

_COMPONENTS = "/v1/components"


@dataclass(frozen=True, slots=True)
class Route:
    """What answers requests for one path, and by which method; `is_open`, to anybody whom the listener lets in."""

    method: str
    handler: Handler
    is_open: bool


def _read(handler: Handler) -> Route:
    return Route("GET", handler, is_open=True)


def _private_read(handler: Handler) -> Route:
    return Route("GET", handler, is_open=False)


def _change(handler: Handler) -> Route:
    return Route("POST", handler, is_open=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Which supervisor this is; `started_at` in the reactor's seconds."""

    name: str
    fleet_file: str
    started_at: float


class Control:
    """Answers requests about one fleet.

    `shutdown` begins the orderly end of the supervisor and returns at once; `seconds` is the reactor's clock, `turn`
    fires in its next turn; `reload` reads the fleet file again; `lines` are those of the log, where they are kept;
    `profile` takes a profile of a component.
    """

    def __init__(  # noqa: PLR0913 - the seams to the rest of the supervisor, all but two by name
        self,
        fleet: FleetView[Any],
        identity: Identity,
        *,
        shutdown: Callable[[], None],
        seconds: Callable[[], float],
        turn: Callable[[], Deferred[None]] = lambda: succeed(None),
        journal: Journal,
        lines: Lines | None = None,
        reload: ReloadFleet = no_file,
        profile: TakeProfile = cannot_profile,
    ) -> None:
        self._fleet = fleet
        self._identity = identity
        self._shut_down = shutdown
        self._seconds = seconds
        self._listing = Listing(fleet, seconds, turn)
        followers = Followers()
        self._events = Feed(journal, fleet, followers)
        self._lines = None if lines is None else Feed(lines, fleet, followers)
        self._routes = {
            "/v1/supervisor": _read(self._supervisor),
            _COMPONENTS: _read(self._components),
            "/v1/events": _read(lambda request: self._stream(request, self._events)),
            "/v1/logs": _private_read(self._stream_lines),
            "/v1/start": _change(lambda request: self._command(request, Start())),
            "/v1/stop": _change(lambda request: self._command(request, Stop())),
            "/v1/restart": _change(lambda request: self._command(request, Restart())),
            "/v1/reload": _change(lambda request: reload_fleet(request, reload)),
            "/v1/profile": _change(lambda request: profile_component(request, self._select, profile)),
            "/v1/shutdown": _change(self._shutdown),
        }

    def answer(self, request: Request) -> Deferred[Answer]:
        """The answer to a request; never a failure for what a client did wrong."""
        try:
            answer = self._route(request)(request)
        except Refusal as refusal:
            answer = refusal.reply()
        return answer if isinstance(answer, Deferred) else succeed(answer)

    def _route(self, request: Request) -> Handler:
        one = request.path.startswith(_COMPONENTS + "/")
        route = _read(self._component) if one else self._routes.get(request.path)
        if route is None:
            raise Refusal(HTTPStatus.NOT_FOUND, f"there is nothing at `{request.path}`")
        if request.method != route.method:
            detail = f"`{request.path}` takes {route.method} alone"
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": route.method})
        if not (request.vouched or route.is_open):
            hint = "ask on the control socket, which `ssh -L` forwards from elsewhere"
            raise Refusal(HTTPStatus.FORBIDDEN, f"`{request.path}` is not open to everybody", hint=hint)
        return route.handler

    def _supervisor(self, request: Request) -> Reply:
        parameters(request)
        identity = self._identity
        return Reply(
            content=represent.supervisor(
                name=identity.name,
                fleet_file=identity.fleet_file,
                started_at=identity.started_at,
                now=self._seconds(),
                counts=self._listing.counts(),
            )
        )

    def _components(self, request: Request) -> Deferred[Answer]:
        patterns = parameters(request, "select").get("select")
        units = tuple(self._fleet.units.values()) if patterns is None else self._select(patterns)
        return Deferred.fromCoroutine(self._listing.of(units)).addCallback(lambda content: Reply(content=content))

    def _component(self, request: Request) -> Reply:
        parameters(request)
        name = unquote(request.path.removeprefix(_COMPONENTS + "/"))
        unit = self._fleet.units.get(name)
        if unit is None:
            several = next((one.name for one in self._fleet.units.values() if one.spec.instance_of == name), None)
            hint = f"it has instances: name one of them, as `{several}`" if several else None
            raise Refusal(HTTPStatus.NOT_FOUND, f"no component `{name}` in fleet `{self._identity.name}`", hint=hint)
        return Reply(content=represent.component_in_full(unit, self._seconds()))

    def _stream(self, request: Request, feed: Feed) -> Stream:
        query = parameters(request, *PARAMETERS)
        if "select" in query:
            self._select(query["select"])  # it refuses what names nothing
        return feed.stream(query, request.headers)

    def _stream_lines(self, request: Request) -> Stream:
        if self._lines is None:
            hint = "give `log_lines` in `[supervisor]` a number above 0"
            raise Refusal(HTTPStatus.CONFLICT, "this fleet keeps no lines of its log", hint=hint)
        return self._stream(request, self._lines)

    def _command(self, request: Request, event: Start | Stop | Restart) -> Answer | Deferred[Answer]:
        command = parse(Command, request.body)
        units = self._select(command.select)
        if command.wait:
            return self._fleet.reach(units, event, command.timeout).addCallback(_results)
        self._fleet.command(units, event)
        return Reply(status=HTTPStatus.ACCEPTED, content={"results": [_sent(unit) for unit in units]})

    def _shutdown(self, request: Request) -> Reply:
        parse(Shutdown, request.body)
        self._shut_down()
        return Reply(status=HTTPStatus.ACCEPTED, content={"name": self._identity.name})

    def _select(self, patterns: Sequence[str]) -> Sequence[UnitView]:
        if not all(patterns):
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "`select` holds an empty name")
        if any(len(pattern) > LONGEST_PATTERN for pattern in patterns):
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"`select` holds a name of over {LONGEST_PATTERN} characters"
            )
        try:
            return self._fleet.select(patterns)
        except NoSuchComponentError as error:
            raise Refusal(HTTPStatus.NOT_FOUND, error.message, hint=error.hint) from error


def _results(results: Sequence[ReachedView]) -> Answer:
    return Reply(content={"results": [represent.reached(result) for result in results]})


def _sent(unit: UnitView) -> dict[str, object]:
    return {"name": unit.name, "ok": True, "state": unit.component.state.name, "error": None, "timed_out": False}
