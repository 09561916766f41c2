"""What a fleet file without mistakes means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wampsup.config.places import LocatedError
from wampsup.config.positions import scan
from wampsup.config.schema import FleetTable
from wampsup.errors import FleetFileError, WampsupError
from wampsup.model.secret import Secret
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    FleetSpec,
    GroupSpec,
    HealthPolicy,
    HttpAddress,
    LogFileSpec,
    RestartPolicy,
    RetryPolicy,
    RouterSpec,
    SupervisorSpec,
    TcpEndpoint,
    TlsSpec,
    TransportSpec,
    UnixEndpoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wampsup.config import FleetFile

FULL = """\
[supervisor]
name = "edge"
socket = "run/edge.sock"
socket_mode = "0660"
socket_group = "60"
http = "[::1]:9100"
http_hosts = ["edge.example"]
log_level = "debug"
log_format = "json"
log_file = { path = "log/{component}.log", max_bytes = 0, backups = 9 }
log_lines = 9
reactor = "asyncio"
python_path = ["lib", "/opt/lib"]
exit_when = "all-done"
stop_timeout = 20
start_window = 8
stall_after = 0
fatal_stall = 30

[router]
listen = ["ws://127.0.0.1:8080/ws", "rs://127.0.0.1:0", "rs://unix:router.sock"]
realms = ["r1", "r2"]

[components.clock]
main = "clock:main"
session_factory = "clock:Session.nested"
realm = "r1"
extra = { zone = "UTC", steps = [1, 2] }
is_fatal = ["wamp.error.*", "builtins.ValueError", "clock:is_fatal"]
is_fatal_default = false
autostart = false
critical = true
start_timeout = 5
after = "feed.north"
requires = ["group:feeds"]
group = "clocks"
instances = 1
stop_timeout = 0.5
max_stall = 2
on_user_error = "log"
health = { procedure = "clock.health", interval = 1, timeout = 0.5, failures = 2 }

[components.clock.restart]
policy = "always"
initial_delay = 0.5
max_delay = 5
growth = 1
jitter = 0
reset_after = 0
max_restarts = -1
window = 60

[components.clock.authentication.ticket]
authid = "joe"
ticket = "s3cret"
[components.clock.authentication.anonymous-proxy.authextra]
proxy_authrole = "member"
proxy_authid = "joe"
proxy_realm = "r1"

[[components.clock.transports]]
url = "wss://router.example/ws"
serializers = ["cbor", "json"]
options = { autoPingInterval = 10, open_handshake_timeout = 3 }
headers = { X-Site = "north" }
proxy = { host = "proxy", port = 3128 }
max_retries = 4
initial_retry_delay = 0.1
max_retry_delay = 10
retry_delay_growth = 2
retry_delay_jitter = 0.5

[[components.clock.transports]]
type = "rawsocket"
serializer = "msgpack"
[components.clock.transports.endpoint]
type = "tcp"
host = "::1"
port = 8081
timeout = 3
version = 6
[components.clock.transports.endpoint.tls]
hostname = "router.example"
trust_root = ["a.pem", "/b.pem"]
certificate = "c.pem"
key = "k.pem"

[components."feed.north"]
component = "feed:component"
is_fatal = "feed:is_fatal"
group = "feeds"

