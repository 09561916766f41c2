"""What a request may say beside its path and its body: parameters of the query, and headers that count.

Each is one value here, by which requests are checked and the document of the API is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from wampsup.control.messages import LONGEST_PATTERN, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wampsup.control.messages import Request

    Schema = Mapping[str, Any]

_MOST_DIGITS = 18
_NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": 10**_MOST_DIGITS - 1}
_SWITCH: Schema = {"type": "string", "enum": ["0", "1"], "default": "0"}
_PATTERNS: Schema = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN}}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a request may say; one whose schema is that of a list may come several times."""

    name: str
    description: str
    schema: Schema
    place: Literal["query", "header", "path"] = "query"

    @property
    def is_list(self) -> bool:
        """Whether it may come several times."""
        return bool(self.schema["type"] == "array")


NAME = Parameter("name", "A component's name", {"type": "string", "minLength": 1}, "path")
SELECT = Parameter(
    "select", "A component's name, a shell pattern, or `group:NAME`; given again, it selects more", _PATTERNS
)
FOLLOW = Parameter("follow", "1 goes on with what happens from now on, until the client hangs up", _SWITCH)
AFTER = Parameter("after", "Begin behind the one of this `id`", _NUMBER)
TAIL = Parameter("tail", "Begin with the last so many", _NUMBER)
LAST_EVENT_ID = Parameter("Last-Event-ID", "As `after`, before which it goes; a browser sends it", _NUMBER, "header")
OF_STREAM = (SELECT, FOLLOW, AFTER, TAIL, LAST_EVENT_ID)
"""All that a request for a stream may say."""


def check(request: Request, known: Collection[Parameter]) -> None:
    """See to it that the query holds nothing but these parameters, and each of them once that is no list.

    Raises:
        Refusal: 400, it does.
    """
    of_query = {one.name: one for one in known if one.place == "query"}
    for key, values in request.query.items():
        if key not in of_query:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"unknown parameter `{key}`")
        if len(values) > 1 and not of_query[key].is_list:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"`{key}` is given {len(values)} times")


def number(name: str, text: str) -> int:
    """The value of a parameter or a header that is a whole number.

    Raises:
        Refusal: 400, it is none.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise Refusal(HTTPStatus.BAD_REQUEST, f"`{name}` takes a whole number")
    return int(text)


def switch(name: str, text: str) -> bool:
    """The value of a parameter that is on or off.

    Raises:
        Refusal: 400, it is neither.
    """
    if text not in {"0", "1"}:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"`{name}` takes 0 or 1")
    return text == "1"
