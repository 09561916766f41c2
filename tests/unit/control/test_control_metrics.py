"""What `/metrics` tells of a fleet, as Prometheus' own parsers read it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_open_metrics
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from support.promlint import problems
from support.scraped import NOW, OPEN, Scene, families_of, parts_of
from wampsup import __version__
from wampsup.control.feed import Feed
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Request, Stream
from wampsup.model import outcome as out
from wampsup.model.state import Connecting, Desired, Joined, Kind, Problem, Reconnecting, Running
from wampsup.model.transition import Cause
from wampsup.runtime.journal import Journal

PROBLEM = Problem(kind=Kind.CONNECTION, type="ConnectionRefusedError", message="nobody there")
if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric

RUNNING = Running(since=NOW, attempt=1, joined=Joined(session_id=7, realm="realm1", transport="ws://h/"))
HOSTILE = 'a\\b "c"\nd,{e="f"} é'


class Parsed(Collector):
    """Gives Prometheus' client what its parser has read."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def move(scene: Scene, name: str, outcome: out.Outcome | None = None, **changes: object) -> None:
    unit = scene.fleet.units[name]
    before = unit.component
    scene.fleet.put(name, **changes)
    scene.tally.record(unit, before, unit.component, Cause(event="ended", outcome=outcome))


@pytest.fixture
def busy() -> Scene:
    """One that has been through something."""
    scene = Scene()
    move(scene, "clock", state=Connecting(since=NOW - 0.2, attempt=1, deadline=None), desired=Desired.UP)
    move(scene, "clock", state=RUNNING)
    account = scene.fleet.units["clock"].account
    account.in_loop_ns, account.stalls, account.longest_stall_ns = 1_500_000_000, 2, 300_000_000
    scene.fleet.units["clock"].leftovers.count = 4
    move(scene, "sun", state=Reconnecting(since=NOW, next_attempt_at=NOW + 1), desired=Desired.UP, reconnects=1)
    move(scene, "sun", out.Lost(problem=PROBLEM), reconnects=2)
    move(scene, "sun", out.Stopped(), restarts=1)
    scene.meter.lags.add(0.02)
    scene.journal.note("reload")
    scene.tally.reloads[True] += 1
    return scene


def test_a_component_tells_its_state_and_its_counts(busy: Scene) -> None:
    families = busy.families()
    told = {
        name.removeprefix("wampsup_component_"): one.value
        for name, family in families.items()
        for one in family.samples
        if name.startswith("wampsup_component_") and one.labels == {"component": "clock"}
    }
    assert told == {
        "up": 1,
        "desired_up": 1,
        "restarts": 0,
        "reconnects": 0,
        "joins": 1,
        "received_messages": 0,
        "sent_messages": 0,
        "received_bytes": 0,
        "sent_bytes": 0,
        "busy_seconds": 1.5,
        "stalls": 2,
        "longest_stall_seconds": 0.3,
        "leftovers": 4,
    }
    assert busy.value("wampsup_component_state", component="clock", state="running") == 1
    assert busy.value("wampsup_component_info", component="clock", group="", realm="realm1") == 1
    assert busy.value("wampsup_component_up", component="sun") == 0
    assert busy.value("wampsup_component_restarts_total", component="sun") == 1
    assert busy.value("wampsup_component_reconnects_total", component="sun") == 2


def test_attempts_are_told_by_how_they_ended(busy: Scene) -> None:
    attempts = [(one.labels, one.value) for one in busy.families()["wampsup_component_attempts"].samples]
    assert attempts == [
        ({"component": "sun", "outcome": "lost", "kind": "connection"}, 1),
        ({"component": "sun", "outcome": "stopped", "kind": ""}, 1),
    ]


def test_each_component_has_one_state_and_all_states_are_counted(busy: Scene) -> None:
    families = busy.families()
    states = {one.labels["component"]: one.labels["state"] for one in families["wampsup_component_state"].samples}
    assert states == {"clock": "running", "sun": "reconnecting"}
    counts = {one.labels["state"]: one.value for one in families["wampsup_components"].samples}
    assert {state for state, count in counts.items() if count} == {"running", "reconnecting"}
    assert len(counts) == 10


