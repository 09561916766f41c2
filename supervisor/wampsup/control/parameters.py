"""What a request may say beside its path and its body: parameters of the query, and headers that count.

Each is one value here, by which requests are checked and the document of the API is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from wampsup.control.messages import LONGEST_PATTERN, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from wampsup.control.messages import Request

    Schema = Mapping[str, Any]

_MOST_DIGITS = 18


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


def _text(_name: str, text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Kind:
    """What values there may be: the JSON Schema of one, and what reads or refuses it, given its name and its text."""

    schema: Schema
    read: Callable[[str, str], object]


_NUMBER = Kind({"type": "integer", "minimum": 0, "maximum": 10**_MOST_DIGITS - 1}, number)
_SWITCH = Kind({"type": "string", "enum": ["0", "1"], "default": "0"}, switch)
_NAME = Kind({"type": "string", "minLength": 1}, _text)
_PATTERN = Kind({"type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN}, _text)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a request may say, once or, if it is a list, several times."""

    name: str
    description: str
    kind: Kind
    place: Literal["query", "header", "path"] = "query"
    is_list: bool = False

    @property
    def schema(self) -> Schema:
        """The JSON Schema of all its values."""
        return {"type": "array", "items": self.kind.schema} if self.is_list else self.kind.schema

    def check(self, values: Sequence[str]) -> None:
        """See to it that it has as many values as it may have, and each of them is right.

        Raises:
            Refusal: 400, it has not, or one is not.
        """
        if len(values) > 1 and not self.is_list:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"`{self.name}` is given {len(values)} times")
        for value in values:
            self.kind.read(self.name, value)


NAME = Parameter("name", "A component's name", _NAME, "path")
SELECT = Parameter(
    "select",
    "A component's name, a shell pattern, or `group:NAME`; given again, it selects more",
    _PATTERN,
    is_list=True,
)
FOLLOW = Parameter("follow", "1 goes on with what happens from now on, until the client hangs up", _SWITCH)
AFTER = Parameter("after", "Begin behind the one of this `id`", _NUMBER)
TAIL = Parameter("tail", "Begin with the last so many", _NUMBER)
LAST_EVENT_ID = Parameter("Last-Event-ID", "As `after`, before which it goes; a browser sends it", _NUMBER, "header")
OF_STREAM = (SELECT, FOLLOW, AFTER, TAIL, LAST_EVENT_ID)
"""All that a request for a stream may say."""


def check(request: Request, known: Collection[Parameter]) -> None:
    """See to it that the query holds nothing but these parameters, and all of them are right.

    Raises:
        Refusal: 400, it does not, or they are not.
    """
    of_query = {one.name: one for one in known if one.place == "query"}
    for key, values in request.query.items():
        if key not in of_query:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"unknown parameter `{key}`")
        of_query[key].check(values)
    for one in known:
        value = request.headers.get(one.name.lower()) if one.place == "header" else None
        if value is not None:
            one.check([value])
