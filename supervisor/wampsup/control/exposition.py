"""Families of metrics, written line by line in Prometheus' text format, or as OpenMetrics has it.

Prometheus' own client makes an object of each sample, and writes all of them at once: 0.5 s for 10,000 components, in
which nobody else has a turn. These lines take a tenth of that, and any number of turns; in the tests, the client's
parsers read them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wampsup.control.forms import prefers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wampsup.reactor.histogram import Histogram

    Sample = tuple[str, float]
    """What stands between the name and the value, and the value."""

UNITS = ("seconds", "bytes")

_SUFFIXES = {"counter": "_total", "info": "_info"}
"""What the names of samples have behind that of their family."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """All samples of one metric; `name` is without the suffix that a counter has, or a metric that is but labels."""

    name: str
    kind: Literal["counter", "gauge", "histogram", "info"]
    help: str
    samples: Iterable[Sample]


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One of the two formats; in OpenMetrics, what is said of a family is said of its name without a suffix."""

    media_type: str
    is_open: bool

    def lines(self, families: Iterable[Family]) -> Iterator[str]:
        """Lines, and a few in one at the head of a family; what ends a document of OpenMetrics is not among them."""
        for family in families:
            name = family.name + _SUFFIXES.get(family.kind, "")
            yield self._head(family, name)
            for what, value in family.samples:
                yield f"{name}{what} {value}\n"

    def _head(self, family: Family, name: str) -> str:
        if not self.is_open:
            kind = "gauge" if family.kind == "info" else family.kind
            return f"# HELP {name} {family.help}\n# TYPE {name} {kind}\n"
        unit = family.name.rpartition("_")[2]
        told = f"# UNIT {family.name} {unit}\n" if unit in UNITS else ""
        return f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n{told}"


TEXT = Format(media_type="text/plain; version=0.0.4; charset=utf-8", is_open=False)
OPEN_METRICS = Format(media_type="application/openmetrics-text; version=1.0.0; charset=utf-8", is_open=True)


def format_for(accept: str) -> Format:
    """The format that a client asks for with this `Accept` header."""
    return OPEN_METRICS if prefers(accept, "application/openmetrics-text", "text/plain") else TEXT


def labels(**values: str) -> str:
    """These labels, as they stand behind a name."""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def samples_of(histogram: Histogram) -> Iterator[Sample]:
    """The samples of a histogram, which no label tells from another one."""
    for bound, count in histogram.at_most().items():
        yield f'_bucket{{le="{"+Inf" if math.isinf(bound) else bound}"}}', count
    yield "_sum", histogram.total
    yield "_count", count
