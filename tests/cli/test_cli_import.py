"""`wampsup import crossbar`, through the real command, and its fleet on a real router."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.command import fleet, wampsup
from support.crossbar import crossbar_executable
from support.files import write_module
from support.nodes import EXAMPLES, WITHOUT, a_class, a_function, container, node, router, unix_rawsocket, web
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar import Crossbar

PARTS = """
    from autobahn.twisted.wamp import ApplicationSession

    class Greeter(ApplicationSession):
        async def onJoin(self, details):
            await self.register(lambda: self.config.extra["greeting"], "com.example.greet")
            print("serves", sorted(self.config.extra))

    def connected(session, transport):
        print("connected", transport is not None)

    async def joined(session, details):
        print("heard", await session.call("com.example.greet"), "in", details.realm, sorted(session.config.extra))

    def left(session, details):
        print("left:", details.reason)

    def disconnected(session, was_clean):
        print("disconnected:", was_clean)
"""
CALLBACKS = {
    "connect": "parts.connected",
    "join": "parts.joined",
    "leave": "parts.left",
    "disconnect": "parts.disconnected",
}
CHECK = """
import json, sys
from crossbar.common.checkconfig import InvalidConfigException
from crossbar.personality import Personality
for name, config in json.load(sys.stdin).items():
    try:
        Personality.check_config(Personality, config)
    except InvalidConfigException as error:
        print(f"{name}: {error}")
