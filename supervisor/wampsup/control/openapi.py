"""The OpenAPI document of the control API, made from the table of its routes and the models of bodies and replies.

OpenAPI 3.1 has no word for streams: there, the schema is that of one part, a line of JSON or a server-sent event.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from wampsup import __version__
from wampsup.control import schema
from wampsup.control.forms import LOST, ServerSent
from wampsup.control.messages import JSON, PROBLEM, phrase_of
from wampsup.control.routes import Content
from wampsup.runtime.journal import FLEET, STALL, TRANSITION
from wampsup.runtime.lines import Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from wampsup.control.parameters import Parameter
    from wampsup.control.routes import Route

Json = dict[str, Any]

_PROBLEM = Content(schema.Problem.__name__, (PROBLEM,))
_KINDS = [TRANSITION, STALL, FLEET, Line.kind, LOST]
_MODELS = "#/components/schemas/"
_RESPONSES = "#/components/responses/"
_ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
"""The refusals that every route has: of a parameter that is not known, of who must not ask."""

_ABOUT = """\
Served on the fleet's control socket (`curl --unix-socket PATH http://wampsup/v1/components`) to its owner, root, and
the socket's group. Times are RFC 3339 in UTC, durations are seconds. HEAD is answered like GET."""
_PRIVATE = "Only on the control socket."


class _Untitled(GenerateJsonSchema):
    """A key's name is title enough."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - of none
        """Whether pydantic makes a title of the name."""
        return False


def document(routes: Iterable[Route]) -> Json:
    """The document of an API that has these routes."""
    routes = tuple(routes)
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "wampsup", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": _schemas(routes),
            "responses": {
                _response(status): _reply(status, _PROBLEM) for route in routes for status in _refusals(route)
            },
        },
    }


def _operation(route: Route) -> Json:
    operation: Json = {"operationId": _id(route.path), "summary": route.summary}
    if not route.is_open:
        operation["description"] = _PRIVATE
    if route.parameters:
        operation["parameters"] = [_parameter(one) for one in route.parameters]
    if route.body is not None:
        needed = any(field.is_required() for field in route.body.model_fields.values())
        content = {JSON: {"schema": _reference(route.body.__name__)}}
        operation["requestBody"] = {"required": needed, "content": content}
    return {
        **operation,
        "responses": {
            **{str(int(status)): _reply(status, content) for status, content in route.replies.items()},
            **{str(int(status)): {"$ref": _RESPONSES + _response(status)} for status in _refusals(route)},
        },
    }


def _refusals(route: Route) -> Iterable[int]:
    return sorted({*_ALWAYS, *route.refusals})


def _response(status: int) -> str:
    """`NotFound` of 404."""
    return phrase_of(status).replace(" ", "")


def _id(path: str) -> str:
    """`components_name` of `/v1/components/{name}`."""
    parts = path.replace(".", "_").translate(dict.fromkeys(map(ord, "{}"))).split("/")
    return "_".join(part for part in parts if part not in ("", "v1")) or "root"


def _parameter(one: Parameter) -> Json:
    required = {"required": True} if one.place == "path" else {}
    return {"name": one.name, "in": one.place, "description": one.description, **required, "schema": one.schema}


def _reply(status: int, content: Content) -> Json:
    media = {media_type: {"schema": _schema(content, media_type)} for media_type in content.media_types}
    return {"description": phrase_of(status), "content": media}


def _schema(content: Content, media_type: str) -> Json:
    if content.model is None:
        return {"type": "object" if media_type == JSON else "string"}
    one = _reference(content.model)
    if not content.is_stream:
        return one
    part = {"anyOf": [one, _reference(schema.Lost.__name__)]}
    return _sent(part) if media_type == ServerSent.media_type else part


def _sent(part: Json) -> Json:
    """One server-sent event."""
    data = {"type": "string", "contentMediaType": JSON, "contentSchema": part}
    keys = {"id": {"type": "string"}, "event": {"type": "string", "enum": _KINDS}, "data": data}
    return {"type": "object", "properties": keys, "required": list(keys)}


def _reference(model: str) -> Json:
    return {"$ref": _MODELS + model}


def _schemas(routes: Iterable[Route]) -> Json:
    """All models of these routes, and those that they are made of, by name."""
    models: list[type[BaseModel]] = [schema.Problem, schema.Lost]
    for route in routes:
        models += [route.body] if route.body is not None else []
        models += [getattr(schema, content.model) for content in route.replies.values() if content.model is not None]
    wanted = [(model, "validation") for model in dict.fromkeys(models)]
    _, made = models_json_schema(wanted, ref_template=_MODELS + "{model}", schema_generator=_Untitled)  # type: ignore[arg-type]
    return dict(sorted(made["$defs"].items()))
