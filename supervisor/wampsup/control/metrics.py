"""Answers `/metrics`: what Prometheus may know of a fleet, with names and units by its conventions.

Counters never go down: those of a component as long as it is in the fleet, whoever starts, stops or restarts it, all
others for the life of the process. The answer is a stream, which holds the loop for some hundred lines at a time. What
Prometheus' own client for Python tells of every process is there as well; it is imported, which takes 1 MiB, when
somebody asks for the first time.
"""

from __future__ import annotations

from functools import cache
from itertools import chain, islice
from time import thread_time
from typing import TYPE_CHECKING

from wampsup import __version__
from wampsup.control import represent
from wampsup.control.component_metrics import of_components
from wampsup.control.exposition import OPEN_METRICS, TEXT, Family, format_for, labels, samples_of
from wampsup.control.messages import Stream
from wampsup.model.state import STATE_NAMES
from wampsup.reactor.ledger import OWN
from wampsup.reactor.meter import Meter, meter
from wampsup.reactor.threads import collect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from prometheus_client import CollectorRegistry

    from wampsup.control.exposition import Format
    from wampsup.control.feed import Followers
    from wampsup.control.fleet import FleetView, UnitView
    from wampsup.control.messages import Request
    from wampsup.runtime.journal import Journal
    from wampsup.runtime.tally import Tally

MEDIA_TYPES = (TEXT.media_type, OPEN_METRICS.media_type)
"""Of what is answered."""

_LINES = 500
"""In a part of the stream: some 40 KiB, and half a millisecond."""


class Metrics:
    """The metrics of one fleet, whose supervisor has started at `started_at`, in seconds since 1970.

    `meter` is the process's: where it does not count, what the accounts of components hold is left out.
    """

    def __init__(  # noqa: PLR0913 - all that is told of
        self,
        fleet: FleetView[Any],
        started_at: float,
        tally: Tally,
        journal: Journal,
        followers: Followers,
        *,
        meter: Meter = meter,
    ) -> None:
        self._fleet = fleet
        self._started_at = started_at
        self._tally = tally
        self._journal = journal
        self._followers = followers
        self._meter = meter
        self._own_busy_ns = 0

    def answer(self, request: Request) -> Stream:
        """All of them, in the format that the request asks for."""
        form = format_for(request.headers.get("accept", ""))
        return Stream(open=lambda _wake: Scrape(self.lines(form)), media_type=form.media_type)

    def lines(self, form: Format) -> Iterator[str]:
        """All of them in that format, some lines at a time; a reload meanwhile changes nothing in them."""
        units = tuple(self._fleet.units.values())
        ours = chain(
            self._of_supervisor(units), self._of_loop(), of_components(units, self._tally, accounts=self._meter.counts)
        )
        return chain(form.lines(ours), _of_process(form))

    def _of_supervisor(self, units: Sequence[UnitView]) -> Iterator[Family]:
        yield _info("wampsup_build", "The version of the supervisor.", labels(version=__version__))
        yield _gauge("wampsup_supervisor_start_time_seconds", "When the supervisor has started.", self._started_at)
        counted = represent.counts(unit.component for unit in units)
        yield Family(
            kind="gauge",
            name="wampsup_components",
            help="How many components are in each state.",
            samples=[(labels(state=state), counted.get(state, 0)) for state in STATE_NAMES],
        )
        yield Family(
            kind="histogram",
            name="wampsup_join_duration_seconds",
            help="Time from the begin of an attempt until it was ready, of all components.",
            samples=samples_of(self._tally.joins),
        )
        reloads = {"success": True, "failure": False}
        yield Family(
            kind="counter",
            name="wampsup_reloads",
            help="Reloads of the fleet file.",
            samples=[(labels(result=result), self._tally.reloads[well]) for result, well in reloads.items()],
        )
        yield _counter("wampsup_events", "Events in the journal.", self._journal.last)
        yield _gauge("wampsup_followers", "Clients that follow events or the log.", self._followers.count)
        lost = "Events and lines of the log that clients were too slow to read."
        yield _counter("wampsup_followers_lost_entries", lost, self._followers.lost)

    def _of_loop(self) -> Iterator[Family]:
        yield _counter("wampsup_loop_busy_seconds", "Processor time used by the thread of the loop.", thread_time())
        if not self._meter.counts:
            return
        collect()  # else what threads of components use would be ours until the next tick
        self._own_busy_ns = max(self._own_busy_ns, self._meter.own_busy_ns())  # two clocks differ by some microseconds
        own = "Processor time used by what no component has caused."
        yield _counter("wampsup_supervisor_busy_seconds", own, self._own_busy_ns / 1e9)
        yield _counter("wampsup_supervisor_stalls", "Stalls that no component has caused.", OWN.stalls)
        yield Family(
            kind="histogram",
            name="wampsup_loop_lag_seconds",
            help="By how much the loop was late, looked at once a second.",
            samples=samples_of(self._meter.lags),
        )


class Scrape:
    """The lines of one answer, part by part; see `messages.Source`."""

    heartbeat = b""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self) -> bytes | None:
        """The next part; there is always one, until the end."""
        return "".join(islice(self._lines, _LINES)).encode() or None

    def close(self) -> None:
        """Nothing is held."""


def _info(name: str, told: str, what: str) -> Family:
    return Family(kind="info", name=name, help=told, samples=[(what, 1)])


def _gauge(name: str, told: str, value: float) -> Family:
    return Family(kind="gauge", name=name, help=told, samples=[("", value)])


def _counter(name: str, told: str, value: float) -> Family:
    return Family(kind="counter", name=name, help=told, samples=[("", value)])


def _of_process(form: Format) -> Iterator[str]:
    """What the client's own collectors say, and the end of a document of OpenMetrics."""
    from prometheus_client.exposition import generate_latest as text  # noqa: PLC0415 - for who asks
    from prometheus_client.openmetrics.exposition import generate_latest as open_metrics  # noqa: PLC0415 - the same

    yield (open_metrics if form.is_open else text)(_registry()).decode()


@cache
def _registry() -> CollectorRegistry:
    from prometheus_client import CollectorRegistry, gc_collector, platform_collector, process_collector  # noqa: PLC0415

    registry = CollectorRegistry()
    process_collector.ProcessCollector(registry=registry)
    platform_collector.PlatformCollector(registry=registry)
    gc_collector.GCCollector(registry=registry)
    return registry