[groups.clocks]
strategy = "rest-for-one"
max_restarts = -1
window = 60
[groups.feeds]
"""


def test_a_full_example(read: Callable[[str], FleetFile], folder: Path) -> None:
    websocket = TransportSpec(
        type="websocket",
        url="wss://router.example/ws",
        endpoint=TcpEndpoint(host="router.example", port=443, tls=TlsSpec()),
        serializers=("cbor", "json"),
        options={"autoPingInterval": 10, "open_handshake_timeout": 3},
        headers={"X-Site": Secret("north")},
        proxy=TcpEndpoint(host="proxy", port=3128),
        retry=RetryPolicy(max_retries=4, backoff=Backoff(initial_delay=0.1, max_delay=10.0, growth=2.0, jitter=0.5)),
    )
    tls = TlsSpec(
        hostname="router.example",
        trust_root=(folder / "a.pem", Path("/b.pem")),
        certificate=folder / "c.pem",
        key=folder / "k.pem",
    )
    rawsocket = TransportSpec(
        type="rawsocket",
        url="rss://[::1]:8081",
        endpoint=TcpEndpoint(host="::1", port=8081, timeout=3.0, version=6, tls=tls),
        serializers=("msgpack",),
    )
    clock = ComponentSpec(
        name="clock@1",
        main="clock:main",
        session_factory="clock:Session.nested",
        realm="r1",
        transports=(websocket, rawsocket),
        extra={"zone": "UTC", "steps": [1, 2], "instance": 1},
        authentication={
            "ticket": {"authid": "joe", "ticket": Secret("s3cret")},
            "anonymous-proxy": {"authextra": {"proxy_authrole": "member", "proxy_authid": "joe", "proxy_realm": "r1"}},
        },
        is_fatal=("wamp.error.*", "builtins.ValueError", "clock:is_fatal"),
        is_fatal_default=False,
        autostart=False,
        critical=True,
        after=("feed.north",),
        requires=("feed.north",),
        group="clocks",
        instance_of="clock",
        start_timeout=5.0,
        stop_timeout=0.5,
        max_stall=2.0,
        on_user_error="log",
        restart=RestartPolicy(
            policy="always",
            backoff=Backoff(initial_delay=0.5, max_delay=5.0, growth=1.0, jitter=0.0),
            reset_after=0.0,
            max_restarts=-1,
            window=60.0,
        ),
        health=HealthPolicy(procedure="clock.health", interval=1.0, timeout=0.5, failures=2),
    )
    assert read(FULL).spec == FleetSpec(
        supervisor=SupervisorSpec(
            name="edge",
            socket=folder / "run/edge.sock",
            socket_mode=0o660,
            socket_group=60,
            http=HttpAddress("::1", 9100),
            http_hosts=("edge.example",),
            log_level="debug",
            log_format="json",
            log_file=LogFileSpec(path=folder / "log/{component}.log", max_bytes=0, backups=9),
            log_lines=9,
            reactor="asyncio",
            python_path=(folder, folder / "lib", Path("/opt/lib")),
            exit_when="all-done",
            stop_timeout=20.0,
            start_window=8,
            stall_after=0.0,
            fatal_stall=30.0,
        ),
        router=RouterSpec(
            listen=("ws://127.0.0.1:8080/ws", "rs://127.0.0.1:0", f"rs://unix:{folder}/router.sock"),
            realms=("r1", "r2"),
        ),
        components=(
            clock,
            ComponentSpec(name="feed.north", component="feed:component", is_fatal="feed:is_fatal", group="feeds"),
        ),
        groups=(
            GroupSpec(name="clocks", strategy="rest-for-one", max_restarts=-1, window=60.0),
            GroupSpec(name="feeds"),
        ),
    )


def test_the_least_that_a_file_can_say_leaves_all_to_the_defaults_of_the_model(
    read: Callable[[str], FleetFile], folder: Path
) -> None:
    fleet_file = read('[components.x]\nmain = "m:f"')
    assert fleet_file.path == folder / "edge.toml"
    assert fleet_file.spec == FleetSpec(
        supervisor=SupervisorSpec(name="edge", python_path=(folder,)),
        components=(ComponentSpec(name="x", main="m:f"),),
    )


def test_a_log_file_may_be_said_by_its_path_alone(read: Callable[[str], FleetFile], folder: Path) -> None:
    spec = read('supervisor.log_file = "edge.log"\ncomponents.x.main = "m:f"').spec.supervisor.log_file
    assert spec == LogFileSpec(path=folder / "edge.log", max_bytes=10_000_000, backups=5)
    assert (spec.of(None), spec.of("x")) == (str(folder / "edge.log"),) * 2


def test_a_log_file_of_each_component_has_its_name(read: Callable[[str], FleetFile], folder: Path) -> None:
    spec = read('supervisor.log_file = "/log/{component}/out.log"\ncomponents.x.main = "m:f"').spec.supervisor.log_file
    assert spec is not None
    assert (spec.of(None), spec.of("x@1")) == ("/log/wampsup/out.log", "/log/x@1/out.log")


def test_the_least_transport_and_the_least_router_too(read: Callable[[str], FleetFile]) -> None:
    spec = read('router.listen = "ws://h:1"\ncomponents.x = { main = "m:f", transports = { url = "rs://h:1" } }').spec
    assert spec.router == RouterSpec(listen=("ws://h:1",), realms=("realm1",))
    assert spec.components[0].transports == (
        TransportSpec(type="rawsocket", url="rs://h:1", endpoint=TcpEndpoint(host="h", port=1)),
    )


@pytest.mark.parametrize(
    ("transport", "kind", "url", "endpoint"),
    [
        ("'ws://h'", "websocket", "ws://h", TcpEndpoint(host="h", port=80)),
        ("'wss://h:1/p?q=1'", "websocket", "wss://h:1/p?q=1", TcpEndpoint(host="h", port=1, tls=TlsSpec())),
        ("'ws://[::1]:8080/ws'", "websocket", "ws://[::1]:8080/ws", TcpEndpoint(host="::1", port=8080)),
        ("'rss://h:1'", "rawsocket", "rss://h:1", TcpEndpoint(host="h", port=1, tls=TlsSpec())),
        ("'rs://unix:/a/b:c'", "rawsocket", "rs://unix:/a/b:c", UnixEndpoint(path="/a/b:c")),
        ("'ws://unix:/a'", "websocket", "ws://unix:/a", UnixEndpoint(path="/a")),
        ("{url = 'ws://h', type = 'rawsocket'}", "rawsocket", "ws://h", TcpEndpoint(host="h", port=80)),
        ("{url = 'ws://h', endpoint = 'tls:h:443'}", "websocket", "ws://h", "tls:h:443"),
        ("{type = 'rawsocket', endpoint = 'tcp:h:1'}", "rawsocket", "tcp:h:1", "tcp:h:1"),
        ("{type = 'rawsocket', endpoint = {path = '/a'}}", "rawsocket", "rs://unix:/a", UnixEndpoint(path="/a")),
        (
            "{url = 'ws://h', endpoint = {path = '/a', timeout = 2}}",
            "websocket",
            "ws://h",
            UnixEndpoint(path="/a", timeout=2.0),
        ),
        (
            "{url = 'wss://h', endpoint = {path = '/a'}}",
            "websocket",
            "wss://h",
            UnixEndpoint(path="/a", tls=TlsSpec()),
        ),
        (
            "{type = 'rawsocket', endpoint = {path = '/a', tls.hostname = 'h'}}",
            "rawsocket",
            "rss://unix:/a",
            UnixEndpoint(path="/a", tls=TlsSpec(hostname="h")),
        ),
        (
            "{url = 'ws://h', endpoint = {host = 'i', port = 2, tls = true}}",
            "websocket",
            "ws://h",
            TcpEndpoint(host="i", port=2, tls=TlsSpec()),
        ),
        # The URL asks for TLS, whatever the address is, unless the file says otherwise.
        (
            "{url = 'wss://h', endpoint = {host = 'i', port = 2}}",
            "websocket",
            "wss://h",
            TcpEndpoint(host="i", port=2, tls=TlsSpec()),
        ),
        (
            "{url = 'wss://h', endpoint = {host = 'i', port = 2, tls = false}}",
            "websocket",
            "wss://h",
            TcpEndpoint(host="i", port=2),
        ),
        (
            "{url = 'wss://h', endpoint = {host = 'i', port = 2, tls = {trust_root = '/a.pem'}}}",
            "websocket",
            "wss://h",
            TcpEndpoint(host="i", port=2, tls=TlsSpec(trust_root=(Path("/a.pem"),))),
        ),
    ],
)
def test_the_endpoint_of_a_transport(
    read: Callable[[str], FleetFile], transport: str, kind: str, url: str, endpoint: object
) -> None:
    transports = read(f'[components.x]\nmain = "m:f"\ntransports = {transport}').spec.components[0].transports
    assert transports is not None
    assert [(found.type, found.url, found.endpoint) for found in transports] == [(kind, url, endpoint)]


def test_a_relative_unix_path_lies_in_the_folder_of_the_file(read: Callable[[str], FleetFile], folder: Path) -> None:
    text = '[components.x]\nmain = "m:f"\ntransports = ["rs://unix:r.sock", {url = "ws://h", endpoint.path = "s"}]'
    transports = read(text).spec.components[0].transports
    assert transports is not None
    assert transports[0].url == f"rs://unix:{folder}/r.sock"
    assert [transport.endpoint for transport in transports] == [
        UnixEndpoint(path=f"{folder}/r.sock"),
        UnixEndpoint(path=f"{folder}/s"),
    ]


DEFAULTS = """\
[defaults]
realm = "usual"
extra = { a = 1, b = 2 }
transports = "rs://h:1"
authentication = { ticket = { authid = "joe", ticket = "s3cret" } }
critical = true
restart = { policy = "never", max_restarts = 1 }
[components.takes_all]
main = "m:f"
[components.has_own]
main = "m:f"
realm = "own"
extra = { a = 3 }
transports = ["ws://i"]
authentication = { anonymous = {} }
critical = false
restart = { max_restarts = 2 }
"""


def test_a_component_takes_from_the_defaults_what_it_does_not_say(read: Callable[[str], FleetFile]) -> None:
    assert read(DEFAULTS).spec.components[0] == ComponentSpec(
        name="takes_all",
        main="m:f",
        realm="usual",
        extra={"a": 1, "b": 2},
        transports=(TransportSpec(type="rawsocket", url="rs://h:1", endpoint=TcpEndpoint(host="h", port=1)),),
        authentication={"ticket": {"authid": "joe", "ticket": Secret("s3cret")}},
        critical=True,
        restart=RestartPolicy(policy="never", max_restarts=1),
    )


def test_restart_is_merged_key_by_key_and_all_else_is_replaced_as_a_whole(read: Callable[[str], FleetFile]) -> None:
    assert read(DEFAULTS).spec.components[1] == ComponentSpec(
        name="has_own",
        main="m:f",
        realm="own",
        extra={"a": 3},
        transports=(TransportSpec(type="websocket", url="ws://i", endpoint=TcpEndpoint(host="i", port=80)),),
        authentication={"anonymous": {}},
        critical=False,
        restart=RestartPolicy(policy="never", max_restarts=2),
    )


def test_health_is_merged_key_by_key_and_without_a_procedure_nobody_is_asked(read: Callable[[str], FleetFile]) -> None:
    text = """\
