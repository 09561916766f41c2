"""What a component keeps on its way into a fleet file, and what the workers around it mean for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.nodes import a_class, a_function, container, node, router, web, websocket
from wampsup.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.converted import Converted, Import

    Alone = Callable[..., Converted]
    LeftOut = Callable[..., list[str]]

COMPONENT = "workers[0].components[0]"
OPTIONS = "workers[0].options"


def hello(**keys: Any) -> dict[str, Any]:
    return a_class("hello.Hello", websocket(), **keys)


# Names


def test_names_are_ids_or_come_from_the_code_and_differ(imported: Import) -> None:
    functions = {"leave": "shop.kitchen.left"}
    components = [
        hello(),
        hello(id="greeter"),
        hello(),
        hello(id="greeter"),
        a_function(functions, websocket()),
        a_class("hello.Grüße", websocket()),
    ]
    converted = imported(node(container(*components)))
    names = ["Hello", "greeter", "Hello-2", "greeter-2", "kitchen", "component"]
    assert [component.name for component in converted.fleet.components] == names
    assert converted.notes == ["workers[0].components[3].id: becomes `greeter-2`"]


def test_an_id_that_is_no_name_is_replaced(alone: Alone) -> None:
    converted = alone(hello(id="über alles"))
    assert list(converted.document["components"]) == ["Hello"]
    assert converted.notes == [f"{COMPONENT}.id: becomes `Hello`"]


# Code

WRONG: dict[str, tuple[Any, str]] = {
    "no object": ("hello", ".type: the component is left out: a string is needed here"),
    "no type": ({}, ".type: the component is left out: a string is needed here"),
    "wamplet": (
        {"type": "wamplet"},
        ".type: the component is left out: a component of type `wamplet` has no counterpart in a fleet file",
    ),
    "no class": ({"type": "class"}, ".classname: the component is left out: a string is needed here"),
    "no module": (
        a_class("Hello", websocket()),
        '.classname: the component is left out: must be such as `package.module.name`, not `"Hello"`',
    ),
    "no name": (
        a_class("caller-callee.My", websocket()),
        '.classname: the component is left out: must be such as `package.module.name`, not `"caller-callee.My"`',
    ),
    "no callbacks": (a_function({}, websocket()), ".callbacks: the component is left out: a function needs a callback"),
    "no callback": (
        a_function({"join": "joined"}, websocket()),
        '.callbacks.join: the component is left out: must be such as `package.module.name`, not `"joined"`',
    ),
    "no realm": (
        {**hello(), "realm": 7},
        ".realm: the component is left out: a string is needed here",
    ),
    "a realm with a space": (
        {**hello(), "realm": "a b"},
        (
            ": the component is left out: "
            '`realm` of component `Hello` must be a string without spaces that is not empty, not `"a b"`'
        ),
    ),
    "no extra": (hello(extra="x"), ".extra: the component is left out: must be an object"),
    "callbacks in extra": (
        a_function({"join": "a.b"}, websocket(), extra={"callbacks": 1}),
        ".extra.callbacks: the component is left out: the callbacks of a function have this place in a fleet file",
    ),
}


@pytest.mark.parametrize(("component", "note"), WRONG.values(), ids=WRONG)
def test_a_component_that_can_not_be_taken_over_says_why(component: Any, note: str, left_out: LeftOut) -> None:
    assert left_out(component) == [f"{COMPONENT}{note}"]


def test_one_that_is_left_out_leaves_the_others_alone(imported: Import) -> None:
    converted = imported(node(container({"type": "class"}, hello()), "x", {"id": "y"}))  # type: ignore[arg-type]
    assert [component.name for component in converted.fleet.components] == ["Hello"]
    assert converted.notes == [
        f"{COMPONENT}.classname: the component is left out: a string is needed here",
        "workers[1]: is no worker: it has no `type`",
        "workers[2]: is no worker: it has no `type`",
    ]


def test_unknown_keys_are_listed(imported: Import) -> None:
    worker = {**container(hello(role="x")), "manhole": {}, "connections": []}
    converted = imported({**node(worker), "wrokers": []})
    assert converted.notes == [
        "wrokers: is nothing that Crossbar.io knows",
        "workers[0].manhole: has no counterpart in a fleet file",
        "workers[0].connections: has no counterpart in a fleet file",
        f"{COMPONENT}.role: has no counterpart in a fleet file",
    ]


def test_unknown_callbacks_are_listed(alone: Alone) -> None:
    converted = alone(a_function({"join": "a.b", "ready": "a.c"}, websocket()))
    assert converted.component["extra"]["callbacks"] == {"join": "a:b"}
    assert converted.notes == [
        f"{COMPONENT}.callbacks.ready: is none of the callbacks of Crossbar.io: connect, join, leave, disconnect"
    ]


# Extra and secrets


def test_extra_is_kept_as_far_as_toml_can_say_it(alone: Alone, folder: Path) -> None:
    extra = {"a": {"b": [1, 2.5, True, {"c": "d"}]}, "none": None, "holes": [1, None], "big": 2**63, "odd key": "é\n"}
    converted = alone(hello(extra=extra))
    assert converted.component["extra"] == {"a": extra["a"], "odd key": "é\n", "cbdir": str(folder)}
    assert converted.notes == [
        f"{COMPONENT}.extra.none: is left out, as TOML has no null",
        f"{COMPONENT}.extra.holes[1]: is left out, as TOML has no null",
        f"{COMPONENT}.extra.big: is left out, as an integer of TOML has 64 bits",
    ]


def test_what_yaml_has_and_toml_has_not_is_left_out(imported: Import) -> None:
    text = "{workers: [{type: container, components: [{type: class, classname: a.B, realm: r, transport: {type: "
    text += "rawsocket, endpoint: {type: unix, path: /x}}, extra: {1: 2, b: !!binary aGk=, c: !!set {x}, d: 1}}]}]}"
    converted = imported(text, "config.yaml")
    assert converted.component["extra"].keys() == {"d", "cbdir"}
    assert converted.component["transports"] == {"url": "rs://unix:/x", "serializer": "json"}
    assert converted.notes == [
        f"{COMPONENT}.extra: its key `1` is left out, as a key of TOML is a string",
        f"{COMPONENT}.extra.b: is left out, as TOML has no bytes",
        f"{COMPONENT}.extra.c: is left out, as TOML has no set",
    ]


def test_a_dollar_stays_one(alone: Alone) -> None:
    converted = alone(hello(extra={"home": "${HOME}/x", "price": "$5"}))
    assert converted.component["extra"]["home"] == "$${HOME}/x"
    assert converted.component["extra"]["price"] == "$5"


@pytest.mark.parametrize(
    ("extra", "place", "key", "source"),
    [
        ({"log": {"file": "x.log"}}, "log", "file", "a file"),
        ({"a": {"b": [1, {"env": "HOME"}]}}, "a.b[1]", "env", "an environment variable"),
        ({"log": {"file": "x.log", "level": None}}, "log", "file", "a file"),
        ({"log": {"env": 7}}, "log", "env", "an environment variable"),
    ],
)
def test_what_a_fleet_file_would_take_for_the_place_of_a_secret(
    extra: Any, place: str, key: str, source: str, left_out: LeftOut
) -> None:
    assert left_out(hello(extra=extra)) == [
        (
            f"{COMPONENT}.extra.{place}: the component is left out: "
            f"a fleet file would take a table of `{key}` alone for a secret from {source}"
        )
    ]


def test_other_tables_with_such_keys_are_kept(alone: Alone) -> None:
    extra = {"log": {"file": "x.log", "level": 1}, "file": "y", "more": {"files": "z"}}
    converted = alone(hello(extra=extra))
    assert converted.component["extra"] == {**extra, "cbdir": converted.component["extra"]["cbdir"]}
    assert set(alone(hello(extra={"file": "y"})).component["extra"]) == {"file", "cbdir"}


@pytest.mark.parametrize("key", ["dbpass", "passwd", "pass", "DB_PASS", "userPass", "passphrase", "pass_1"])
def test_keys_that_are_likely_to_be_those_of_secrets(alone: Alone, key: str) -> None:
    (note,) = alone(hello(extra={key: "hunter2-import"})).notes
    assert note.startswith(f"{COMPONENT}.extra.{key}: looks like a secret")


@pytest.mark.parametrize("key", ["bypass", "compass", "passenger", "passive", "surpass"])
def test_keys_that_are_not(alone: Alone, key: str) -> None:
    assert alone(hello(extra={key: "north"})).notes == []


def test_a_secret_in_extra_is_kept_and_told_without_its_value(alone: Alone) -> None:
    converted = alone(hello(extra={"user": "joe", "login": {"Ticket": "hunter2-import"}, "token": "${TOKEN}"}))
    assert converted.component["extra"]["login"]["Ticket"] == "hunter2-import"
    assert converted.notes == [
        (
            f"{COMPONENT}.extra.login.Ticket: looks like a secret, which the fleet file now holds: "
            "`${NAME}` takes it from the environment"
        )
    ]
    assert mask("hunter2-import") == "..."


def test_auth_is_kept_as_a_comment_since_crossbar_does_not_use_it(alone: Alone) -> None:
    auth = {"ticket": {"authid": "joe", "ticket": "s3cr3t-import"}}
    converted = alone(a_function({"join": "a.b"}, websocket(), auth=auth, extra={"x": "y" * 100}))
    assert "authentication" not in converted.component
    assert converted.notes == [
        (
            f"{COMPONENT}.auth: Crossbar.io does not use it and joins as anonymous; "
            "the fleet file has it as a comment, with its secrets"
        )
    ]
    lines = converted.text.splitlines()
    comment = '# authentication = { ticket = { authid = "joe", ticket = "s3cr3t-import" } }'
    assert lines.index("[components.a]") < lines.index(comment) < lines.index("[components.a.extra]")


# Workers

RESTARTS = {
    "restart-always": {"policy": "always", "max_restarts": -1},
    "restart-on-failed": {"max_restarts": -1},
    "restart-never": {"policy": "never"},
}


@pytest.mark.parametrize(("mode", "expected"), RESTARTS.items())
def test_restart_modes(mode: str, expected: dict[str, Any], alone: Alone) -> None:
    assert alone(hello(), restart=mode).component["restart"] == expected


def test_a_restart_policy_is_shared_by_all_or_stands_with_each(imported: Import) -> None:
    always, failed = container(hello(), hello(), restart="restart-always"), container(hello(), restart="restart-failed")
    assert imported(node(always)).document["defaults"]["restart"] == RESTARTS["restart-always"]
    mixed = imported(node(always, failed))
    assert "restart" not in mixed.document["defaults"]
    assert [component.restart.policy for component in mixed.fleet.components] == ["always", "always", "on-failure"]


def test_values_that_python_takes_for_equal_are_not_shared(imported: Import) -> None:
    converted = imported(node(container(hello(extra={"x": 1}), hello(extra={"x": True}), hello(extra={"x": 1}))))
    extras = [component.extra for component in converted.fleet.components]
    assert [repr(extra and extra["x"]) for extra in extras] == ["1", "True", "1"]


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        ("failed", "ends the fleet when one fails, and not only this container"),
        ("stopped", "ends the fleet when one fails, but not when one has done its work"),
    ],
)
def test_containers_that_end_with_any_component_have_critical_ones(mode: str, what: str, alone: Alone) -> None:
    converted = alone(hello(), shutdown=f"shutdown-on-any-component-{mode}")
    assert converted.component["critical"] is True
    assert converted.notes == [f"{OPTIONS}.shutdown: its components are `critical`, which {what}"]


def test_a_fleet_ends_with_its_last_component_only_where_every_worker_does(imported: Import) -> None:
    ends = container(hello(), shutdown="shutdown-on-last-component-stopped")
    converted = imported(node(ends, container(hello())))
    assert converted.fleet.supervisor.exit_when == "never"
    assert converted.notes == [
        (
            "workers: `shutdown-on-last-component-stopped` is not taken over: "
            "there are other workers, and a fleet ends as a whole"
        )
    ]
    assert imported(node(ends, ends)).fleet.supervisor.exit_when == "all-done"


def test_a_disabled_worker_has_components_that_a_person_starts(alone: Alone) -> None:
    converted = alone(hello(), disabled=True)
    assert converted.component["autostart"] is False
    assert converted.notes == [f"{OPTIONS}.disabled: its components wait for `wampsup start NAME`"]
    assert "autostart" not in alone(hello(), disabled="${OFF}").component


def test_paths_of_all_workers_are_on_the_path_once(imported: Import, folder: Path) -> None:
    containers = [container(hello(), pythonpath=paths) for paths in (["..", "lib"], ["/opt/lib", ".."])]
    lone = {**container({}), "options": {"pythonpath": ["nobody"]}}
    embedded = router(web(), components=[a_class("a.B")], options={"pythonpath": ["in-router", 7], "title": "R"})
    converted = imported(node(embedded, *containers, lone))
    paths = [f"{folder}/in-router", str(folder.parent), f"{folder}/lib", "/opt/lib"]
    assert converted.document["supervisor"]["python_path"] == paths
    assert "workers[0].options.pythonpath[1]: is no path" in converted.notes
    assert not any("title" in note for note in converted.notes)


def test_the_environment_of_a_worker_is_listed_without_its_values(alone: Alone) -> None:
    converted = alone(hello(), env={"inherit": ["HOME"], "vars": {"DB": "postgres://joe:hunter2@db", "TZ": "UTC"}})
    assert converted.notes == [
        f"{OPTIONS}.env.vars: a fleet sets no environment variables: start it with `DB`, `TZ`",
        f"{OPTIONS}.env.inherit: a fleet has all of the environment that it is started with",
    ]


def test_wrong_options_are_listed(alone: Alone) -> None:
    converted = alone(hello(), restart="x", shutdown=["y"], pythonpath="..", colour="red")
    assert converted.notes == [
        f"{OPTIONS}.colour: has no counterpart in a fleet file",
        f'{OPTIONS}.pythonpath: must be a list, not `".."`',
        f"{OPTIONS}.shutdown: is no shutdown mode of a container",
        f"{OPTIONS}.restart: is no restart mode of Crossbar.io",
    ]
