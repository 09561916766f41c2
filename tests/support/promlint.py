"""The rules of `promtool check metrics` (Prometheus' promlint), for text that `/metrics` gives, and what it breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client import Metric

_TYPES = ("counter", "gauge", "histogram", "summary", "untyped", "info")
_NOT_BASE_UNITS = {
    *("nanoseconds", "microseconds", "milliseconds", "minutes", "hours", "days", "weeks"),
    *("kilobytes", "megabytes", "gigabytes", "kibibytes", "mebibytes", "gibibytes", "bits", "octets", "percent"),
}
_ABBREVIATED = {"s", "ms", "us", "ns", "sec", "secs", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d", "msg", "cnt"}
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_RESERVED = ("_bucket", "_count", "_sum", "_created")


def problems(text: str) -> list[str]:
    """What is wrong with the whole of an answer in the text format."""
    found = [*_of_lines(text)]
    for family in text_string_to_metric_families(text):
        found += [f"{family.name}: {problem}" for problem in _of_family(family)]
    return found


def _of_lines(text: str) -> Iterator[str]:
    """Of what a parser does not tell: each series and each head once, and no series without a head."""
    series = [line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    heads = [line.split(" ")[1:3] for line in text.splitlines() if line.startswith("#")]
    yield from (f"{one}: twice" for one in sorted(set(series)) if series.count(one) > 1)
    yield from (f"{one}: twice" for one in heads if heads.count(one) > 1)
    named = {name for what, name in heads if what == "HELP"}
    if named != {name for what, name in heads if what == "TYPE"}:
        yield "some metrics have no help, or no type"
    for one in series:
        name = one.partition("{")[0]
        if name not in named and re.sub("_(bucket|count|sum)$", "", name) not in named:
            yield f"{name}: no help"


def _of_family(family: Metric) -> Iterator[str]:
    yield from (problem for problem, has in _PROBLEMS.items() if has(family))
    if family.type == "histogram":
        yield from _of_histogram(family)


def _of_histogram(family: Metric) -> Iterator[str]:
    of = {suffix: [one for one in family.samples if one.name.endswith(suffix)] for suffix in _RESERVED[:3]}
    counts = [one.value for one in of["_bucket"]]
    bounds = [float(one.labels["le"]) for one in of["_bucket"]]
    if counts != sorted(counts) or bounds != sorted(bounds):
        yield "buckets that do not grow"
    if bounds[-1:] != [float("inf")] or [counts[-1]] != [one.value for one in of["_count"]]:
        yield "a last bucket that does not hold all"
    if len(of["_sum"]) != 1:
        yield "no sum"


def _words(family: Metric) -> set[str]:
    return set(family.name.split("_"))


def _label_sets(family: Metric) -> list[set[str]]:
    return [set(one.labels) for one in family.samples]


_PROBLEMS: dict[str, Callable[[Metric], bool]] = {
    "no help": lambda one: not one.documentation.strip(),
    "an unknown type": lambda one: one.type not in _TYPES,
    "ends in `_total`, and is no counter": lambda one: one.type != "counter" and one.name.endswith("_total"),
    "a counter that does not end in `_total`": lambda one: (
        one.type == "counter" and any(sample.name != f"{one.name}_total" for sample in one.samples)
    ),
    "its type in its name": lambda one: bool(_words(one) & {*_TYPES} - {"info"}),
    "not in snake case": lambda one: not _SNAKE.fullmatch(one.name),
    "no base unit": lambda one: bool(_words(one) & _NOT_BASE_UNITS),
    "an abbreviated unit": lambda one: bool(_words(one) & _ABBREVIATED),
    "what histograms alone have": lambda one: (
        one.type != "histogram"
        and (one.name.endswith(_RESERVED) or any(labels & {"le", "quantile"} for labels in _label_sets(one)))
    ),
    "a label not in snake case": lambda one: not all(map(_SNAKE.fullmatch, set().union(*_label_sets(one)))),
    "samples with different labels": lambda one: len({tuple(sorted(each - {"le"})) for each in _label_sets(one)}) > 1,
}
