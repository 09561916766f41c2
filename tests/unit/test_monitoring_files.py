"""The dashboard for Grafana and the rules for Prometheus that come with wampsup: they ask for what there is."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from support.promql import named, unknown
from support.scraped import Scene, families_of
from wampsup.model import outcome as out
from wampsup.model.state import STATE_NAMES
from wampsup.model.transition import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONFIGS = ROOT / "configs"
DASHBOARD = CONFIGS / "grafana-dashboard.json"
RULES = CONFIGS / "prometheus-rules.yml"

COLUMNS = 24
"""Of Grafana's grid."""


@pytest.fixture(scope="module")
def exposed() -> Mapping[str, AbstractSet[str]]:
    """The series of `/metrics` by name, and the labels that they have; and what Prometheus knows of a target itself."""
    scene = Scene()
    unit = scene.fleet.units["clock"]
    component = unit.component
    scene.tally.record(unit, component, component, Cause(event="ended", outcome=out.Completed()))
    samples = [one for family in families_of(scene.text()) for one in family.samples]
    return {one.name: set(one.labels) for one in samples} | {"up": set()}


@pytest.fixture(scope="module")
def dashboard() -> Any:
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def expressions(dashboard: Any) -> list[str]:
    """All PromQL of a dashboard's panels."""
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]


def test_the_dashboard_has_what_grafana_needs_to_load_it(dashboard: Any) -> None:
    assert dashboard["id"] is None, "an id of its own would overwrite another dashboard"
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", dashboard["uid"])
    assert dashboard["title"] == "wampsup"
    assert dashboard["schemaVersion"] >= 36, "older ones have their data sources by name"
    assert dashboard["time"] == {"from": "now-3h", "to": "now"}
    assert {"annotations", "templating", "tags", "timezone", "refresh", "version"} <= set(dashboard)


def test_each_panel_says_what_it_is_and_where_its_data_comes_from(dashboard: Any) -> None:
    kinds = {"row", "stat", "timeseries", "table", "heatmap"}
    for panel in dashboard["panels"]:
        assert panel["type"] in kinds
        assert panel["title"]
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert panel["fieldConfig"]["defaults"]["unit"]
            references = [target["refId"] for target in panel["targets"]]
            assert len(set(references)) == len(references) > 0
    assert max(Counter(panel["id"] for panel in dashboard["panels"]).values()) == 1
    assert max(Counter(panel["title"] for panel in dashboard["panels"]).values()) == 1


def test_no_panel_lies_over_another_or_beside_the_grid(dashboard: Any) -> None:
    def cells(panel: Any) -> set[tuple[int, int]]:
        at = panel["gridPos"]
        return set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))

    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        own = cells(panel)
        assert own
        assert not own & taken, panel["title"]
        assert all(0 <= column < COLUMNS and row >= 0 for column, row in own), panel["title"]
        taken |= own


def test_its_data_source_and_all_that_it_selects_by_are_variables(dashboard: Any) -> None:
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard)))
    assert {name for name in used if not name.startswith("__")} == set(variables)


def test_it_asks_for_what_there_is_and_for_its_jobs_alone(
    dashboard: Any, exposed: Mapping[str, AbstractSet[str]]
) -> None:
    for expression in expressions(dashboard):
        assert list(unknown(expression, exposed)) == [], expression
        assert all({"job", "instance"} <= labels for labels in named(expression).metrics.values()), expression


def test_its_variables_take_their_values_from_what_there_is(
    dashboard: Any, exposed: Mapping[str, AbstractSet[str]]
) -> None:
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
            assert asked
            ((metric, _labels),) = named(asked[1]).metrics.items()
            assert asked[2] in exposed[metric] | {"job", "instance"}


def test_it_shows_all_that_is_told_of_components(dashboard: Any, exposed: Mapping[str, AbstractSet[str]]) -> None:
    shown = {metric for expression in expressions(dashboard) for metric in named(expression).metrics}
    told = {metric for metric in exposed if metric.startswith("wampsup_component_")}
    assert told - shown == {"wampsup_component_info"}


def test_each_state_has_a_colour_of_its_own(dashboard: Any) -> None:
    (states,) = (panel for panel in dashboard["panels"] if panel["title"] == "States")
    overrides = states["fieldConfig"]["overrides"]
    assert {one["matcher"]["options"] for one in overrides} == set(STATE_NAMES)
    colours = [one["properties"][0]["value"]["fixedColor"] for one in overrides]
    assert len(set(colours)) == len(colours)


def test_the_readme_names_all_metrics_and_no_others(exposed: Mapping[str, AbstractSet[str]]) -> None:
    text = README.read_text(encoding="utf-8").partition("<!-- metrics -->")[2].partition("<!-- /metrics -->")[0]
    named_there = re.findall(r"`(wampsup_\w+)`", text)
    histograms = re.compile("_(bucket|count|sum)$")
    assert sorted(named_there) == sorted({histograms.sub("", name) for name in exposed if name.startswith("wampsup_")})


def test_alerts_ask_for_what_there_is(exposed: Mapping[str, AbstractSet[str]]) -> None:
    for rule in rules():
        assert list(unknown(rule["expr"], exposed)) == [], rule["alert"]


def test_alerts_say_what_is_the_matter_and_how_bad_it_is(exposed: Mapping[str, AbstractSet[str]]) -> None:
    assert max(Counter(rule["alert"] for rule in rules()).values()) == 1
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        found = named(rule["expr"])
        kept = found.listed or set().union(*(exposed[metric] for metric in found.metrics))
        said = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        assert said <= kept | {"job", "instance"}, rule["alert"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('nothing{job="x"}', ["nothing"]),
        ('wampsup_component_up{colour="red"}', ["wampsup_component_up{colour}"]),
        ("sum by (le, colour) (wampsup_loop_lag_seconds_bucket)", ["(colour)"]),
        ("rate(wampsup_events_total[5m]) > 0.5 * rate(wampsup_event_total[5m])", ["wampsup_event_total"]),
    ],
)
def test_what_there_is_not_is_found(
    expression: str, expected: list[str], exposed: Mapping[str, AbstractSet[str]]
) -> None:
    assert list(unknown(expression, exposed)) == expected


def test_a_function_that_there_is_not_is_found() -> None:
    with pytest.raises(AssertionError, match="ratte is no function"):
        named("ratte(wampsup_events_total[5m])")
