"""Stacks as text: the functions that took the most time, and the tree of calls that led to them.

Calls within libraries, one after the other, are one line of the tree: it is about the component's own code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_FUNCTIONS = 15
_LEAST = 0.01
"""The share of a call that is shown."""

_FEW = 3
"""Calls within libraries that are one line."""

_FOLDERS_OF_LIBRARIES = ("/site-packages/", "/dist-packages/", "/lib/python3", "<frozen ")
_ALWAYS_LIBRARIES = frozenset({"wampsup", "twisted", "autobahn", "txaio"})


@dataclass(slots=True)
class _Call:
    """A function, as it was called here; `own` is the time in which it called no other."""

    function: int
    seconds: float = 0.0
    own: float = 0.0
    calls: dict[int, _Call] = field(default_factory=dict)


def lines(functions: Sequence[dict[str, Any]], seen: dict[str, Any]) -> list[str]:
    """What was seen, for a person."""
    return [*_table(functions, seen), "", *_tree(functions, seen)]


def _table(functions: Sequence[dict[str, Any]], seen: dict[str, Any]) -> Iterator[str]:
    own: dict[int, dict[int, float]] = {}
    total: dict[int, float] = {}
    for stack in seen["stacks"]:
        at = own.setdefault(stack["functions"][-1], {})
        at[stack["line"]] = at.get(stack["line"], 0.0) + stack["seconds"]
        for function in set(stack["functions"]):
            total[function] = total.get(function, 0.0) + stack["seconds"]
    yield "   SELF    TOTAL  FUNCTION"
    for function in sorted(own, key=lambda one: -sum(own[one].values()))[:_MOST_FUNCTIONS]:
        at = own[function]
        if (share := sum(at.values()) / seen["seconds"]) >= _LEAST:
            shares = f"{_percent(share)}  {_percent(total[function] / seen['seconds'])}"
            yield f"{shares}  {_named(functions[function])}{_most_at(functions[function], at)}"


def _most_at(function: dict[str, Any], at: dict[int, float]) -> str:
    line = max(at, key=lambda one: at[one])
    return f", most at line {line}" if line not in (0, function["line"]) else ""


def _tree(functions: Sequence[dict[str, Any]], seen: dict[str, Any]) -> Iterator[str]:
    root = _Call(-1, seconds=seen["seconds"])
    for stack in seen["stacks"]:
        call = root
        for function in stack["functions"]:
            call = call.calls.setdefault(function, _Call(function))
            call.seconds += stack["seconds"]
        call.own += stack["seconds"]
    yield "  TOTAL  CALLS"
    yield from _branches(functions, root, root.seconds, 0)


def _branches(functions: Sequence[dict[str, Any]], call: _Call, whole: float, depth: int) -> Iterator[str]:
    for one in _worth_it(call, whole):
        chain = _through_libraries(functions, one, whole)
        if len(chain) < _FEW:
            chain = [one]
            told = _named(functions[one.function])
        else:
            roots = dict.fromkeys(functions[link.function]["module"].partition(".")[0] for link in chain)
            told = f"{len(chain)} calls in {', '.join(filter(None, roots)) or 'libraries'}"
        yield f"{_percent(one.seconds / whole)}  {'  ' * depth}{told}"
        yield from _branches(functions, chain[-1], whole, depth + 1)


def _through_libraries(functions: Sequence[dict[str, Any]], call: _Call, whole: float) -> list[_Call]:
    """The calls from this one on that stay within libraries, and do nothing but call the next one."""
    chain: list[_Call] = []
    while _is_library(functions[call.function]):
        chain.append(call)
        following = _worth_it(call, whole)
        if len(following) != 1 or call.own >= _LEAST * whole:
            break
        call = following[0]
    return chain


def _worth_it(call: _Call, whole: float) -> list[_Call]:
    shown = (one for one in call.calls.values() if one.seconds >= _LEAST * whole)
    return sorted(shown, key=lambda one: -one.seconds)


def _is_library(function: dict[str, Any]) -> bool:
    if function["module"].partition(".")[0] in _ALWAYS_LIBRARIES:
        return True
    return any(folder in function["file"] for folder in _FOLDERS_OF_LIBRARIES)


def _named(function: dict[str, Any]) -> str:
    """`Connection.doRead  twisted/internet/tcp.py:250`."""
    if not function["file"]:
        name: str = function["name"]
        return name
    parts = function["file"].split("/")
    depth = function["module"].count(".") + 1 + (parts[-1] == "__init__.py")
    return f"{function['name']}  {'/'.join(parts[-depth:])}:{function['line']}"


def _percent(share: float) -> str:
    return f"{100 * share:5.1f} %"