def test_the_supervisor_tells_of_itself(busy: Scene) -> None:
    assert busy.value("wampsup_build_info", version=__version__) == 1
    assert busy.value("wampsup_supervisor_start_time_seconds") == NOW - 3600
    assert busy.value("wampsup_reloads_total", result="success") == 1
    assert busy.value("wampsup_reloads_total", result="failure") == 0
    assert busy.value("wampsup_events_total") == 1
    assert busy.value("wampsup_followers") == 0
    assert busy.value("wampsup_followers_lost_entries_total") == 0


def test_the_time_of_joins_and_the_lag_of_the_loop_are_histograms(busy: Scene) -> None:
    assert busy.value("wampsup_join_duration_seconds_bucket", le="0.1") == 0
    assert busy.value("wampsup_join_duration_seconds_bucket", le="0.25") == 1
    assert busy.value("wampsup_join_duration_seconds_bucket", le="+Inf") == 1
    assert busy.value("wampsup_join_duration_seconds_count") == 1
    assert busy.value("wampsup_join_duration_seconds_sum") == pytest.approx(0.2)
    assert busy.value("wampsup_loop_lag_seconds_bucket", le="0.025") == 1


def test_the_process_is_told_of_as_prometheus_own_client_does(busy: Scene) -> None:
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"):
        assert (busy.value(name) or 0) > 0
    assert busy.families()["python_info"].samples[0].labels["implementation"] == "CPython"


@pytest.mark.parametrize("accept", ["", OPEN], ids=["text", "OpenMetrics"])
def test_what_is_written_is_what_prometheus_own_client_writes(busy: Scene, accept: str) -> None:
    text = busy.text(accept)
    registry = CollectorRegistry()
    registry.register(Parsed(families_of(text, accept)))
    generate = generate_open_metrics if accept else generate_latest
    assert generate(registry).decode().splitlines() == [numbers_as_theirs(line) for line in text.splitlines()]


def numbers_as_theirs(line: str) -> str:
    """The line with its value as the client writes it: `1.0` for `1`."""
    name, _, value = line.rpartition(" ")
    return line if line.startswith("#") else f"{name} {floatToGoString(value)}"  # type: ignore[no-untyped-call]


def test_both_formats_say_the_same(busy: Scene) -> None:
    def told(accept: str) -> list[tuple[str, dict[str, str]]]:
        return [(one.name, one.labels) for family in busy.families(accept).values() for one in family.samples]

    assert told("") == told(OPEN)


def test_each_format_has_its_media_type(busy: Scene) -> None:
    assert busy.stream().media_type == "text/plain; version=0.0.4; charset=utf-8"
    assert busy.stream("text/html, */*").media_type == "text/plain; version=0.0.4; charset=utf-8"
    assert busy.stream("application/openmetrics-text;q=0.1, text/plain").media_type.startswith("text/plain")
    assert busy.stream(OPEN).media_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert busy.text(OPEN).endswith("\n# EOF\n")
    assert "# EOF" not in busy.text()


def test_everything_keeps_to_the_rules_of_promtool(busy: Scene) -> None:
    assert problems(busy.text()) == []


HEAD = "# HELP {0} Some help.\n# TYPE {0} {1}\n{0} 1\n"
BROKEN = {
    "x_total: ends in `_total`, and is no counter": HEAD.format("x_total", "gauge"),
    "some metrics have no help, or no type": "# TYPE x gauge\nx 1\n",
    "y: no help": HEAD.format("x", "gauge") + "y 1\n",
    "x_gauge: its type in its name": HEAD.format("x_gauge", "gauge"),
    "xY: not in snake case": HEAD.format("xY", "gauge"),
    "a:b: not in snake case": HEAD.format("a:b", "gauge"),
    "x_milliseconds: no base unit": HEAD.format("x_milliseconds", "gauge"),
    "x_sec: an abbreviated unit": HEAD.format("x_sec", "gauge"),
    "x_count: what histograms alone have": HEAD.format("x_count", "gauge"),
    'x{a="1"}: twice': '# HELP x Some help.\n# TYPE x gauge\nx{a="1"} 1\nx{a="1"} 2\n',
    "x: samples with different labels": '# HELP x Some help.\n# TYPE x gauge\nx{a="1"} 1\nx{b="1"} 2\n',
    "x: a label not in snake case": '# HELP x Some help.\n# TYPE x gauge\nx{aB="1"} 1\n',
    "x: a last bucket that does not hold all": "# HELP x Some help.\n# TYPE x histogram\n"
    'x_bucket{le="1.0"} 1\nx_sum 1\nx_count 1\n',
}


