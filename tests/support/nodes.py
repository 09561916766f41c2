"""Configurations of Crossbar.io nodes in the shapes that its documentation, its packages and its examples show.

Each names where its shape is from. A test has Crossbar.io itself check them all.
"""

from __future__ import annotations

from typing import Any

REALM = "realm1"
ANONYMOUS = {"name": "anonymous", "permissions": [{"uri": "", "match": "prefix", "allow": {"call": True}}]}


def node(*workers: dict[str, Any]) -> dict[str, Any]:
    """A configuration with these workers."""
    return {"version": 2, "controller": {}, "workers": list(workers)}


def router(
    *transports: dict[str, Any], components: Any = (), roles: Any = ("anonymous",), **keys: Any
) -> dict[str, Any]:
    """A router worker with one realm."""
    realm = {"name": REALM, "roles": [{**ANONYMOUS, "name": role} for role in roles]}
    embedded = {"components": list(components)} if components else {}
    return {"type": "router", "realms": [realm], "transports": list(transports), **embedded, **keys}


def container(*components: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A container worker."""
    return {"type": "container", "options": {"pythonpath": [".."], **options}, "components": list(components)}


def a_class(classname: str, transport: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    """A component of type `class`; one of a router has no transport."""
    way = {} if transport is None else {"transport": transport}
    return {"type": "class", "classname": classname, "realm": REALM, **way, **keys}


def a_function(callbacks: dict[str, str], transport: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    """A component of type `function`."""
    way = {} if transport is None else {"transport": transport}
    return {"type": "function", "callbacks": callbacks, "realm": REALM, **way, **keys}


def tcp(port: int, **keys: Any) -> dict[str, Any]:
    """A connecting endpoint."""
    return {"type": "tcp", "host": "127.0.0.1", "port": port, **keys}


def websocket(port: int = 8080, **keys: Any) -> dict[str, Any]:
    """A connecting WebSocket."""
    return {"type": "websocket", "endpoint": tcp(port), "url": f"ws://127.0.0.1:{port}/ws", **keys}


def unix_rawsocket(path: str, serializer: str = "cbor") -> dict[str, Any]:
    """A connecting rawsocket on a unix socket."""
    return {"type": "rawsocket", "endpoint": {"type": "unix", "path": path}, "serializer": serializer}


def listening(port: int = 8080, **keys: Any) -> dict[str, Any]:
    """A listening endpoint."""
    return {"type": "tcp", "port": port, **keys}


def web(port: int = 8080, **ws: Any) -> dict[str, Any]:
    """A web server with static files and a WebSocket at /ws."""
    paths = {"/": {"type": "static", "directory": "../web"}, "ws": {"type": "websocket", **ws}}
    return {"type": "web", "endpoint": listening(port), "paths": paths}


def plain(kind: str, port: int, **keys: Any) -> dict[str, Any]:
    """A transport that listens on a port of its own."""
    return {"type": kind, "endpoint": listening(port), "options": {"max_message_size": 16384}, **keys}


DYNAMIC_WAMPCRA = {"wampcra": {"type": "dynamic", "authenticator": "com.balloon.authenticate"}}
DYNAMIC_TICKET = {"ticket": {"type": "dynamic", "authenticator": "com.example.authenticate"}}
STATIC_TICKET = {"ticket": {"type": "static", "principals": {"app": {"ticket": "secret456", "role": "app"}}}}
CLIENT_TLS = {
    "hostname": "localhost",
    "key": "client.key",
    "certificate": "client.crt",
    "ca_certificates": ["ca.cert.pem", "intermediate.cert.pem"],
}
PRINCIPAL = {"certificate-sha1": "B6:E5:E6:F2:2A:86:DB:3C:DC:9F:51:42:58:39:9B:14:92:5D:A1:EB", "role": "backend"}
FOUR_CALLBACKS = {event: f"func_component.on_{event}" for event in ("join", "leave", "connect", "disconnect")}

EXAMPLES: dict[str, dict[str, Any]] = {
    # docs/Container-Configuration.rst, and the test of the hello:python template
    "hello": node(router(web()), container(a_class("hello.hello.AppSession", websocket()))),
    # benchmark/rpc_roundtrip/.crossbar/config_uds_rawsocket_cbor.json
    "roundtrip": node(
        router({"type": "rawsocket", "endpoint": {"type": "unix", "path": "crossbar.sock"}, "serializers": ["cbor"]}),
        *(
            container(a_class(f"{code}.AppSession", unix_rawsocket("crossbar.sock"), extra={"logname": f"{code}.{n}"}))
            for code, n in (("callee", 1), ("callee", 2), ("caller", 1))
        ),
    ),
    # containers/max_message_size/.crossbar/config-rpc-rawsocket-2.json
    "rawsocket": node(
        router(plain("websocket", 8080), plain("rawsocket", 8081)),
        container(
            a_class(
                "caller_callee.MyCallerCallee",
                {
                    "type": "rawsocket",
                    "endpoint": tcp(8081),
                    "serializer": "cbor",
                    "url": "rs://127.0.0.1:8081",
                    "options": {"max_message_size": 8192},
                },
            ),
            restart="restart-always",
        ),
    ),
    # containers/failures/container/restart1/.crossbar/config-websocket-1.json and its like
    "last-stopped": node(
        router(plain("websocket", 8080)),
        container(
            a_class("myapp.MySession", websocket(options={"max_message_size": 16384})),
            shutdown="shutdown-on-last-component-stopped",
            restart="restart-on-failed",
        ),
    ),
    # containers/max_message_size/.crossbar/config-rpc-router-rawsocket-2.json
    "embedded": node(
        router(
            plain("websocket", 8080),
            plain("rawsocket", 8081),
            components=[a_class("caller.MyCaller")],
            options={"pythonpath": [".."]},
        ),
        container(a_class("callee.MyCallee", websocket())),
    ),
    # docs/Node-Configuration-Example.rst
    "balloon": node(
        router(
            web(8000, auth=DYNAMIC_WAMPCRA),
            components=[a_class("authenticator.AuthenticatorSession", role="authenticator")],
            roles=("authenticator", "backend", "anonymous"),
        ),
        container(a_class("balloon.App", websocket(8000))),
    ),
    # authentication/tls/static/.crossbar/config.json
    "tls": node(
        router(
            {
                "type": "web",
                "endpoint": listening(tls={"key": "server.key", "certificate": "server.crt"}),
                "paths": {
                    "ws": {
                        "type": "websocket",
                        "auth": {"tls": {"type": "static", "principals": {"client_0": PRINCIPAL}}},
                    }
                },
            }
        ),
        container(
            a_class(
                "backend.MyBackend",
                {"type": "websocket", "endpoint": tcp(8080, tls=CLIENT_TLS), "url": "wss://localhost:8080/ws"},
            )
        ),
    ),
    # authorization/dynamic/container/.crossbar/config.json
    "authorizer": node(
        router(web(auth=STATIC_TICKET), roles=("authorizer", "app")),
        container(a_class("authorizer.Authorizer", websocket()), a_class("app.App", websocket())),
    ),
    # crossbar pull request 945, on the transports of examples/router/.crossbar/config.json of autobahn-python
    "embedded-function": node(
        router(
            {
                "type": "universal",
                "endpoint": listening(),
                "rawsocket": {},
                "websocket": {"ws": {"type": "websocket"}},
                "web": {"paths": {"/": {"type": "static", "directory": "../.."}}},
            },
            components=[a_function(FOUR_CALLBACKS, role="anonymous")],
        )
    ),
    # the same in a container, where Crossbar.io demands `auth`
    "function": node(router(web()), container(a_function(FOUR_CALLBACKS, websocket(), auth={"anonymous": {}}))),
    # crossbar/master/node/config.json of the package
    "master": node(
        router(
            {"type": "rawsocket", "endpoint": {"type": "unix", "path": "sock1"}, "serializers": ["cbor"]},
            options={"expose_controller": True},
        ),
        {
            **container(
                a_class(
                    "crossbar.master.node.DomainController",
                    unix_rawsocket("sock1"),
                    extra={
                        "metering": {"period": 300, "submit": {"url": "${CROSSBAR_METERING_URL}", "timeout": 5}},
                        "auto_default_mrealm": {"enabled": True, "watch_to_pair_pattern": None},
                        "ipfs": {"gateway_url": "https://ipfs.infura.io:5001", "cache_dir": ".ipfs"},
                    },
                ),
                expose_shared=True,
                expose_controller=True,
                restart="restart-always",
                shutdown="shutdown-manual",
            ),
            "id": "cfrealmmanager1",
        },
    ),
    # docs/Guest-Configuration.rst beside a container, and crossbar/test/test_config2_merged.json
    "guest": node(
        router(web()),
        {"type": "guest", "executable": "/usr/bin/env", "arguments": ["node", "hello.js"]},
        {
            "type": "websocket-testee",
            "transport": {"type": "websocket", "endpoint": listening(9000)},
            "options": {"title": "WebSocket Testee", "cpu_affinity": [0]},
        },
        container(a_class("hello.Hello", websocket(), id="greeter"), title="greetings", cpu_affinity=[1]),
    ),
}
"""Nodes with components that can be taken over."""

WITHOUT: dict[str, dict[str, Any]] = {
    # what `crossbar init` writes
    "init": node(router(web(), plain("rawsocket", 8081))),
    # crossbar/edge/node/config/bare.json
    "bare": {"version": 2, "controller": {"options": {"shutdown": ["shutdown_on_shutdown_requested"]}}},
    # authentication/ticket/dynamic/.crossbar/config.json: only the router lets its authenticator in
    "authenticator": node(
        router(
            web(auth=DYNAMIC_TICKET),
            components=[a_class("authenticator.AuthenticatorSession", role="authenticator")],
            roles=("authenticator",),
        )
    ),
}
"""Nodes that have nothing to take over."""

# docs-old/_archive/Quick-Reference.md, with a container
YAML = """\
controller:
    # configuration of node controller process
    id: 'node301'

workers:
    - type: "router"
      realms:
          - name: "realm1"
            roles:
                - name: "anonymous"
      transports:
          - type: "websocket"
            endpoint:
                type: "tcp"
                port: 9000
    - type: container
      components:
          - type: class
            classname: clock.Clock
            realm: realm1
            extra:
                since: 2015-11-05
            transport: &router
                type: websocket
                url: ws://127.0.0.1:9000/ws
                endpoint: {type: tcp, host: 127.0.0.1, port: 9000}
          - type: class
            classname: clock.Display
            realm: realm1
            transport: *router
"""
