"""Who is meant by `after`, `requires` and `group`, how `instances` multiply, and circles of waiting."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wampsup.config import load
from wampsup.errors import FleetFileError
from wampsup.model.order import predecessors

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.config import FleetFile
    from wampsup.model.spec import ComponentSpec, FleetSpec

FLEET = """\
[components.web]
main = "m:f"
after = ["group:feeds", "db", "cache"]
requires = "db"
[components.db]
main = "m:f"
[components.feed]
main = "m:f"
group = "feeds"
instances = 2
[components.tail]
main = "m:f"
group = "feeds"
after = "group:feeds"
instances = 2
[components.cache]
main = "m:f"
instances = 0
[groups.feeds]
strategy = "rest-for-one"
[groups.nobody]
"""


def _by_name(fleet_file: FleetFile) -> dict[str, ComponentSpec]:
    return {component.name: component for component in fleet_file.spec.components}


def test_names_mean_components_in_the_order_of_the_file(read: Callable[[str], FleetFile]) -> None:
    components = _by_name(read(FLEET))
    assert list(components) == ["web", "db", "feed@1", "feed@2", "tail@1", "tail@2"]
    assert components["web"].after == ("db", "feed@1", "feed@2", "tail@1", "tail@2")
    assert components["web"].requires == ("db",)
    assert components["db"].after == components["db"].requires == ()


def test_no_instance_waits_for_another_one_by_way_of_their_own_group(read: Callable[[str], FleetFile]) -> None:
    components = _by_name(read(FLEET))
    assert components["tail@1"].after == components["tail@2"].after == ("feed@1", "feed@2")


def test_a_component_with_instances_is_as_many_components(read: Callable[[str], FleetFile]) -> None:
    text = '[components.feed]\nmain = "m:f"\nextra = { zone = "UTC" }\ninstances = 2\n'
    assert [(spec.name, spec.instance_of, spec.extra) for spec in read(text).spec.components] == [
        ("feed@1", "feed", {"zone": "UTC", "instance": 1}),
        ("feed@2", "feed", {"zone": "UTC", "instance": 2}),
    ]


def test_one_instance_is_an_instance_and_a_component_without_the_key_is_none(read: Callable[[str], FleetFile]) -> None:
    text = '[components.a]\nmain = "m:f"\ninstances = 1\n[components.b]\nmain = "m:f"\n'
    assert [(spec.name, spec.instance_of, spec.extra) for spec in read(text).spec.components] == [
        ("a@1", "a", {"instance": 1}),
        ("b", None, None),
    ]


def test_whom_all_wait_for_by_default_does_not_wait_for_itself(read: Callable[[str], FleetFile]) -> None:
    text = """\
