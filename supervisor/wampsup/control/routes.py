"""The table of routes: what answers requests for a path, and all that the document of the API says of it.

A route is not there without its description, and what it says is what requests are held to. Models of replies go by
their names in `control.schema`, which is loaded for the document alone: a supervisor need not pay for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from wampsup.control.messages import JSON, Refusal
from wampsup.control.parameters import OF_STREAM, check

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from twisted.internet.defer import Deferred

    from wampsup.control.messages import Answer, Body, Request
    from wampsup.control.parameters import Parameter

    Handler = Callable[[Request], Answer | Deferred[Answer]]

_NAME = "{name}"


@dataclass(frozen=True, slots=True)
class Content:
    """What a reply holds: its media types, and its model (of a stream, that of one part); text has none."""

    model: str | None
    media_types: tuple[str, ...] = (JSON,)
    is_stream: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """What answers requests for one path, and by which method; `is_open`, to anybody whom the listener lets in.

    A path that ends with `{name}` stands for any one part in its place. `replies` are by their status; `refusals` are
    those statuses of problems that not every route has.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    is_open: bool
    replies: Mapping[int, Content]
    refusals: tuple[int, ...] = ()
    parameters: Collection[Parameter] = ()
    body: type[Body] | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it takes: HEAD is a GET whose answer has no body."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    def check_method(self, request: Request) -> None:
        """See to it that a request has a method of this route's.

        Raises:
            Refusal: 405, it has another one.
        """
        if request.method not in self.methods:
            detail = f"`{request.path}` takes {' and '.join(self.methods)} alone"
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(self.methods)})

    def answer(self, request: Request) -> Answer | Deferred[Answer]:
        """The answer of its handler.

        Raises:
            Refusal: the request is not one for this route.
        """
        check(request, self.parameters)
        return self.handler(request)


def read(  # noqa: PLR0913 - all of a route in a line
    path: str,
    summary: str,
    handler: Handler,
    content: Content,
    *,
    takes: Collection[Parameter] = (),
    refusals: tuple[int, ...] = (),
) -> Route:
    """A route that tells how something is, to everybody."""
    return Route(
        method="GET",
        path=path,
        summary=summary,
        handler=handler,
        is_open=True,
        replies={HTTPStatus.OK: content},
        refusals=refusals,
        parameters=takes,
    )


def stream(path: str, summary: str, handler: Handler, model: str, *, refusals: tuple[int, ...] = ()) -> Route:
    """A route whose answer is a stream of things of that model, to everybody."""
    content = Content(model, ("application/x-ndjson", "text/event-stream"), is_stream=True)
    return read(path, summary, handler, content, takes=OF_STREAM, refusals=(404, 422, 503, *refusals))


def private(route: Route) -> Route:
    """The route for those alone who are vouched for."""
    return replace(route, is_open=False)


def change(  # noqa: PLR0913 - all of a route in a line
    path: str,
    summary: str,
    handler: Handler,
    content: Content | Mapping[int, Content],
    *,
    body: type[Body],
    refusals: tuple[int, ...] = (),
) -> Route:
    """A route that changes something, for those alone who are vouched for."""
    return Route(
        method="POST",
        path=path,
        summary=summary,
        handler=handler,
        is_open=False,
        replies=content if isinstance(content, Mapping) else {HTTPStatus.OK: content},
        refusals=(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY, *refusals),
        body=body,
    )


def find(routes: Mapping[str, Route], path: str) -> Route:
    """The route of that path, of routes by their paths.

    Raises:
        Refusal: 404, there is none.
    """
    folder, _, name = path.rpartition("/")
    route = routes.get(path) or (routes.get(f"{folder}/{_NAME}") if name else None)
    if route is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"there is nothing at `{path}`")
    return route
