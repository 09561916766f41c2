"""What an expression in PromQL names: metrics, and labels of theirs. It knows as much as our own files need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

FUNCTIONS = frozenset(
    "abs avg changes count histogram_quantile increase max min rate sum time topk vector".split()  # noqa: SIM905
)
_WORDS = frozenset({"and", "or", "unless", "by", "on", "ignoring", "without", "group_left", "group_right"})
_ADDED = {"job", "instance"}
"""What Prometheus adds to all series."""

_SELECTOR = re.compile(r"([a-z_]\w*)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"[^"]*"')
_LISTED = re.compile(r"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)")
_RANGE = re.compile(r"\[[^\]]*\]")
_WORD = re.compile(r"\b[a-zA-Z_]\w*")


@dataclass(frozen=True, slots=True)
class Named:
    """The metrics of an expression, the labels that each is selected by, and those that others are listed by."""

    metrics: Mapping[str, AbstractSet[str]]
    listed: AbstractSet[str]


def named(expression: str) -> Named:
    """What the expression names; raises AssertionError for what is no function."""
    metrics: dict[str, set[str]] = {}
    for metric, matchers in _SELECTOR.findall(expression):
        labels = _MATCHER.findall(matchers)
        assert _MATCHER.sub("", matchers).strip(", ") == "", matchers
        metrics.setdefault(metric, set()).update(labels)
    rest = _RANGE.sub("", _SELECTOR.sub("", expression))
    listed = {label.strip() for group in _LISTED.findall(rest) for label in group.split(",")}
    rest = _LISTED.sub("", rest)
    for word in _WORD.finditer(rest):
        if word[0] in FUNCTIONS or word[0] in _WORDS:
            continue
        assert not rest[word.end() :].lstrip().startswith("("), f"{word[0]} is no function that is known"
        metrics.setdefault(word[0], set())
    assert expression.count("(") == expression.count(")"), expression
    return Named(metrics, listed)


def unknown(expression: str, exposed: Mapping[str, AbstractSet[str]]) -> Iterator[str]:
    """The metrics of an expression that are not exposed, and the labels that they do not have."""
    found = named(expression)
    for metric, labels in found.metrics.items():
        if metric not in exposed:
            yield metric
        else:
            yield from (f"{metric}{{{label}}}" for label in labels - exposed[metric] - _ADDED)
    known = set().union(*(exposed.get(metric, set()) for metric in found.metrics))
    yield from (f"({label})" for label in found.listed - known - _ADDED)
