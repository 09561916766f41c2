"""Ways to a router: those of containers, and those that a component of a router finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.nodes import a_class, container, listening, node, plain, router, tcp, unix_rawsocket, web, websocket
from wampsup.conversion.options import RAWSOCKET, WEBSOCKET
from wampsup.wamp.options import known_options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.converted import Converted, Import

    Alone = Callable[..., Converted]
    LeftOut = Callable[..., list[str]]

TRANSPORT = "workers[0].components[0].transport"


def over(url: str, endpoint: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A component that connects so."""
    return a_class("a.B", {"type": "websocket", "url": url, "endpoint": endpoint, **keys})


SAID_BY_URL: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("ws://127.0.0.1:8080/ws", tcp(8080)),
    "usual port": ("ws://localhost/ws", tcp(80, host="localhost")),
    "usual timeout": ("ws://127.0.0.1:8080/ws", tcp(8080, timeout=10)),
    "IPv6": ("ws://[::1]:8080/ws", tcp(8080, host="::1")),
    "TLS": ("wss://example.com/ws", tcp(443, host="example.com", tls={"hostname": "example.com"})),
}


@pytest.mark.parametrize(("url", "endpoint"), SAID_BY_URL.values(), ids=SAID_BY_URL)
def test_a_url_that_says_all_stands_alone(url: str, endpoint: dict[str, Any], alone: Alone) -> None:
    assert alone(over(url, endpoint)).component["transports"] == url


NOT_SAID_BY_URL: dict[str, tuple[str, dict[str, Any], dict[str, Any] | str]] = {
    "elsewhere": ("ws://example.com/ws", tcp(8080), {"host": "127.0.0.1", "port": 8080}),
    "version": (
        "ws://127.0.0.1:8080/ws",
        tcp(8080, version=4, timeout=3),
        {"host": "127.0.0.1", "port": 8080, "timeout": 3, "version": 4},
    ),
    "TLS to a plain URL": (
        "ws://127.0.0.1:8080/ws",
        tcp(8080, tls={"hostname": "a.example"}),
        {"host": "127.0.0.1", "port": 8080, "tls": {"hostname": "a.example"}},
    ),
    "unix": ("ws://localhost/ws", {"type": "unix", "path": "/run/xb.sock"}, {"path": "/run/xb.sock"}),
    "Twisted": ("ws://localhost/ws", {"type": "twisted", "client_string": "tcp:a:80"}, "tcp:a:80"),
}


@pytest.mark.parametrize(("url", "endpoint", "expected"), NOT_SAID_BY_URL.values(), ids=NOT_SAID_BY_URL)
def test_an_endpoint_that_the_url_does_not_say_stands_beside_it(
    url: str, endpoint: dict[str, Any], expected: dict[str, Any] | str, alone: Alone
) -> None:
    converted = alone(over(url, endpoint))
    assert converted.component["transports"] == {"url": url, "endpoint": expected}
    assert converted.notes == []


def test_serializers_are_kept_as_far_as_components_have_them(alone: Alone) -> None:
    serializers = ["msgpack", "json.batched", "cbor"]
    converted = alone(over("ws://127.0.0.1:8080/ws", tcp(8080), serializers=serializers))
    assert converted.component["transports"]["serializers"] == ["msgpack", "cbor"]
    assert converted.notes == [
        f"{TRANSPORT}.serializers[1]: is left out: a component has `cbor`, `json`, `msgpack`, `ubjson`"
    ]


def test_an_endpoint_without_tls_has_none_whatever_the_url_says(alone: Alone) -> None:
    converted = alone(over("wss://127.0.0.1:8080/ws", tcp(8080)))
    assert converted.component["transports"]["endpoint"] == {"host": "127.0.0.1", "port": 8080, "tls": False}
    assert converted.notes == [
        f"{TRANSPORT}.endpoint: has no `tls`: as Crossbar.io does, it connects without TLS, whatever the URL says"
    ]


def test_a_certificate_without_its_key_is_not_used(alone: Alone) -> None:
    tls = {"hostname": "127.0.0.1", "certificate": "client.crt", "ca_certificates": ["ca.pem"]}
    converted = alone(over("wss://127.0.0.1:8080/ws", tcp(8080, tls=tls)))
    assert "certificate" not in converted.component["transports"]["endpoint"]["tls"]
    assert converted.notes == [
        f"{TRANSPORT}.endpoint.tls.certificate: has no `key` beside it, so that Crossbar.io does not use it"
    ]


