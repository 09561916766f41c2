"""`${NAME}` in the strings of a fleet file: what the environment says.

`${NAME:-default}` gives `default` where the variable is unset or empty, as in a shell; `$${` is a plain `${`.
Keys are left alone. Where a key takes a number, `true` or `false` but no string, that is what the text becomes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wampsup.config.schema import types_at
from wampsup.config.secrets import is_secret
from wampsup.config.words import subject
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.config.positions import Path

_REFERENCE = re.compile(r"\$(?P<literal>\$\{)|\$\{(?P<inside>[^{}]*)(?P<end>\}?)")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)
_NUMBERS: dict[type[int | float], re.Pattern[str]] = {
    int: re.compile(r"[+-]?[0-9]{1,19}"),
    float: re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"),
}
_WORDS = {"true": True, "false": False}
_TOO_WIDE = 2**63
"""What a TOML parser refuses, too."""

_FORMS = "write `${NAME}` or `${NAME:-default}`; `$${` is a plain `${`"


def expand(value: Any, environ: Mapping[str, str]) -> tuple[Any, list[Mistake]]:
    """A document, or a value of one, with its strings expanded, and the mistakes in those that stay as they are."""
    expansion = _Expansion(environ)
    return expansion.of((), value), expansion.mistakes


class _Expansion:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.mistakes: list[Mistake] = []

    def of(self, path: Path, value: Any) -> Any:
        match value:
            case str() if "${" in value:
                return self._text(path, value)
            case dict():
                return {key: self.of((*path, key), inner) for key, inner in value.items()}
            case list():
                return [self.of((*path, index), inner) for index, inner in enumerate(value)]
            case _:
                return value

    def _text(self, path: Path, text: str) -> str | float:
        wrong: list[Mistake] = []

        def replaced(match: re.Match[str]) -> str:
            if match["literal"]:
                return match["literal"]
            inside = _INSIDE.fullmatch(match["inside"])
            if inside is None or not match["end"]:
                wrong.append(_malformed(path, match.group()))
                return ""
            value = self._environ.get(inside["name"])
            if inside["default"] is not None:
                return value or inside["default"]
            if value is None:
                wrong.append(_unset(path, inside["name"]))
            return value or ""

        expanded = _REFERENCE.sub(replaced, text)
        self.mistakes += wrong
        return text if wrong else _typed(expanded, types_at(path) if path else frozenset())


def _typed(text: str, types: frozenset[type]) -> str | float:
    """A text as its key takes it; as it is where that takes nothing of the kind, and will say so."""
    if str in types:
        return text
    if bool in types and text in _WORDS:
        return _WORDS[text]
    for kind, pattern in _NUMBERS.items():
        if (kind in types or float in types) and pattern.fullmatch(text) and abs(kind(text)) < _TOO_WIDE:
            return kind(text)
    return text


def _malformed(path: Path, reference: str) -> Mistake:
    what = "a reference" if is_secret(path) else f"`{reference}`"
    message = f"{what} in {_where(path)} is no environment variable's"
    return Mistake(path=path, message=message, hint=_FORMS)


def _unset(path: Path, name: str) -> Mistake:
    message = f"the environment variable `{name}`, which {_where(path)} refers to, is not set"
    return Mistake(path=path, message=message, hint=f"set it, or give a default: `${{{name}:-default}}`")


def _where(path: Path) -> str:
    return subject(path) if path else "`include` in `[supervisor]`"
