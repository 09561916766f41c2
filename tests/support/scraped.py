"""What `/metrics` of a fleet in memory answers, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics_families
from prometheus_client.parser import text_string_to_metric_families

from wampsup.control.feed import Followers
from wampsup.control.messages import Request, Stream
from wampsup.control.metrics import Metrics
from wampsup.control.twin import FleetTwin
from wampsup.reactor.ledger import Ledger
from wampsup.reactor.meter import Meter
from wampsup.runtime.journal import Journal
from wampsup.runtime.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import Metric

NOW = 1_700_000_000.5
OPEN = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
"""What Prometheus sends."""

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Scene:
    """The metrics of a fleet in memory; `counts`: whether the reactor keeps accounts."""

    def __init__(self, names: Sequence[str] = ("clock", "sun"), *, counts: bool = True) -> None:
        ledger = Ledger()
        ledger.thread = int(counts)
        self.fleet = FleetTwin(names, NOW - 100)
        self.tally = Tally()
        self.journal = Journal(lambda: NOW)
        self.followers = Followers()
        self.process_ns = 0
        self.meter = Meter(ledger, lambda: 0, lambda: self.process_ns)
        self.metrics = Metrics(self.fleet, NOW - 3600, self.tally, self.journal, self.followers, meter=self.meter)

    def stream(self, accept: str = "") -> Stream:
        headers = {"accept": accept} if accept else {}
        return self.metrics.answer(Request(method="GET", path="/metrics", headers=headers))

    def text(self, accept: str = "") -> str:
        """All of an answer."""
        return b"".join(parts_of(self.stream(accept))).decode()

    def families(self, accept: str = "") -> dict[str, Metric]:
        """What the client's parser makes of it, by name."""
        return {family.name: family for family in families_of(self.text(accept), accept)}

    def value(self, name: str, **labels: str) -> float | None:
        """The value of a series."""
        return series_of(self.text()).get((name, frozenset(labels.items())))


def parts_of(stream: Stream) -> list[bytes]:
    """All parts of a stream that needs no waiting for."""
    source = stream.open(lambda: None)
    parts = []
    while (part := source.read()) is not None:
        parts.append(part)
    source.close()
    return parts


def families_of(text: str, accept: str = "") -> list[Metric]:
    """What the client's parser makes of an answer to a request with that `Accept` header."""
    read = open_metrics_families if accept == OPEN else text_string_to_metric_families
    return list(read(text))


def series_of(text: str) -> Series:
    """The series of an answer in the text format."""
    samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
    return {(one.name, frozenset(one.labels.items())): one.value for one in samples}
