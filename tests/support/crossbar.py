"""Real Crossbar.io nodes: each is a process group of its own on free ports, with a realm that anybody may use.

The executable is `$WAMPSUP_CROSSBAR`, else that of `.crossbar-venv`, which scripts/test makes. A node takes about six
seconds to start; it makes its key by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from support import authenticated
from support.waiting import accepts, free_port, wait_until

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0

REALM = "realm1"
SERIALIZERS = ["cbor", "msgpack", "json"]


def crossbar_executable() -> Path:
    """Where Crossbar.io is; raises AssertionError with what to do where it isn't."""
    path = Path(os.environ.get("WAMPSUP_CROSSBAR") or ROOT / ".crossbar-venv/bin/crossbar")
    assert path.is_file(), (
        f"there is no Crossbar.io at {path}: run scripts/test, which installs it, or set $WAMPSUP_CROSSBAR"
    )
    return path


class Crossbar:
    """A node. `start`, `stop` and `kill` return once it is so; they block, so on the reactor use `deferToThread`.

    `websocket_url`, `rawsocket_url` and `unix_url` take anybody; `demanding(METHOD)` takes who is in `authenticated`,
    and `demanding_rawsocket_url` the same with any method.
    """

    realm = REALM

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="wampsup-xb-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.unix_path = str(self._folder / "rs.sock")
        self.websocket_port = free_port()
        self.rawsocket_port = free_port()
        web = f"ws://127.0.0.1:{self.websocket_port}"
        self.websocket_url = f"{web}/ws"
        self._web = web
        self.ticket_url = self.demanding("ticket")
        self.wampcra_url = self.demanding("wampcra")
        self.cryptosign_url = self.demanding("cryptosign")
        self.demanding_rawsocket_port = free_port()
        self.demanding_rawsocket_url = f"rs://127.0.0.1:{self.demanding_rawsocket_port}"
        self.rawsocket_url = f"rs://127.0.0.1:{self.rawsocket_port}"
        self.unix_url = f"rs://unix:{self.unix_path}"
        self._addresses: tuple[tuple[str, int] | str, ...] = (
            ("127.0.0.1", self.websocket_port),
            ("127.0.0.1", self.rawsocket_port),
            ("127.0.0.1", self.demanding_rawsocket_port),
            self.unix_path,
        )
        self._node = self._folder / ".crossbar"
        (self._node / "empty").mkdir(parents=True)
        (self._node / "config.json").write_text(json.dumps(self._config()))

    def demanding(self, method: str) -> str:
        """The URL of a websocket that demands one of `authenticated.METHODS`, `any` of them, or `dynamic`."""
        return f"{self._web}/{method}"

    @property
    def log(self) -> str:
        """What the node has written."""
        return (self._folder / "log").read_text(errors="replace")

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; returns once it accepts on every transport."""
        assert not self.running, "the node runs already"
        # What a killed node leaves behind would keep the next one from starting.
        Path(self.unix_path).unlink(missing_ok=True)
        (self._node / "node.pid").unlink(missing_ok=True)
        command = [str(crossbar_executable()), "start", "--cbdir", str(self._node), "--loglevel", "warn"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._up_or_dead, START_TIMEOUT, "Crossbar.io's start")
        assert self.running, f"Crossbar.io ended at once:\n{self.log}"

    def stop(self) -> None:
        """SIGTERM: it says goodbye to its sessions and ends."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT)
            finally:
                self.kill()

    def kill(self) -> None:
        """SIGKILL to all of its processes; returns once nobody listens any more."""
        if self._process is not None:
            with suppress(ProcessLookupError):  # it had ended
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            wait_until(lambda: not any(accepts(each) for each in self._addresses), STOP_TIMEOUT, "Crossbar.io's end")

    def close(self) -> None:
        """Stop it and remove its files."""
        self.stop()
        shutil.rmtree(self._folder)

    def _up_or_dead(self) -> bool:
        return not self.running or all(accepts(each) for each in self._addresses)

    def _config(self) -> dict[str, Any]:
        loopback = {"type": "tcp", "interface": "127.0.0.1", "backlog": 1024}
        paths = {
            "/": {"type": "static", "directory": "empty"},
            "ws": _websocket(),
            "any": _websocket(authenticated.ALL),
            "dynamic": _websocket(authenticated.DYNAMIC),
            **{path: _websocket(demands) for path, demands in authenticated.METHODS.items()},
        }
        transports = [
            {"type": "web", "endpoint": loopback | {"port": self.websocket_port}, "paths": paths},
            _rawsocket(loopback | {"port": self.rawsocket_port}),
            _rawsocket(loopback | {"port": self.demanding_rawsocket_port}, authenticated.ALL),
            _rawsocket({"type": "unix", "path": self.unix_path, "backlog": 1024}),
        ]
        realm = {"name": REALM, "roles": [_role("anonymous"), _role(authenticated.ROLE)]}
        return {"version": 2, "workers": [{"type": "router", "realms": [realm], "transports": transports}]}


def _role(name: str) -> dict[str, Any]:
    everything = {"call": True, "register": True, "publish": True, "subscribe": True}
    return {"name": name, "permissions": [{"uri": "", "match": "prefix", "allow": everything}]}


def _rawsocket(endpoint: dict[str, Any], auth: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "rawsocket", "endpoint": endpoint, "serializers": SERIALIZERS} | ({"auth": auth} if auth else {})


def _websocket(auth: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "websocket", "serializers": SERIALIZERS} | ({"auth": auth} if auth else {})
