"""What a request may say, and what it gets for an answer, whatever carries them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound="Body")

JSON = "application/json"
PROBLEM = "application/problem+json"

LONGEST_WAIT = 86400.0
"""Seconds that a request may wait at most."""

MOST_PATTERNS = 10_000
MOST_GLOBS = 16
"""Of these, those that have to be matched with every name: with ten thousand of them, 2 ms for each."""

LONGEST_PATTERN = 256
"""Characters; a glob that is much longer can take long to match."""


class Body(BaseModel):
    """The body of a request: a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Command(Body):
    """The body of `start`, `stop` and `restart`; `timeout` is in seconds."""

    select: list[Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN)]] = Field(
        min_length=1, max_length=MOST_PATTERNS
    )
    wait: bool = True
    timeout: float = Field(default=30.0, gt=0, le=LONGEST_WAIT, allow_inf_nan=False)


class Reload(Body):
    """The body of `reload`; with `dry_run`, nothing changes."""

    dry_run: bool = False


class Shutdown(Body):
    """The body of `shutdown`: nothing yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request.

    `query` holds every value of each parameter, `headers` those of each name, joined by commas, by names in lower case.

    `path` is decoded, but for a part that would hold a `/`: it names nothing of ours.

    `vouched` is whether whoever asks is known to be the fleet's owner, root, or one of its group: anybody else gets
    what is open to everybody.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    vouched: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer; `content` is what becomes JSON, or all of it as it is sent."""

    status: int = HTTPStatus.OK
    content: Mapping[str, object] | bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON

    def encoded(self) -> bytes:
        """The content as it is sent."""
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, separators=(",", ":")).encode()


class Source(Protocol):
    """What a stream says, part by part, never more than is asked for; `heartbeat` is what says nothing."""

    heartbeat: bytes

    def read(self) -> bytes | None:
        """The next part; empty where there is none yet, `None` at the end."""

    def close(self) -> None:
        """Nobody reads any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """An answer that comes in parts, as they come up.

    `open` is called once, when its source is to be read; what it is given is to be called, in any thread, whenever a
    source that had no part may have one.
    """

    open: Callable[[Callable[[], None]], Source]
    media_type: str


Answer = Reply | Stream


class Refusal(Exception):  # noqa: N818 - it is the answer to a request, as an exception only to leave its handler
    """The request can't be served: an answer as RFC 9457 (Problem Details for HTTP APIs) has it."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = headers or {}
        self.more = more or {}

    def reply(self) -> Reply:
        """The answer; `hint`, there only where there is one, and `more` are extension members."""
        content: dict[str, object] = {
            "type": "about:blank",
            "title": phrase_of(self.status),
            "status": int(self.status),
            "detail": self.detail,
            **self.more,
        }
        if self.hint:
            content["hint"] = self.hint
        return Reply(status=self.status, content=content, headers=self.headers, media_type=PROBLEM)


_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Twisted does not know all of them, and Python before 3.13 has older names for these."""


def phrase_of(status: int) -> str:
    """The words of a status, as RFC 9110 has them."""
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def parse(model: type[Model], body: bytes) -> Model:
    """The body as that model; no body at all is an empty one.

    Raises:
        Refusal: 400, it is not JSON; 422, it says what the model does not allow.
    """
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise Refusal(HTTPStatus.BAD_REQUEST, "the body is not JSON") from error
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, _in_words(first)) from error


def _in_words(error: ErrorDetails) -> str:
    if not error["loc"]:
        return "the body is not an object"
    key = str(error["loc"][0])
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key `{key}`"
        case "missing":
            return f"`{key}` is missing"
        case _:
            return f"`{key}`: {error['msg'][0].lower()}{error['msg'][1:]}"