[defaults.health]
interval = 60
failures = 1
[components.a]
main = "m:f"
[components.b]
main = "m:f"
health = { procedure = "b.health", failures = 2 }
"""
    assert [component.health for component in read(text).spec.components] == [
        None,
        HealthPolicy(procedure="b.health", interval=60.0, failures=2),
    ]
    text = text.replace("interval = 60", "procedure = 'health'")
    assert [component.health for component in read(text).spec.components] == [
        HealthPolicy(procedure="health", failures=1),
        HealthPolicy(procedure="b.health", failures=2),
    ]


def test_components_keep_the_order_of_the_file(read: Callable[[str], FleetFile]) -> None:
    text = "".join(f'[components.{name}]\nmain = "m:f"\n' for name in "zay")
    assert [component.name for component in read(text).spec.components] == ["z", "a", "y"]


def test_every_key_has_a_description() -> None:
    def tables(schema: dict[str, dict[str, dict[str, object]]]) -> list[dict[str, dict[str, object]]]:
        return [schema, *schema["$defs"].values()]  # type: ignore[list-item] # JSON Schema is not uniform

    bare = [
        key
        for table in tables(FleetTable.model_json_schema())
        for key, field in table.get("properties", {}).items()
        if "description" not in field  # type: ignore[operator] # a field's schema is an object
    ]
    assert bare == []


LITERALS = (
    "3",
    "-1",
    "nan",
    "true",
    '""',
    '"x"',
    '"x:y"',
    "[]",
    "[[]]",
    "{}",
    "{ a = [{}] }",
    '["x", {}]',
    "1979-05-27",
)


@pytest.mark.parametrize("literal", LITERALS)
def test_whatever_stands_where_a_value_should_is_taken_or_refused_at_its_place(
    read: Callable[[str], FleetFile], literal: str
) -> None:
    for spot in scan(FULL).values():
        if spot.value is None:
            continue
        text = f"{FULL[: spot.value.start]}{literal}{FULL[spot.value.end :]}"
        mistakes: Sequence[WampsupError] = ()
        try:
            read(text)
        except FleetFileError as error:
            mistakes = error.mistakes or [error]
        assert all(isinstance(mistake, LocatedError) and mistake.place for mistake in mistakes)


def test_reading_a_fleet_file_loads_neither_twisted_nor_autobahn() -> None:
    code = "import sys, wampsup.config; print({'twisted', 'autobahn', 'txaio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_methods_of_authentication_stay_in_the_order_of_the_file(read: Callable[[str], FleetFile]) -> None:
    text = """\
