"""What the tables of the fleet file are made of: their base class, and the types of values that several of them share.

A wrong value gives exactly one error, whose words are ours. `Expected` replaces whatever pydantic says about a value
by what was expected of it; `unexpected` does so from within a check. `config.report` makes the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    InstanceOf,
    Tag,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from wampsup.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

SHORTEST_DELAY = 0.0001


class Table(BaseModel):
    """A table that knows all of its keys."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
    )


def unexpected(expected: str, hint: str | None = None) -> PydanticCustomError:
    """The error for a value that is not what was expected."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected, "hint": hint})


@dataclass(frozen=True, slots=True)
class Expected:
    """Says what a value should be, whichever of its checks has failed."""

    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Wrap the value's own schema."""

        def check(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
            try:
                return inner(value)
            except ValidationError:
                raise unexpected(self.what) from None

        return core_schema.no_info_wrap_validator_function(check, handler(source))


class OneOf:
    """Says which words a `Literal` takes."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Wrap the literal's own schema."""
        choices = get_args(source)

        def check(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
            try:
                return inner(value)
            except ValidationError:
                raise PydanticCustomError("choice", "one of {choices}", {"choices": choices}) from None

        return core_schema.no_info_wrap_validator_function(check, handler(source))


@dataclass(frozen=True, slots=True)
class LooksLike:
    """Says in the JSON Schema, by a regular expression, what a check of ours wants of a string: it may take more."""

    pattern: str

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the pattern to the string's own schema."""
        return {**handler(core), "pattern": self.pattern}


def kind_of(kinds: Mapping[type, str], expected: str) -> Discriminator:
    """Tells the members of a union by the type of the value, so that only one of them reports an error."""
    return Discriminator(
        lambda value: kinds.get(type(value)), custom_error_type="expected", custom_error_message=expected
    )


_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


REFERENCE_PATTERN = r"^[^\s:./-]+(\.[^\s:./-]+)*:[^\s:./-]+(\.[^\s:./-]+)*$"
"""The same for the JSON Schema, whose readers do not agree on what a letter is."""


def is_reference(text: str) -> bool:
    """Whether a text has the form `package.module:name`, with attributes of the name allowed."""
    return _REFERENCE.fullmatch(text) is not None


def _check_reference(value: str) -> str:
    if is_reference(value):
        return value
    module, dot, name = value.rpartition(".")
    meant = f"{module}:{name}"
    raise unexpected(
        "a reference such as `package.module:name`",
        f"did you mean `{meant}`?" if dot and ":" not in value and is_reference(meant) else None,
    )


def _check_secret(value: Any) -> Secret:
    secret = Secret(value) if isinstance(value, str) else value
    if not isinstance(secret, Secret) or not secret.value:
        raise unexpected('a string that is not empty, `{ env = "NAME" }` or `{ file = "path" }`')
    return secret


SecretText = Annotated[
    InstanceOf[Secret],
    BeforeValidator(_check_secret),
    WithJsonSchema(
        {
            "type": ["string", "object"],
            "minLength": 1,
            "properties": {
                "env": {
                    "type": "string",
                    "minLength": 1,
                    "description": "Name of the environment variable that holds it",
                },
                "file": {
                    "type": "string",
                    "minLength": 1,
                    "description": "Path of the file that holds it, relative to the fleet file's folder",
                },
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
    ),
]
"""A secret: said in the file, or where it is, which `config.secrets` has looked up by then."""


def _check_text(value: str) -> str:
    if "\0" in value:
        raise unexpected("a string without NUL")
    return value


Text = Annotated[
    Annotated[str, Field(min_length=1), Expected("a string that is not empty")], AfterValidator(_check_text)
]
Word = Annotated[str, Field(pattern=r"^\S+\z"), Expected("a string without spaces that is not empty")]
Words = Annotated[
    Annotated[Word, Tag("<name>")] | Annotated[list[Word], Tag("<list>")],
    kind_of({str: "<name>", list: "<list>"}, "a name or a list of names"),
]
Uri = Annotated[str, Field(pattern=r"^[^\s.#]+(\.[^\s.#]+)*\z"), Expected("a WAMP URI such as `com.example.health`")]
Reference = Annotated[str, AfterValidator(_check_reference), LooksLike(REFERENCE_PATTERN)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False), Expected("a number of seconds above 0")]
SecondsOrZero = Annotated[float, Field(ge=0, allow_inf_nan=False), Expected("a number of seconds, 0 or more")]
Delay = Annotated[
    float, Field(ge=SHORTEST_DELAY, allow_inf_nan=False), Expected(f"a number of seconds from {SHORTEST_DELAY:g} up")
]
Growth = Annotated[float, Field(ge=1, allow_inf_nan=False), Expected("a number from 1 up")]
Share = Annotated[float, Field(ge=0, le=1), Expected("a number from 0 to 1")]
Limit = Annotated[int, Field(ge=-1), Expected("a whole number, or -1 for no limit")]
Count = Annotated[int, Field(ge=1), Expected("a whole number from 1 up")]
Port = Annotated[int, Field(ge=1, le=65535), Expected("a port from 1 to 65535")]
