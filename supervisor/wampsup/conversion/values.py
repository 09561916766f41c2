"""Values of JSON and YAML as TOML can hold them, and what in them looks like a secret."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from wampsup.config.lookup import is_place
from wampsup.masking import remember

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.conversion.item import Item

_SECRET = re.compile(
    r"secret|passw|passphrase|(?<!by)(?<!com)(?<!sur)(?<!tres)pass(?![a-z])|pwd|ticket|token|credential|(private|api|access|signing).?key|privkey",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})")
_SCALARS = (str, bool, int, float, dt.date, dt.time)  # a datetime is a date
_UNFIT = object()


def table_of(item: Item) -> dict[str, Any]:
    """An object of the configuration as a table; what TOML has no way to say is left out with a note."""
    table: dict[str, Any] = _fit(item) if isinstance(item.value, dict) else {}
    return table


def _fit(item: Item) -> Any:
    match item.value:
        case dict():
            inner = {key: _fit(item[key]) for key in item.keys() if _is_key(item, key)}  # noqa: SIM118 - it is no dict
            return {key: value for key, value in inner.items() if value is not _UNFIT}
        case list():
            values = [_fit(each) for each in item]
            return _UNFIT if _UNFIT in values else values  # a list with a hole would be another one
        case None:
            item.note("is left out, as TOML has no null")
        case int() if not -(2**63) <= item.value < 2**63:
            item.note("is left out, as an integer of TOML has 64 bits")
        case value if isinstance(value, _SCALARS):
            return value
        case value:
            item.note(f"is left out, as TOML has no {type(value).__name__}")
    return _UNFIT


def _is_key(item: Item, key: Any) -> bool:
    if isinstance(key, str):
        return True
    item.note(f"its key `{key}` is left out, as a key of TOML is a string")
    return False


def refuse_places(item: Item, table: dict[str, Any]) -> None:
    """Refuse tables in `table`, made of `item`, that a fleet file would take for the place of a secret.

    Raises:
        LeftOutError: there is one.
    """
    for key, value in table.items():
        _refuse_places(item[key], value)


def _refuse_places(item: Item, value: Any) -> None:
    if is_place(value):
        (key,) = value
        taken = "an environment variable" if key == "env" else "a file"
        raise item.left_out(f"a fleet file would take a table of `{key}` alone for a secret from {taken}")
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        _refuse_places(item[key], inner)


def note_secrets(item: Item) -> None:
    """Say where something stands that looks like a secret, and mask it wherever it would be shown."""
    for each in _leaves(item):
        if isinstance(each.value, str) and _SECRET.search(str(each.path[-1])) and not _VARIABLE.fullmatch(each.value):
            remember(each.value)
            each.note("looks like a secret, which the fleet file now holds: `${NAME}` takes it from the environment")


def remember_all(item: Item) -> None:
    """Mask every string in it wherever it would be shown."""
    for each in _leaves(item):
        if isinstance(each.value, str):
            remember(each.value)


def _leaves(item: Item) -> Iterator[Item]:
    if isinstance(item.value, dict):
        for key in item.keys():  # noqa: SIM118 - it is no dict
            yield from _leaves(item[key])
    elif isinstance(item.value, list):
        for each in item:
            yield from _leaves(each)
    else:
        yield item


def literal(value: Any) -> Any:
    """The value in a fleet file, which would take `${NAME}` from the environment; Crossbar.io takes it as it stands."""
    match value:
        case str():
            return value.replace("${", "$${")
        case dict():
            return {key: literal(inner) for key, inner in value.items()}
        case list():
            return [literal(inner) for inner in value]
        case _:
            return value