[components.x]
main = "m:f"
[components.x.authentication]
wampcra = { authid = "joe", secret = "s3cret" }
scram = { password = "s3cret", authid = "joe" }
ticket = { ticket = "s3cret", authextra = { copy = 1, Zebra = [true], a = 1.5 } }
cryptosign = { privkey = "%s", authextra = { json = {}, channel_binding = "tls-unique", a = 1.5 } }
anonymous = {}
""" % ("AB" * 32)
    authentication = read(text).spec.components[0].authentication
    assert authentication is not None
    assert list(authentication) == ["wampcra", "scram", "ticket", "cryptosign", "anonymous"]
    assert authentication["ticket"] == {
        "ticket": Secret("s3cret"),
        "authextra": {"copy": 1, "Zebra": [True], "a": 1.5},
    }
    assert authentication["cryptosign"] == {
        "privkey": Secret("AB" * 32),
        "authextra": {"json": {}, "channel_binding": "tls-unique", "a": 1.5},
    }
    assert [list(table) for table in authentication.values()][1] == ["password", "authid"]


def test_with_a_group_the_socket_is_open_to_it_unless_the_file_says_otherwise(
    read: Callable[[str], FleetFile],
) -> None:
    component = '[components.a]\nmain = "m:f"\n'
    assert read(f"[supervisor]\n{component}").spec.supervisor.socket_mode == 0o600
    group = read(f'[supervisor]\nsocket = "/run/edge/s"\nsocket_group = "root"\n{component}').spec.supervisor
    assert (group.socket_mode, group.socket_group) == (0o660, 0)
