"""A fleet file as a person would write it: what components have in common once, short tables on a line, comments."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import tomli_w

from wampsup.config.schema import DefaultsTable
from wampsup.config.words import dotted
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wampsup.conversion.component import Component
    from wampsup.conversion.item import Note

WIDTH = 110
"""Characters: what is longer takes more lines, where there is a way to split it."""

_MERGED = frozenset({"restart"})
"""What a component takes key by key from the defaults: there, one that says less would get more."""

_INTRODUCTION = """\
Made by `wampsup import crossbar {file}`.

Crossbar.io stays the router. Take these components out of its configuration, so that they don't run twice.
Paths were relative to the node's folder, {folder}, which is also the working directory of Crossbar.io's \
workers, and what it hands to each component as `extra.cbdir`.

Crossbar.io gives a component up when it fails or loses its connection, unless its container says `restart`; \
wampsup connects again, and restarts what fails, as `restart` says. Crossbar.io starts one after the other; \
a fleet starts all at once, unless one is `after` another. A session whose `onJoin` never returns (a loop, say) \
needs `on_user_error = "log"`, or it will have failed to start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What goes into the file: `file` and `folder` are the node's."""

    file: str
    folder: str
    supervisor: dict[str, Any]
    components: Sequence[Component]
    notes: Sequence[Note]


def render(draft: Draft) -> str:
    """The text of the fleet file."""
    lines = list(_comments(_INTRODUCTION.format(file=draft.file, folder=draft.folder).split("\n")))
    if draft.supervisor:
        lines += ["", *_table(("supervisor",), draft.supervisor)]
    defaults = shared([component.table for component in draft.components])
    if defaults:
        lines += ["", *_table(("defaults",), defaults)]
    told: set[int] = set()
    for component in draft.components:
        about = [note for note in draft.notes if note.path[: len(component.place)] == component.place]
        told |= {id(note) for note in about}
        lines += ["", *_comments([dotted(component.place), *(note.about(component.place) for note in about)], "  ")]
        own = {key: value for key, value in component.table.items() if not _is_default(key, value, defaults)}
        lines += _table(("components", component.name), own, component.aside)
    rest = [note.about() for note in draft.notes if id(note) not in told]
    if rest:
        lines += ["", *_comments(["Not taken over, or not as it was:", *rest], "  ")]
    return "\n".join(lines) + "\n"


def shared(tables: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is worth being said once: the most common value of each key that all tables have, where several have it."""
    everywhere = [key for key in tables[0] if key in DefaultsTable.model_fields and all(key in each for each in tables)]
    found = {}
    for key in everywhere:
        texts = [_inline(table[key]) for table in tables]  # to Python, 1 and true are equal
        common = max(texts, key=texts.count)
        enough = len(tables) if key in _MERGED else 2
        if texts.count(common) >= max(enough, 2):
            found[key] = tables[texts.index(common)][key]
    return found


def _is_default(key: str, value: Any, defaults: dict[str, Any]) -> bool:
    return key in defaults and _inline(defaults[key]) == _inline(value)


def _comments(lines: Iterable[str], indent: str = "") -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(
            printable(line),
            WIDTH,
            initial_indent="# ",
            subsequent_indent=f"# {indent}",
            break_long_words=False,
            break_on_hyphens=False,
        ) or ["#"]


def _table(
    path: Sequence[str], table: dict[str, Any], aside: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[str]:
    """A table with its header, and `aside` as comments in it; what is too long for a line follows as its own table."""
    yield f"[{'.'.join(_key(each) for each in path)}]"
    long = {key: value for key, value in table.items() if isinstance(value, dict) and _is_long(key, value)}
    for key, value in table.items():
        if key not in long:
            yield from _pair(key, value)
    yield from (f"# {line}" for key, value in aside.items() for line in _pair(key, value))
    for key, value in long.items():
        yield ""
        yield from _table((*path, key), value)


def _pair(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, list) and _is_long(key, value):
        yield f"{_key(key)} = ["
        yield from (f"    {_inline(each)}," for each in value)
        yield "]"
    else:
        yield f"{_key(key)} = {_inline(value)}"


def _is_long(key: str, value: Any) -> bool:
    return bool(value) and len(f"{_key(key)} = {_inline(value)}") > WIDTH


def _inline(value: Any) -> str:
    match value:
        case {}:
            pairs = ", ".join(f"{_key(key)} = {_inline(inner)}" for key, inner in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case _:
            return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")
