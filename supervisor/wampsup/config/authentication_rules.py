"""What the methods under `authentication` ask of each other: a component joins with one HELLO, whatever is in it.

Hence there is one `authid`, one `authrole` and one `authextra` for all of them; and what that holds must have a form
on the wire.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from wampsup.config.schema.authentication import CryptosignExtraTable
from wampsup.config.tables import table_in
from wampsup.config.words import subject, unexpected
from wampsup.model.secret import Secret, reveal
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path

_SHARED = ("authid", "authrole")
_NONCE = "nonce"  # of SCRAM
_ALIKE = 0.85  # `chanel_binding` is meant to be `channel_binding`, `public_key` may be some router's own


def authentication_mistakes(path: Path, methods: Mapping[str, Any]) -> Iterator[Mistake]:
    """Where the methods disagree, and what can't be sent."""
    tables = {method: table for method, table in methods.items() if isinstance(table, dict)}
    for key in _SHARED:
        yield from _disagreements(path, {method: {key: table[key]} for method, table in tables.items() if key in table})
    extras = {method: table_in(table, "authextra") for method, table in tables.items()}
    yield from _disagreements(path, extras, "authextra")
    for method, extra in extras.items():
        place = (*path, method, "authextra")
        yield from _unsendable(place, extra)
        if "scram" in tables and _NONCE in extra:
            message = f"{subject((*place, _NONCE))} is set by `scram`"
            yield Mistake(path=(*place, _NONCE), message=message, hint="choose another key", at_key=True)
    yield from _misspelt((*path, "cryptosign", "authextra"), extras.get("cryptosign", {}))


def _disagreements(path: Path, tables: Mapping[str, Mapping[str, Any]], *inner: str) -> Iterator[Mistake]:
    """Keys that two methods give different values; the first one counts."""
    first: dict[str, tuple[str, Any]] = {}
    for method, table in tables.items():
        for key, value in table.items():
            other, said = first.setdefault(key, (method, value))
            if reveal(value) != reveal(said):
                place = (*path, method, *inner, key)
                message = f"{subject(place)} is not that of `{other}`"
                hint = f"all methods of a component share one `{inner[0] if inner else key}`"
                yield Mistake(path=place, message=message, hint=hint)


def _unsendable(path: Path, value: Any) -> Iterator[Mistake]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _unsendable((*path, key), inner)
        case list():
            for index, inner in enumerate(value):
                yield from _unsendable((*path, index), inner)
        case str() | bool() | int() | float() | Secret():
            pass
        case _:  # one of TOML's dates and times
            message = unexpected(path, "something that WAMP has a form for", value)
            yield Mistake(path=path, message=message, hint="put a date or a time into quotes")


def _misspelt(path: Path, extra: Mapping[str, Any]) -> Iterator[Mistake]:
    """A binding that is not asked for, as its key is misspelt, would not be missed."""
    known = list(CryptosignExtraTable.model_fields)
    for key in extra:
        near = difflib.get_close_matches(key, known, n=1, cutoff=_ALIKE)
        if key not in known and near:
            message = f"unknown key `{key}` in {subject(path)}"
            yield Mistake(path=(*path, key), message=message, hint=f"did you mean `{near[0]}`?", at_key=True)
