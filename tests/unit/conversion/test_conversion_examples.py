"""The configurations that Crossbar.io's documentation, packages and examples show, as fleets."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from support.nodes import EXAMPLES, WITHOUT, YAML
from support.reactor import reactor
from wampsup.conversion.component import CALLBACK_SESSION
from wampsup.model.spec import RestartPolicy, TcpEndpoint, TlsSpec, UnixEndpoint
from wampsup.wamp.callbacks import CallbackSession
from wampsup.wamp.imports import load_callable
from wampsup.wamp.trying import try_transports

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.converted import Import
    from wampsup.conversion import Conversion

WS = "ws://127.0.0.1:8080/ws"


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_becomes_a_fleet_that_loads(name: str, imported: Import) -> None:
    converted = imported(EXAMPLES[name])
    assert converted.fleet.components
    assert all(component.realm == "realm1" for component in converted.fleet.components)


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"tls"}))  # whose certificates are not here
def test_the_transports_of_each_example_can_be_built(name: str, imported: Import) -> None:
    for component in imported(EXAMPLES[name]).fleet.components:
        assert list(try_transports(component.name, component.transports or (), reactor)) == []


def test_the_session_of_functions_is_there() -> None:
    assert load_callable(CALLBACK_SESSION) is CallbackSession


@pytest.mark.parametrize("name", WITHOUT)
def test_a_node_without_components_becomes_none(name: str, attempt: Callable[..., Conversion]) -> None:
    assert attempt(WITHOUT[name]).text is None


def test_the_hello_template(imported: Import, folder: Path) -> None:
    converted = imported(EXAMPLES["hello"])
    assert converted.notes == []
    assert converted.document == {
        "supervisor": {"python_path": [str(folder.parent)]},
        "components": {
            "AppSession": {
                "session_factory": "hello.hello:AppSession",
                "realm": "realm1",
                "transports": WS,
                "extra": {"cbdir": str(folder)},
            }
        },
    }


def test_what_components_share_is_said_once(imported: Import, folder: Path) -> None:
    converted = imported(EXAMPLES["roundtrip"])
    assert converted.document["defaults"] == {
        "realm": "realm1",
        "transports": {"url": f"rs://unix:{folder}/crossbar.sock", "serializer": "cbor"},
    }
    assert converted.document["components"]["AppSession-2"] == {
        "session_factory": "callee:AppSession",
        "extra": {"logname": "callee.2", "cbdir": str(folder)},
    }
    assert converted.transport(2).endpoint == UnixEndpoint(path=f"{folder}/crossbar.sock")


def test_a_rawsocket_that_is_always_restarted(imported: Import) -> None:
    converted = imported(EXAMPLES["rawsocket"])
    (component,) = converted.fleet.components
    transport = converted.transport(0)
    assert (transport.url, transport.serializers) == ("rs://127.0.0.1:8081", ("cbor",))
    assert transport.options == {"max_message_payload_size": 8192}
    assert component.restart == RestartPolicy(policy="always", max_restarts=-1)
    assert converted.notes == []


def test_a_node_that_ends_with_its_last_component(imported: Import) -> None:
    converted = imported(EXAMPLES["last-stopped"])
    (component,) = converted.fleet.components
    assert converted.fleet.supervisor.exit_when == "all-done"
    assert component.restart == RestartPolicy(policy="on-failure", max_restarts=-1)
    assert converted.transport(0).options == {"max_message_payload_size": 16384}


def test_a_component_inside_a_router_connects_to_it(imported: Import) -> None:
    converted = imported(EXAMPLES["embedded"])
    caller, _ = converted.fleet.components
    assert (caller.name, converted.transport(0).url) == ("MyCaller", "ws://127.0.0.1:8080/")
    place = "workers[0].components[0]"
    assert converted.notes == [f"{place}: it ran inside its router, and connects to ws://127.0.0.1:8080/ now"]


def test_an_authenticator_that_its_router_alone_lets_in_is_left_out(imported: Import) -> None:
    converted = imported(EXAMPLES["balloon"])
    assert [component.name for component in converted.fleet.components] == ["App"]
    assert converted.notes == [
        (
            "workers[0].components[0]: the component is left out: "
            "it runs inside its router, which listens nowhere for one without credentials"
        )
    ]


def test_tls_with_a_certificate_of_the_client(imported: Import, folder: Path) -> None:
    converted = imported(EXAMPLES["tls"])
    transport = converted.transport(0)
    assert transport.url == "wss://localhost:8080/ws"
    assert transport.endpoint == TcpEndpoint(
        host="127.0.0.1",
        port=8080,
        tls=TlsSpec(
            hostname="localhost",
            trust_root=(folder / "ca.cert.pem", folder / "intermediate.cert.pem"),
            certificate=folder / "client.crt",
            key=folder / "client.key",
        ),
    )


def test_two_classes_in_one_container(imported: Import, folder: Path) -> None:
    converted = imported(EXAMPLES["authorizer"])
    assert converted.document["defaults"] == {"realm": "realm1", "transports": WS, "extra": {"cbdir": str(folder)}}
    assert converted.document["components"] == {
        "Authorizer": {"session_factory": "authorizer:Authorizer"},
        "App": {"session_factory": "app:App"},
    }


@pytest.mark.parametrize(("name", "url"), [("embedded-function", "rs://127.0.0.1:8080"), ("function", WS)])
def test_functions(name: str, url: str, imported: Import, folder: Path) -> None:
    converted = imported(EXAMPLES[name])
    assert converted.component == {
        "session_factory": "wampsup.wamp.callbacks:CallbackSession",
        "realm": "realm1",
        "transports": url,
        "extra": {
            "callbacks": {
                "connect": "func_component:on_connect",
                "join": "func_component:on_join",
                "leave": "func_component:on_leave",
                "disconnect": "func_component:on_disconnect",
            },
            "cbdir": str(folder),
        },
    }
    assert "func_component" in converted.document["components"]


def test_what_components_expect_of_the_controller_is_listed(imported: Import) -> None:
    converted = imported(EXAMPLES["master"])
    options = "workers[1].options"
    assert converted.notes == [
        f"{options}.expose_controller: there is no controller outside of Crossbar.io: `config.controller` is missing",
        f"{options}.expose_shared: there is nothing that components share: `config.shared` is missing",
        "workers[1].components[0].extra.auto_default_mrealm.watch_to_pair_pattern: is left out, as TOML has no null",
    ]
    extra = converted.component["extra"]
    assert extra["metering"]["submit"]["url"] == "$${CROSSBAR_METERING_URL}"
    assert extra["auto_default_mrealm"] == {"enabled": True}


def test_guests_and_other_workers_are_listed(imported: Import) -> None:
    converted = imported(EXAMPLES["guest"])
    assert [component.name for component in converted.fleet.components] == ["greeter"]
    assert converted.notes == [
        "workers[1]: a guest (`/usr/bin/env`) is a process of its own, and no component",
        "workers[2]: a worker of type `websocket-testee` has no components to take over",
        "workers[3].options.title: has no counterpart: all components of a fleet share one process",
        "workers[3].options.cpu_affinity: has no counterpart: all components of a fleet share one process",
    ]


@pytest.mark.parametrize("name", ["config.yaml", "config.yml"])
def test_yaml(name: str, imported: Import) -> None:
    converted = imported(YAML, name)
    clock, display = converted.fleet.components
    assert (clock.name, display.name) == ("Clock", "Display")
    assert clock.extra is not None
    assert clock.extra["since"] == dt.date(2015, 11, 5)
    assert converted.transport(1).url == "ws://127.0.0.1:9000/ws"