[defaults]
requires = "db"
group = "all"
instances = 1
[components.web]
main = "m:f"
[components.db]
main = "m:f"
[components.alone]
main = "m:f"
requires = []
[groups.all]
"""
    components = read(text).spec.components
    assert [(spec.name, spec.requires, spec.group) for spec in components] == [
        ("web@1", ("db@1",), "all"),
        ("db@1", (), "all"),
        ("alone@1", (), "all"),
    ]


PAIR = """\
[components.sensor]
main = "m:f"
{}
[components.display]
main = "m:f"
instances = 2
[groups.edge]
"""


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        (
            "after = 'dispaly'",
            "3:9 unknown component `dispaly` in `after` of component `sensor` (did you mean `display`?)",
        ),
        (
            "requires = ['display', 'xyz']",
            "3:24 unknown component `xyz` in `requires[1]` of component `sensor`",
        ),
        # An instance has no name of its own in the file.
        (
            "after = 'display@1'",
            "3:9 unknown component `display@1` in `after` of component `sensor` (did you mean `display`?)",
        ),
        (
            "after = 'group:egde'",
            "3:9 unknown group `egde` in `after` of component `sensor` (did you mean `group:edge`?)",
        ),
        (
            "after = 'edge'",
            "3:9 unknown component `edge` in `after` of component `sensor` (did you mean `group:edge`?)",
        ),
        (
            "after = 'group:display'",
            "3:9 unknown group `display` in `after` of component `sensor` (did you mean `display`?)",
        ),
        ("group = 'egde'", "3:9 unknown group `egde` in `group` of component `sensor` (did you mean `edge`?)"),
        (
            "group = 'north'",
            "3:9 unknown group `north` in `group` of component `sensor` (add a table `[groups.north]`)",
        ),
        ("after = 'sensor'", "3:9 `after` of component `sensor` names the component itself"),
        ("requires = ['sensor']", "3:13 `requires[0]` of component `sensor` names the component itself"),
    ],
)
def test_names_that_nobody_has(mistakes: Callable[[str], list[str]], line: str, mistake: str) -> None:
    assert mistakes(PAIR.format(line)) == [mistake]


def test_a_wrong_name_in_the_defaults_is_told_once(mistakes: Callable[[str], list[str]]) -> None:
    text = "[defaults]\nafter = ['sensr']\ngroup = 'x'\n" + PAIR.format("")
    assert mistakes(text) == [
        "2:10 unknown component `sensr` in `after[0]` in `[defaults]` (did you mean `sensor`?)",
        "3:9 unknown group `x` in `group` in `[defaults]` (add a table `[groups.x]`)",
    ]


def test_a_component_that_is_no_table_may_be_named(mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes("components.x = 3\ncomponents.y = { main = 'm:f', after = 'x' }") == [
        "1:16 component `x` must be a table, not `3`"
    ]


@pytest.mark.parametrize(
    ("tables", "circles"),
    [
        (
            {"a": "after='b'", "b": "requires='c'", "c": "after='a'"},
            ["2:7 `a`, `b` and `c` wait for each other: `a` after `b`, `b` requires `c`, `c` after `a`"],
        ),
        # Each circle is told, also where two of them meet.
        (
            {"a": "after='b'", "b": "after=['a', 'c']", "c": "requires='b'", "x": "after='y'", "y": "after='x'"},
            [
                "2:7 `a` and `b` wait for each other: `a` after `b`, `b` after `a`",
                "5:13 `b` and `c` wait for each other: `b` after `c`, `c` requires `b`",
                "11:7 `x` and `y` wait for each other: `x` after `y`, `y` after `x`",
            ],
        ),
        (
            {"a": "after='group:free'", "b": "group='free'\nrequires='a'", "c": "group='free'\nrequires='a'"},
            [
                "2:7 `a` and `b` wait for each other: `a` after `b` (`group:free`), `b` requires `a`",
                "2:7 `a` and `c` wait for each other: `a` after `c` (`group:free`), `c` requires `a`",
            ],
        ),
        (
            {"a": "group='row'\nafter='d'", "b": "group='row'", "c": "group='row'", "d": "requires='c'"},
            [
                (
                    "3:7 `a`, `d` and `c` wait for each other: `a` after `d`, `d` requires `c`,"
                    " `c` behind `a` in group `row`"
                    " (the strategy of group `row` makes its members start in the order of the file)"
                )
            ],
        ),
        # The instances of a component wait as one.
        (
            {"a": "group='row'\ninstances=3\nrequires='group:row'", "b": "group='row'\ninstances=2"},
            [
                (
                    "4:10 `a` and `b` wait for each other: `a` requires `b` (`group:row`),"
                    " `b` behind `a` in group `row`"
                    " (the strategy of group `row` makes its members start in the order of the file)"
                )
            ],
        ),
    ],
)
def test_components_that_wait_for_each_other(
    mistakes: Callable[[str], list[str]], tables: dict[str, str], circles: list[str]
) -> None:
    text = "".join(f"[components.{name}]\n{lines}\nmain = 'm:f'\n" for name, lines in tables.items())
    assert mistakes(text + "[groups.free]\n[groups.row]\nstrategy = 'one-for-all'\n") == circles


def test_a_circle_that_only_the_defaults_close(mistakes: Callable[[str], list[str]]) -> None:
    text = """\
