"""What each request does: a request in, a reply out, and nothing here knows what carries them.

The table of routes is the only way in: a request names a component that exists, or a shell glob, and nothing else.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, succeed

from wampsup.control import dashboard
from wampsup.control.commands import command, select
from wampsup.control.feed import Feed, Followers
from wampsup.control.messages import JSON, Answer, Command, Refusal, Reload, Reply, Request, Shutdown, Stream, parse
from wampsup.control.metrics import MEDIA_TYPES, Metrics
from wampsup.control.pace import at_once
from wampsup.control.parameters import NAME, SELECT
from wampsup.control.probes import alive, ready
from wampsup.control.profile import Sampling, TakeProfile, cannot_profile, profile_component
from wampsup.control.reload import ReloadFleet, no_file, reload_fleet
from wampsup.control.routes import Content, Route, change, find, private, read, stream
from wampsup.control.views import Identity, Views
from wampsup.model.event import Restart, Start, Stop
from wampsup.runtime.tally import Tally

__all__ = ["Control", "Identity"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wampsup.control.fleet import FleetView
    from wampsup.control.pace import Turn
    from wampsup.runtime.journal import Journal
    from wampsup.runtime.lines import Lines


class Control:
    """Answers requests about one fleet.

    `shutdown` begins the orderly end of the supervisor and returns at once; `seconds` is the reactor's clock, `turn`
    fires in its next turn, `strangers_turn` when it is that of those who are not vouched for; `reload` reads the fleet
    file again; `lines` are those of the log, where they are kept;
    `profile` takes a profile of a component; `tally` counts for the metrics.
    """

    def __init__(  # noqa: PLR0913 - the seams to the rest of the supervisor, all but two by name
        self,
        fleet: FleetView[Any],
        identity: Identity,
        *,
        shutdown: Callable[[], None],
        seconds: Callable[[], float],
        turn: Turn = at_once,
        strangers_turn: Turn = at_once,
        journal: Journal,
        lines: Lines | None = None,
        reload: ReloadFleet = no_file,
        profile: TakeProfile = cannot_profile,
        tally: Tally | None = None,
    ) -> None:
        self._fleet = fleet
        self._identity = identity
        self._shut_down = shutdown
        self._views = Views(fleet, identity, seconds, turn, strangers_turn)
        followers = Followers()
        self._events = Feed(journal, fleet, followers)
        self._lines = None if lines is None else Feed(lines, fleet, followers)
        self._metrics = Metrics(fleet, identity.started_at, tally or Tally(), journal, followers)
        self._reload = reload
        self._profile = profile
        self._described: Reply | None = None
        pages = dashboard.routes(identity.name, identity.socket)
        self._routes = {route.path: route for route in (*self._reads(), *self._changes(), *pages)}

    def answer(self, request: Request) -> Deferred[Answer]:
        """The answer to a request; never a failure for what a client did wrong."""
        try:
            answer = self._route(request).answer(request)
        except Refusal as refusal:
            answer = refusal.reply()
        return answer if isinstance(answer, Deferred) else succeed(answer)

    def _route(self, request: Request) -> Route:
        route = find(self._routes, request.path)
        route.check_method(request)
        if not (request.vouched or route.is_open):
            forward = f"`ssh -L 9100:{self._identity.socket} HOST` brings it to http://localhost:9100/"
            hint = f"ask on the control socket; from elsewhere, {forward}"
            raise Refusal(HTTPStatus.FORBIDDEN, f"`{request.path}` is not open to everybody", hint=hint)
        return route

    def _reads(self) -> Iterator[Route]:
        yield read("/v1/supervisor", "The supervisor itself", self._views.supervisor, Content("Supervisor"))
        yield read(
            "/v1/components",
            "All components, or those that are selected",
            self._views.components,
            Content("Components"),
            takes=(SELECT,),
            refusals=(404, 422),
        )
        yield read(
            "/v1/components/{name}",
            "One component, with its policy and its transports",
            self._views.component,
            Content("ComponentInFull"),
            takes=(NAME,),
            refusals=(404,),
        )
        yield stream("/v1/events", "What has happened, and what happens", self._stream_events, "Event")
        yield private(stream("/v1/logs", "The lines of the log", self._stream_lines, "Line", refusals=(409,)))
        yield read("/metrics", "Metrics, as Prometheus reads them", self._metrics.answer, Content(None, MEDIA_TYPES))
        yield read("/openapi.json", "This document", self._document, Content(None, (JSON,)))
        yield read("/livez", "Whether the supervisor answers, for a probe", alive, Content("Well"))
        ask_all = partial(ready, fleet=self._fleet)
        yield read("/readyz", "Whether all that should run do, for a probe", ask_all, Content("Well"), refusals=(503,))

    def _changes(self) -> Iterator[Route]:
        commands = ("start", Start()), ("stop", Stop()), ("restart", Restart())
        for name, event in commands:
            yield change(
                f"/v1/{name}",
                f"{name.capitalize()} components; 200 where it was waited for them, else 202",
                partial(command, fleet=self._fleet, event=event),
                {200: Content("Results"), 202: Content("Results")},
                body=Command,
                refusals=(404,),
            )
        yield change(
            "/v1/reload",
            "Read the fleet file again, and touch only what has changed",
            partial(reload_fleet, reload=self._reload),
            Content("Plan"),
            body=Reload,
            refusals=(409,),
        )
        yield change(
            "/v1/profile",
            "Look for a while at what a component does",
            partial(profile_component, select=partial(select, self._fleet), take=self._profile),
            Content("Profile"),
            body=Sampling,
            refusals=(404, 409),
        )
        yield change(
            "/v1/shutdown",
            "Stop every component in order, then the supervisor",
            self._shutdown,
            {202: Content("Ending")},
            body=Shutdown,
        )

    def _document(self, _request: Request) -> Reply:
        if self._described is None:
            from wampsup.control import openapi  # noqa: PLC0415 - nobody else pays for the models of replies

            self._described = Reply(content=Reply(content=openapi.document(self._routes.values())).encoded())
        return self._described

    def _stream(self, request: Request, feed: Feed) -> Stream:
        if "select" in request.query:
            select(self._fleet, request.query["select"])  # it refuses what names nothing
        return feed.stream(request)

    def _stream_events(self, request: Request) -> Stream:
        return self._stream(request, self._events)

    def _stream_lines(self, request: Request) -> Stream:
        if self._lines is None:
            hint = "give `log_lines` in `[supervisor]` a number above 0"
            raise Refusal(HTTPStatus.CONFLICT, "this fleet keeps no lines of its log", hint=hint)
        return self._stream(request, self._lines)

    def _shutdown(self, request: Request) -> Reply:
        parse(Shutdown, request.body)
        self._shut_down()
        return Reply(status=HTTPStatus.ACCEPTED, content={"name": self._identity.name})