RAWSOCKETS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "tcp": (tcp(8081), {"url": "rs://127.0.0.1:8081"}),
    "IPv6": (tcp(8081, host="::1"), {"url": "rs://[::1]:8081"}),
    "TLS": (tcp(8081, host="a.example", tls={"hostname": "a.example"}), {"url": "rss://a.example:8081"}),
    "unix": ({"type": "unix", "path": "/run/xb.sock"}, {"url": "rs://unix:/run/xb.sock"}),
    "a path with a space": (
        {"type": "unix", "path": "/run/x b.sock"},
        {"type": "rawsocket", "endpoint": {"path": "/run/x b.sock"}},
    ),
    "Twisted": (
        {"type": "twisted", "client_string": "unix:/run/xb.sock"},
        {"type": "rawsocket", "endpoint": "unix:/run/xb.sock"},
    ),
    "timeout": (
        tcp(8081, timeout=3),
        {"url": "rs://127.0.0.1:8081", "endpoint": {"host": "127.0.0.1", "port": 8081, "timeout": 3}},
    ),
}


@pytest.mark.parametrize(("endpoint", "expected"), RAWSOCKETS.values(), ids=RAWSOCKETS)
def test_rawsockets(endpoint: dict[str, Any], expected: dict[str, Any], alone: Alone) -> None:
    component = a_class("a.B", {"type": "rawsocket", "endpoint": endpoint, "serializer": "msgpack"})
    assert alone(component).component["transports"] == {**expected, "serializer": "msgpack"}


def test_relative_paths_are_those_of_the_node(alone: Alone, folder: Path) -> None:
    converted = alone(a_class("a.B", unix_rawsocket("../run/./xb.sock")))
    assert converted.component["transports"]["url"] == f"rs://unix:{folder.parent}/run/xb.sock"


def test_options_get_the_names_and_units_of_autobahn(alone: Alone) -> None:
    options = {
        "open_handshake_timeout": 2500,
        "auto_ping_interval": 10000,
        "max_frame_size": 1048576,
        "validate_utf8": False,
        "enable_webstatus": True,
        "compression": {"deflate": {}},
    }
    converted = alone(over("ws://127.0.0.1:8080/ws", tcp(8080), options=options))
    assert converted.component["transports"]["options"] == {
        "auto_ping_interval": 10,
        "max_frame_payload_size": 1048576,
        "open_handshake_timeout": 2.5,
        "utf8validate_incoming": False,
    }
    assert converted.notes == [
        f"{TRANSPORT}.options.enable_webstatus: has no effect on the side of a component",
        f"{TRANSPORT}.options.compression: has no effect on the side of a component",
    ]


@pytest.mark.parametrize(("kind", "names"), [("websocket", WEBSOCKET), ("rawsocket", RAWSOCKET)])
def test_autobahn_knows_every_option_that_is_written(kind: str, names: dict[str, str]) -> None:
    assert set(names.values()) <= set(known_options(kind))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "none": (a_class("a.B"), "type: the component is left out: a string is needed here"),
    "unknown": (
        a_class("a.B", {"type": "longpoll"}),
        "type: the component is left out: a transport of type `longpoll` is none of a component",
    ),
    "no URL": (
        a_class("a.B", {"type": "websocket", "endpoint": tcp(1)}),
        "url: the component is left out: a string is needed here",
    ),
    "no WebSocket": (
        over("http://joe:hunter2@127.0.0.1/", tcp(1)),
        "url: the component is left out: must be a URL that begins with `ws://`, `wss://`, `rs://` or `rss://`",
    ),
    "Tor": (
        over("ws://x.onion/", {"type": "tor", "host": "x.onion", "port": 80, "tor_socks_port": 9050}),
        "endpoint.type: the component is left out: an endpoint of type `tor` has no counterpart in a fleet file",
    ),
}


@pytest.mark.parametrize(("component", "note"), WRONG.values(), ids=WRONG)
def test_a_component_without_a_way_is_left_out(component: dict[str, Any], note: str, left_out: LeftOut) -> None:
    assert left_out(component) == [f"{TRANSPORT}.{note}"]


def test_what_a_fleet_file_does_not_take_is_told_in_its_words(left_out: LeftOut) -> None:
    where = "workers[0].components[0]"
    assert left_out(over("ws://localhost/ws", tcp(99999))) == [
        (
            f"{where}: the component is left out: "
            "`transports.endpoint.port` of component `B` must be a port from 1 to 65535, not `99999`"
        )
    ]