"""


def write_node(folder: Path, config: Any, name: str = "config.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(config if isinstance(config, str) else json.dumps(config))
    return path


def test_the_fleet_of_a_node_runs(crossbar: Crossbar, tmp_path: Path) -> None:
    host, port = "127.0.0.1", crossbar.websocket_port
    ws = {
        "type": "websocket",
        "endpoint": {"type": "tcp", "host": host, "port": port},
        "url": crossbar.websocket_url,
        "options": {"open_handshake_timeout": 2500, "auto_ping_interval": 10000, "max_message_size": 1048576},
    }
    rawsocket = unix_rawsocket(crossbar.unix_path)
    config = node(
        container(
            a_class("parts.Greeter", ws, extra={"greeting": "Hello, ${YOU}!"}, id="greeter"),
            a_function(CALLBACKS, rawsocket, auth={"ticket": {"authid": "joe", "ticket": "s3cr3t-of-joe"}}),
        )
    )
    write_module(tmp_path, PARTS)
    done = wampsup("import", "crossbar", write_node(tmp_path / ".crossbar", config))
    assert done.code == 0
    assert "s3cr3t-of-joe" not in done.err
    path = tmp_path / "elsewhere" / "fleet.toml"
    path.parent.mkdir()
    path.write_text(done.out.replace("[components.parts]", '[components.parts]\nafter = "greeter"'))
    with fleet(path) as running:
        for name, url in (("greeter", crossbar.websocket_url), ("parts", crossbar.unix_url)):
            assert running.until(name, "running")["transport"] == url
        wait_until(lambda: "heard Hello" in running.err, 10, "the callback of join")
        assert running.stop() == 0
    told = [line.partition("] ")[2] for line in running.lines if "[parts]" in line or "[greeter]" in line]
    expected = [
        "serves ['cbdir', 'greeting']",
        "connected True",
        "left: wamp.close.normal",
        "disconnected: True",
    ]
    assert [line for line in told if line in expected] == expected
    assert any(line.endswith("in realm1 ['cbdir']") for line in told)


def test_what_is_not_taken_over_is_told_beside_the_fleet_file(tmp_path: Path) -> None:
    path = write_node(tmp_path, node({"type": "guest", "executable": "node"}, *EXAMPLES["hello"]["workers"]))
    done = wampsup("import", "crossbar", path.name, cwd=tmp_path)
    assert (done.code, done.err) == (0, "workers[0]: a guest (`node`) is a process of its own, and no component\n")
    assert done.out.startswith("# Made by `wampsup import crossbar config.json`.\n")


def test_a_node_without_components_is_an_error_after_what_is_told(tmp_path: Path) -> None:
    path = write_node(tmp_path, WITHOUT["authenticator"])
    done = wampsup("import", "crossbar", path.name, cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "workers[0].components[0]: the component is left out: "
        "it runs inside its router, which listens nowhere for one without credentials\n"
        "error: `config.json` has no component that could be taken over\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "err"),
    [
        (["crossbar", "none.json"], 1, "error: no Crossbar.io configuration at `none.json`\n"),
        (["crossbar", "."], 1, "error: `.` is a folder\nhint: name the file in it, such as `./config.json`\n"),
        (
            ["crossbar", "bad.json"],
            1,
            "error: `bad.json` is not valid JSON: expecting value at line 1, column 1\n",
        ),
        (
            ["systemd", "bad.json"],
            2,
            "error: unknown source `systemd`\nhint: `wampsup import --help` lists the sources\n",
        ),
    ],
    ids=["no file", "folder", "no JSON", "source"],
)
def test_mistakes_get_one_sentence(arguments: list[str], code: int, err: str, tmp_path: Path) -> None:
    write_node(tmp_path, "x", "bad.json")
    done = wampsup("import", *arguments, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (code, "", err)


def test_what_only_shows_on_this_machine_is_told_by_check(tmp_path: Path) -> None:
    tls = {"hostname": "localhost", "ca_certificates": ["ca.pem"], "certificate": "client.pem", "key": "client.key"}
    over_tls = {
        "type": "websocket",
        "url": "wss://localhost:1/ws",
        "endpoint": {"type": "tcp", "host": "localhost", "port": 1, "tls": tls},
    }
    over_string = {
        "type": "websocket",
        "url": "ws://localhost:2/ws",
        "endpoint": {"type": "twisted", "client_string": "bogus"},
        "serializers": ["cbor", "ubjson"],
    }
    write_module(tmp_path, PARTS)
    write_module(tmp_path / "lacks", "raise ImportError", "bjdata")
    components = [a_class("parts.Greeter", over_tls), a_class("parts.Greeter", over_string, id="other")]
    imported = wampsup("import", "crossbar", write_node(tmp_path / "n", node(container(*components))))
    assert (imported.code, imported.err) == (0, "")
    (tmp_path / "fleet.toml").write_text(imported.out)
    checked = wampsup("check", tmp_path / "fleet.toml", env={"PYTHONPATH": str(tmp_path / "lacks")})
    assert checked.code == 5
    of = "of component `Greeter`"
    gone = "no such file or directory"
    assert [line.removeprefix("error: ") for line in checked.err.splitlines() if line.startswith("error: ")] == [
        f"`tls.trust_root` in transport `wss://localhost:1/ws` {of}: cannot read `{tmp_path}/n/ca.pem`: {gone}",
        f"`tls.certificate` in transport `wss://localhost:1/ws` {of}: cannot read `{tmp_path}/n/client.pem`: {gone}",
        f"`tls.key` in transport `wss://localhost:1/ws` {of}: cannot read `{tmp_path}/n/client.key`: {gone}",
        (
            '`endpoint` of transport `ws://localhost:2/ws` of component `other` can\'t be built from `"bogus"`: '
            "there is no kind `bogus`"
        ),
        "serializer `ubjson` of transport `ws://localhost:2/ws` of component `other` is not installed",
    ]


def test_a_pipe_that_the_command_is_started_with_is_read(tmp_path: Path) -> None:
    text = json.dumps(node(container(a_class("a.B", unix_rawsocket("x")))))
    command = [sys.executable, "-m", "wampsup", "import", "crossbar", "/dev/stdin"]
    done = subprocess.run(
        command, input=text, capture_output=True, encoding="utf-8", cwd=tmp_path, timeout=60, check=True
    )
    assert "[components.B]" in done.stdout


def test_a_secret_is_not_told_where_it_stands_in_another_place(tmp_path: Path) -> None:
    component = a_class("a.B", unix_rawsocket("x"), extra={"password": "hunter2-import"}, id="hunter2-import!")
    done = wampsup("import", "crossbar", write_node(tmp_path, node(container(component, **{"hunter2-import": 1}))))
    assert done.code == 0
    assert "hunter2-import" in done.out
    assert "hunter2-import" not in done.err


def test_the_fleet_file_is_utf_8_whatever_the_terminal_takes(tmp_path: Path) -> None:
    component = a_class("a.B", unix_rawsocket("x"), extra={"greeting": "Grüße, 日本 😀"})
    path = write_node(tmp_path, node(container(component)))
    done = wampsup("import", "crossbar", path, env={"PYTHONIOENCODING": "latin-1"})
    assert 'greeting = "Grüße, 日本 😀"' in done.out


def test_crossbar_accepts_the_examples() -> None:
    embedded = node(router(web(), components=[a_class("a.B")]))
    python = crossbar_executable().parent / "python"
    done = subprocess.run(
        [python, "-c", CHECK],
        input=json.dumps({**EXAMPLES, **WITHOUT, "embedded": embedded, "wrong": {"workers": 7}}),
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=True,
    )
    told = [line for line in done.stdout.splitlines() if line]
    assert [line.partition(":")[0] for line in told] == ["wrong"], done.stdout