[defaults]
requires = "db"
[components.web]
main = "m:f"
[components.migrate]
main = "m:f"
[components.db]
main = "m:f"
requires = "migrate"
"""
    assert mistakes(text) == [
        (
            "2:12 `migrate` and `db` wait for each other: `migrate` requires `db`, `db` requires `migrate`"
            " (`migrate` has its `requires` from `[defaults]`; `requires = []` of its own would end that)"
        )
    ]


def test_one_name_that_closes_many_circles_is_told_once(mistakes: Callable[[str], list[str]]) -> None:
    text = "[defaults]\nafter = 'db'\ngroup = 'all'\n[components.db]\nmain = 'm:f'\nafter = 'group:all'\n"
    text += "".join(f"[components.web{number}]\nmain = 'm:f'\n" for number in range(100))
    assert mistakes(text + "[groups.all]\n") == [
        (
            "6:9 `db` and `web0` wait for each other: `db` after `web0` (`group:all`), `web0` after `db`"
            " (`web0` has its `after` from `[defaults]`; `after = []` of its own would end that)"
        )
    ]


NAMES = "abcde"
STRATEGIES = ("one-for-one", "one-for-all", "rest-for-one")
TABLE = st.fixed_dictionaries(
    {},
    optional={
        "after": st.lists(st.sampled_from([*NAMES, "group:g", "group:h"]), max_size=2),
        "requires": st.lists(st.sampled_from([*NAMES, "group:g", "group:h"]), max_size=1),
        "group": st.sampled_from("gh"),
        "instances": st.integers(1, 2),
    },
)
Tables = dict[str, dict[str, object]]


@given(
    tables=st.fixed_dictionaries(dict.fromkeys(NAMES, TABLE)),
    strategies=st.fixed_dictionaries(dict.fromkeys("gh", st.sampled_from(STRATEGIES))),
)
def test_a_fleet_is_refused_exactly_where_its_components_can_not_be_put_in_order(
    tables: Tables, strategies: dict[str, str]
) -> None:
    for name, table in tables.items():
        for key in ("after", "requires"):
            said = table.get(key)
            if isinstance(said, list) and name in said:
                table[key] = [other for other in said if other != name]
    loaded = _load(tables, strategies)
    if isinstance(loaded, FleetFileError):
        assert all(" wait for each other: " in mistake.message for mistake in loaded.mistakes)
    else:
        TopologicalSorter(predecessors(loaded.components, loaded.groups)).prepare()
    assert isinstance(loaded, FleetFileError) == _is_circular(tables, strategies)


def _load(tables: Tables, strategies: dict[str, str]) -> FleetSpec | FleetFileError:
    text = ""
    for name, table in tables.items():
        text += f"[components.{name}]\nmain = 'm:f'\n" + "".join(f"{key} = {table[key]!r}\n" for key in table)
    for name, strategy in strategies.items():
        text += f"[groups.{name}]\nstrategy = '{strategy}'\n"
    with TemporaryDirectory() as folder:
        path = Path(folder, "edge.toml")
        path.write_text(text)
        try:
            return load(path).spec
        except FleetFileError as error:
            return error


def _is_circular(tables: Tables, strategies: dict[str, str]) -> bool:
    """The same, worked out as plainly as can be."""
    members = {group: [name for name in tables if tables[name].get("group") == group] for group in strategies}
    graph: dict[str, set[str]] = {name: set() for name in tables}
    for name, table in tables.items():
        for key in ("after", "requires"):
            said = table.get(key, [])
            assert isinstance(said, list)
            for other in said:
                graph[name] |= set(members[other[-1]] if ":" in other else [other]) - {name}
    for group, names in members.items():
        if strategies[group] != "one-for-one":
            for index, name in enumerate(names):
                graph[name] |= set(names[:index])
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False
