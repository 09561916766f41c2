"""The metrics that have a sample for each component: 15 of them, and one for each way in which its attempts have ended.

So that 10,000 components come to 160,000 samples and not to a million, there is no histogram of each; and of its ten
states each has the present one alone: `wampsup_component_state{state="backoff"}` ends when it leaves that state. For
rules that must not be disturbed by that, `wampsup_component_up` and `wampsup_component_desired_up` are there all the
time, and with the same labels, so that they can be compared. Group and realm are labels of
`wampsup_component_info` alone, to be joined where they are wanted.
"""

from __future__ import annotations

from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from wampsup.control.exposition import Family, labels
from wampsup.model.state import Desired, Running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wampsup.control.exposition import Sample
    from wampsup.control.fleet import UnitView
    from wampsup.runtime.tally import Counts, Tally

    Value = Callable[[UnitView, Counts], float]

_PREFIX = "wampsup_component_"


class _Metric(NamedTuple):
    """One number of each component, which it and what has been counted of it tell."""

    kind: Literal["counter", "gauge"]
    name: str
    help: str
    value: Value


_METRICS = (
    _Metric(
        "gauge",
        "up",
        "Whether the component is running.",
        lambda unit, _: int(isinstance(unit.component.state, Running)),
    ),
    _Metric(
        "gauge",
        "desired_up",
        "Whether the component is wanted to run, or to have run.",
        lambda unit, _: int(unit.component.desired is Desired.UP),
    ),
    _Metric(
        "counter", "restarts", "Automatic restarts, its own and those with its group.", lambda _, told: told.restarts
    ),
    _Metric(
        "counter",
        "reconnects",
        "Returns to a router after no connection, or a lost one.",
        lambda _, told: told.reconnects,
    ),
    _Metric("counter", "joins", "Attempts that have joined a realm and become ready.", lambda _, told: told.joins),
    _Metric("counter", "received_messages", "WAMP messages received.", lambda unit, _: unit.account.messages_in),
    _Metric("counter", "sent_messages", "WAMP messages sent.", lambda unit, _: unit.account.messages_out),
    _Metric("counter", "received_bytes", "Size of the WAMP messages received.", lambda unit, _: unit.account.bytes_in),
    _Metric("counter", "sent_bytes", "Size of the WAMP messages sent.", lambda unit, _: unit.account.bytes_out),
    _Metric(
        "counter",
        "leftovers",
        "Timers, sockets and threads left behind by its attempts.",
        lambda unit, _: unit.leftovers.count,
    ),
)

_BY_ACCOUNTS = (
    _Metric("counter", "busy_seconds", "Processor time used.", lambda unit, _: unit.account.busy_ns / 1e9),
    _Metric("counter", "stalls", "Times that it kept the loop from all others.", lambda unit, _: unit.account.stalls),
    _Metric(
        "gauge",
        "longest_stall_seconds",
        "Duration of its longest stall.",
        lambda unit, _: unit.account.longest_stall_ns / 1e9,
    ),
)
"""Those that a reactor which keeps no accounts knows nothing of."""


def of_components(units: Sequence[UnitView], tally: Tally, *, accounts: bool) -> Iterator[Family]:
    """All metrics of these components, each looked at when its sample is taken; `accounts`: whether they are kept."""
    what = "The components that there are."
    yield Family(kind="info", name="wampsup_component", help=what, samples=map(_info, units))
    what = "The state that the component is in now."
    yield Family(kind="gauge", name=f"{_PREFIX}state", help=what, samples=map(_state, units))
    label = cache(lambda name: labels(component=name))
    for metric in (*_METRICS, *(_BY_ACCOUNTS if accounts else ())):
        samples = map(partial(_sample, metric.value, tally, label), units)
        yield Family(kind=metric.kind, name=_PREFIX + metric.name, help=metric.help, samples=samples)
    what = "Attempts that are over, by how they ended, and by the kind of error where there was one."
    attempts = chain.from_iterable(_attempts(unit.name, tally.of(unit.name)) for unit in units)
    yield Family(kind="counter", name=f"{_PREFIX}attempts", help=what, samples=attempts)


def _sample(value: Value, tally: Tally, label: Callable[[str], str], unit: UnitView) -> Sample:
    return label(unit.name), value(unit, tally.of(unit.name))


def _info(unit: UnitView) -> Sample:
    return labels(component=unit.name, group=unit.spec.group or "", realm=unit.realm), 1


def _state(unit: UnitView) -> Sample:
    return labels(component=unit.name, state=unit.component.state.name), 1


def _attempts(name: str, counts: Counts) -> Iterator[Sample]:
    for (outcome, kind), count in counts.attempts.items():
        yield labels(component=name, kind=kind, outcome=outcome), count
