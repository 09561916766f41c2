"""Holds replies of the control API to its own document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker

from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Request
from wampsup.control.twin import FleetTwin
from wampsup.runtime.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

_formats = FormatChecker(())


@_formats.checks("date-time", raises=ValueError)
def _is_a_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def document() -> dict[str, Any]:
    """The document of the API, as every fleet has it."""
    fleet = FleetTwin([], 0.0)
    identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=0.0)
    control = Control(fleet, identity, shutdown=lambda: None, seconds=lambda: 0.0, journal=Journal(lambda: 0.0))
    replies: list[Any] = []
    control.answer(Request(method="GET", path="/openapi.json")).addCallback(replies.append)
    made: dict[str, Any] = json.loads(replies[0].encoded())
    return made


@dataclass(frozen=True, slots=True)
class Described:
    """What the document says of the API."""

    document: dict[str, Any]

    def check(self, method: str, path: str, status: int, media_type: str, content: bytes) -> None:
        """See to it that the document has such a reply; raises AssertionError and jsonschema.ValidationError."""
        responses = self._operation(method, path)["responses"]
        assert str(status) in responses, f"{method} {path} is answered with {status}, which it does not say"
        media = self._resolved(responses[str(status)])["content"]
        assert media_type in media, f"{method} {path} is answered with {media_type}, and not one of {list(media)}"
        for part in _parts(media_type, content):
            self._validate(part, media[media_type]["schema"])

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        paths = self.document["paths"]
        item = paths.get(path) or paths[f"{path.rpartition('/')[0]}/{{name}}"]
        operation: dict[str, Any] = item[method.lower()]
        return operation

    def _resolved(self, response: dict[str, Any]) -> dict[str, Any]:
        reference = response.get("$ref")
        found: dict[str, Any] = (
            self.document["components"]["responses"][reference.rpartition("/")[2]] if reference else response
        )
        return found

    def _validate(self, value: object, schema: dict[str, Any]) -> None:
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole, format_checker=_formats).validate(value)
        data = schema.get("properties", {}).get("data", {})
        if "contentSchema" in data:
            assert isinstance(value, dict)
            self._validate(json.loads(value["data"]), data["contentSchema"])


def _parts(media_type: str, content: bytes) -> Iterator[object]:
    if media_type == "application/x-ndjson":
        yield from map(json.loads, content.splitlines())
    elif media_type == "text/event-stream":
        for event in content.decode().split("\n\n")[:-1]:
            yield dict(line.split(": ", 1) for line in event.splitlines())
    else:
        yield json.loads(content) if media_type.endswith("json") else content.decode()
