"""The words of mistakes: how a place in the file, a value and a near miss are named in a sentence."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from wampsup.config.secrets import is_secret, without_user

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wampsup.config.positions import Path

_LONGEST = 60


def subject(path: Path) -> str:
    """What stands at `path`: "`restart.policy` of component `pricing`", "`listen` in `[router]`"."""
    match path:
        case ("components", name):
            return f"component `{name}`"
        case ("components", name, *rest):
            return f"`{dotted(rest)}` of component `{name}`"
        case ("groups", name):
            return f"group `{name}`"
        case ("groups", name, *rest):
            return f"`{dotted(rest)}` of group `{name}`"
        case (table,):
            return f"`[{table}]`"
        case (table, *rest):
            return f"`{dotted(rest)}` in `[{table}]`"
    raise TypeError(path)


def dotted(keys: Iterable[str | int]) -> str:
    """Keys joined as in TOML, list indices in brackets: `transports[0].url`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


def unexpected(path: Path, expected: str, value: Any, *, quoted: bool = True) -> str:
    """The sentence for a value that is not what was expected; a secret one is not shown."""
    sentence = f"{subject(path)} must be {expected}"
    return sentence if is_secret(path) else f"{sentence}, not {shown(value, quoted=quoted)}"


def shown(value: Any, *, quoted: bool = True) -> str:
    """A value as TOML writes it, in backticks; without the quotes of a string where the choice is among words."""
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case str():
            text = without_user(json.dumps(value, ensure_ascii=False) if quoted else value)
        case bool():
            text = str(value).lower()
        case _:
            text = str(value)
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}`"


def listed(words: Iterable[str]) -> str:
    """Words in backticks, one after the other."""
    return ", ".join(f"`{word}`" for word in words)


def did_you_mean(word: Any, words: Iterable[str]) -> str | None:
    """A hint at the word that is nearest to `word`, where one is near."""
    near = nearest(word, words)
    return f"did you mean `{near}`?" if near else None


def misspelt(table: Iterable[str], keys: Collection[str]) -> set[str]:
    """Those of `keys` that unknown keys of the table are likely to mean: they are not missing as well."""
    return {near for key in table if key not in keys and (near := nearest(key, keys))}


def nearest(word: Any, words: Iterable[str], least: float = 0.6) -> str | None:
    """The word that is nearest to `word`, whatever their case, where one is as near as `least` (0 to 1: the same)."""
    by_lower = {each.lower(): each for each in words}
    near = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=least)
    return by_lower[near[0]] if near else None