@pytest.mark.parametrize(("problem", "text"), BROKEN.items(), ids=BROKEN)
def test_what_breaks_the_rules_of_promtool_is_found(problem: str, text: str) -> None:
    assert problem in problems(text)


def test_a_fleet_without_components_keeps_to_them_as_well() -> None:
    scene = Scene([])
    assert problems(scene.text()) == []
    assert scene.families(OPEN)["wampsup_component_restarts"].samples == []


@pytest.mark.parametrize("accept", ["", OPEN], ids=["text", "OpenMetrics"])
def test_what_stands_in_a_label_can_not_break_out_of_it(accept: str) -> None:
    scene = Scene([HOSTILE])
    unit = scene.fleet.units[HOSTILE]
    unit.realm = HOSTILE
    unit.spec = replace(unit.spec, group="g\n# EOF")
    told = scene.families(accept)["wampsup_component" if accept else "wampsup_component_info"].samples[0].labels
    assert told == {"component": HOSTILE, "group": "g\n# EOF", "realm": HOSTILE}
    assert problems(scene.text()) == []


def test_a_reactor_without_accounts_is_not_told_to_be_idle() -> None:
    scene = Scene(counts=False)
    left_out = {"busy_seconds", "stalls", "longest_stall_seconds"}
    told = set(scene.families())
    assert not told & {f"wampsup_component_{name}" for name in left_out}
    assert not told & {"wampsup_loop_lag_seconds", "wampsup_supervisor_busy_seconds", "wampsup_supervisor_stalls"}
    assert "wampsup_loop_busy_seconds" in told
    assert problems(scene.text()) == []


def test_the_supervisors_own_share_never_goes_down() -> None:
    scene = Scene()
    scene.process_ns = 2_000_000_000
    assert scene.value("wampsup_supervisor_busy_seconds_total") == 2.0
    scene.process_ns = 1_999_000_000  # two clocks differ
    assert scene.value("wampsup_supervisor_busy_seconds_total") == 2.0


def test_a_large_fleet_comes_in_small_parts_and_as_it_was_when_it_was_asked_for() -> None:
    names = [f"c-{number}" for number in range(2000)]
    scene = Scene(names)
    source = scene.stream().open(lambda: None)
    parts = [source.read() or b""]
    scene.fleet.replace(["another"], NOW)
    while (part := source.read()) is not None:
        parts.append(part)
    assert max(map(len, parts)) < 65536
    text = b"".join(parts).decode()
    assert text.count("\nwampsup_component_up{") == 2000
    assert text.count("\nwampsup_component_sent_bytes_total{") == 2000
    assert "another" not in text


def test_who_follows_is_counted_and_what_was_lost_on_the_way() -> None:
    scene = Scene()
    journal = Journal(lambda: NOW, 5)
    request = Request(method="GET", path="/v1/events", query={"follow": ["1"]})
    source = Feed(journal, scene.fleet, scene.followers).stream(request).open(lambda: None)
    source.read()
    for _ in range(8):
        journal.note("reload")
    assert scene.value("wampsup_followers_lost_entries_total") == 0
    source.read()
    assert scene.value("wampsup_followers_lost_entries_total") == 3
    assert scene.value("wampsup_followers") == 1
    source.close()
    assert scene.value("wampsup_followers") == 0


def test_whoever_may_read_may_scrape() -> None:
    scene = Scene()
    identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW)
    control = Control(scene.fleet, identity, shutdown=lambda: None, seconds=lambda: NOW, journal=scene.journal)
    answers: list[object] = []
    request = Request(method="GET", path="/metrics", vouched=False)
    control.answer(request).addCallback(answers.append)
    assert isinstance(answers[0], Stream)
    assert b"wampsup_component_up" in b"".join(parts_of(answers[0]))


def test_the_client_is_not_imported_before_somebody_asks() -> None:
    code = "import sys, wampsup.supervisor; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