ANYBODY = {"ticket": {"type": "static", "principals": {}}, "anonymous": {"type": "static", "role": "public"}}
WAYS: dict[str, tuple[dict[str, Any], Any]] = {
    "web": (web(), "ws://127.0.0.1:8080/ws"),
    "a root": (
        {"type": "web", "endpoint": listening(), "paths": {"/": {"type": "websocket"}}},
        "ws://127.0.0.1:8080/",
    ),
    "a path in a path": (
        {
            "type": "web",
            "endpoint": listening(),
            "paths": {"/": {"type": "static"}, "a": {"type": "path", "paths": {"b": {"type": "websocket"}}}},
        },
        "ws://127.0.0.1:8080/a/b",
    ),
    "interface": (plain("websocket", 1, endpoint=listening(interface="10.0.0.7")), "ws://10.0.0.7:8080/"),
    "all interfaces": (plain("websocket", 1, endpoint=listening(interface="0.0.0.0")), "ws://127.0.0.1:8080/"),
    "IPv6": (plain("websocket", 1, endpoint=listening(version=6)), "ws://[::1]:8080/"),
    "rawsocket": (
        plain("rawsocket", 8081, serializers=["msgpack", "cbor"]),
        {"url": "rs://127.0.0.1:8081", "serializer": "msgpack"},
    ),
    "unix": (
        {"type": "websocket", "endpoint": {"type": "unix", "path": "/run/xb.sock"}},
        {"url": "ws://localhost/", "endpoint": {"path": "/run/xb.sock"}},
    ),
    "anonymous": (web(auth=ANYBODY), "ws://127.0.0.1:8080/ws"),
}


@pytest.mark.parametrize(("transport", "expected"), WAYS.values(), ids=WAYS)
def test_a_component_of_a_router_finds_a_way(transport: dict[str, Any], expected: Any, imported: Import) -> None:
    component = a_class("a.B", role="public" if transport == web(auth=ANYBODY) else "anonymous")
    converted = imported(node(router(transport, components=[component], roles=("anonymous", "public"))))
    assert converted.component["transports"] == expected
    assert len(converted.notes) == 1


NO_WAYS: dict[str, dict[str, Any]] = {
    "credentials": web(auth={"wampcra": {"type": "static", "users": {}}}),
    "TLS": plain("websocket", 1, endpoint=listening(tls={"key": "k", "certificate": "c"})),
    "a port that nobody knows": plain("websocket", 1, endpoint=listening("$PORT")),  # type: ignore[arg-type]
    "a path that nobody knows": plain("rawsocket", 1, endpoint={"type": "unix", "path": "$RUN/sock"}),
    "a role that the realm lacks": web(auth={"anonymous": {"type": "static", "role": "guest"}}),
    "other protocols": plain("mqtt", 1883),
}


@pytest.mark.parametrize("transport", NO_WAYS.values(), ids=NO_WAYS)
def test_a_component_of_a_router_without_a_way_is_left_out(
    transport: dict[str, Any], attempt: Callable[..., Any]
) -> None:
    conversion = attempt(node(router(transport, components=[a_class("a.B")])))
    assert conversion.text is None
    assert [note.about() for note in conversion.notes] == [
        (
            "workers[0].components[0]: the component is left out: "
            "it runs inside its router, which listens nowhere for one without credentials"
        )
    ]


def test_the_way_that_gives_the_same_role_comes_first(imported: Import) -> None:
    private = web(8090, auth={"anonymous": {"type": "static", "role": "backend"}})
    component = a_class("a.B", role="backend", references=["connection:c1"])
    converted = imported(node(router(web(), private, components=[component], roles=("anonymous", "backend"))))
    assert converted.component["transports"] == "ws://127.0.0.1:8090/ws"
    assert converted.notes == [
        "workers[0].components[0].references: has no counterpart in a fleet file",
        "workers[0].components[0]: it ran inside its router, and connects to ws://127.0.0.1:8090/ws now",
    ]


@pytest.mark.parametrize(
    ("auth", "role"),
    [({}, "`anonymous`"), ({"anonymous": {"type": "dynamic"}}, "the one that an authenticator gives")],
    ids=["static", "dynamic"],
)
def test_a_role_that_is_lost_is_told(auth: dict[str, Any], role: str, imported: Import) -> None:
    converted = imported(node(router(web(auth=auth), components=[a_class("a.B", role="backend")])))
    assert converted.notes[1] == (
        f"workers[0].components[0].role: its role was `backend`; over ws://127.0.0.1:8080/ws it is {role}"
    )


def test_a_container_keeps_its_own_way(imported: Import) -> None:
    converted = imported(node(router(web(8090)), container(a_class("a.B", websocket(9000)))))
    assert converted.component["transports"] == "ws://127.0.0.1:9000/ws"
