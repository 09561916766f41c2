"""What pydantic found wrong, as mistakes in our own words: one for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from wampsup.config.schema import FleetTable, keys_at, lacks
from wampsup.config.words import did_you_mean, listed, subject, unexpected
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from wampsup.config.positions import Path

_KINDS = {
    "bool_type": "`true` or `false`",
    "dict_type": "a table",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a table",
    "string_type": "a string",
}


def schema_mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """All values of the document that are not what they should be, and all keys that should not or should be there."""
    try:
        FleetTable.model_validate(document)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            path = _path(details["loc"], document)
            if details["type"] != "missing" or lacks(details["input"], path[:-1], str(path[-1])):
                yield _mistake(details, path)


def _path(loc: Path, document: Mapping[str, Any]) -> Path:
    """Where pydantic's `loc` is in the file: without the tags of unions, which the file does not have."""
    path: list[str | int] = []
    value: Any = document
    for index, item in enumerate(loc):
        is_last = index == len(loc) - 1
        is_in_table = isinstance(value, dict) and (item in value or (is_last and not str(item).startswith("<")))
        if is_in_table or (isinstance(value, list) and isinstance(item, int)):
            path.append(item)
            value = value.get(item) if isinstance(value, dict) else value[int(item)]
    return tuple(path)


def _mistake(details: ErrorDetails, path: Path) -> Mistake:
    context = details.get("ctx", {})
    value = details["input"]
    match details["type"]:
        case "extra_forbidden":
            *table, key = path
            where = f"in {subject(tuple(table))}" if table else "at the top of the file"
            message = f"unknown key `{key}` {where}"
            keys = keys_at(tuple(table))
            hint = did_you_mean(key, keys) or f"its keys are {listed(keys)}"
            return Mistake(path=path, message=message, hint=hint, at_key=True)
        case "too_short":
            return Mistake(path=path, message=f"{subject(path)} must not be empty")
        case "missing":
            *table, key = path
            article = "an" if str(key).startswith(("a", "e", "i", "o")) else "a"
            return Mistake(path=path, message=f"{subject(tuple(table))} needs {article} `{key}`")
        case "choice":
            choices = [str(choice) for choice in context["choices"]]
            message = unexpected(path, f"one of {listed(choices)}", value, quoted=False)
            return Mistake(path=path, message=message, hint=did_you_mean(value, choices))
        case "expected":
            return Mistake(path=path, message=unexpected(path, details["msg"], value), hint=context.get("hint"))
        case kind:
            return Mistake(path=path, message=unexpected(path, _KINDS[kind], value))
