"""The real `wampsup` command in subprocesses: one that ends, or a fleet that runs while a test looks at it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from support.files import short_folder
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

START_TIMEOUT = 30.0
STOP_TIMEOUT = 30.0

EXECUTABLE = Path(sys.executable).with_name("wampsup")


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How a command ended: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as one JSON document."""
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The supervisor's answer to an HTTP request; `body` is parsed where it is JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


def wampsup(
    *arguments: str | Path,
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    timeout: float = 60,
) -> Result:
    """Run the command to its end; `env` is laid over the test's environment, where `None` takes a variable away.

    What points to other fleets or colours the output is not inherited. Raises subprocess.TimeoutExpired.
    """
    done = subprocess.run(
        [EXECUTABLE, *arguments],
        env=environment(env),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    return Result(code=done.returncode, out=done.stdout, err=done.stderr)


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The test's environment without what would disturb, and with the changes."""
    dropped = ("WAMPSUP_SOCKET", "NO_COLOR", "FORCE_COLOR", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
    merged = {name: value for name, value in os.environ.items() if name not in dropped} | dict(changes or {})
    return {name: value for name, value in merged.items() if value is not None}


class Fleet:
    """A running `wampsup start FLEET`; `runtime` is its own $XDG_RUNTIME_DIR, where `socket` lies."""

    def __init__(self, process: subprocess.Popen[str], runtime: Path, socket_path: Path) -> None:
        self.process = process
        self.pid = process.pid
        self.runtime = runtime
        self.socket = socket_path
        self._lines: list[str] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def lines(self) -> Sequence[str]:
        """Its stderr so far, line by line."""
        return tuple(self._lines)

    @property
    def err(self) -> str:
        """Its stderr so far."""
        return "\n".join(self._lines)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    @property
    def env(self) -> dict[str, str]:
        """What makes this fleet the only one for a command."""
        return {"XDG_RUNTIME_DIR": str(self.runtime)}

    def wampsup(
        self, *arguments: str | Path, env: Mapping[str, str | None] | None = None, timeout: float = 60
    ) -> Result:
        """Run a command that finds this fleet."""
        return wampsup(*arguments, env={**self.env, **(env or {})}, timeout=timeout)

    def request(self, method: str, path: str, body: Any = None, timeout: float = 60) -> Reply:
        """Ask the supervisor itself; raises OSError where nobody answers."""
        connection = _UnixConnection(self.socket, timeout)
        try:
            headers = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        is_json = "json" in response.headers.get_content_type()
        parsed = json.loads(data) if is_json else data.decode()
        return Reply(status=response.status, headers=dict(response.getheaders()), body=parsed)

    def component(self, name: str) -> dict[str, Any]:
        """One component as the supervisor tells it."""
        reply = self.request("GET", f"/v1/components/{name}")
        assert reply.status == http.HTTPStatus.OK, reply
        shown: dict[str, Any] = reply.body
        return shown

    def until(
        self, name: str, state: str, timeout: float = 20, also: Callable[[dict[str, Any]], bool] | None = None
    ) -> dict[str, Any]:
        """Wait until the component is in that state (and `also` is true of it), and return it as it is then."""
        shown: dict[str, Any] = {}

        def reached() -> bool:
            assert not self.ended, f"the fleet ended with {self.process.returncode}:\n{self.err}"
            shown.update(self.component(name))
            return shown["state"] == state and (also is None or also(shown))

        try:
            wait_until(reached, timeout, f"component `{name}` {state}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {shown}; the fleet said:\n{self.err}") from None
        return shown

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def wait(self, timeout: float = STOP_TIMEOUT) -> int:
        """Wait for its end, and return the exit code; then `err` is complete. Raises subprocess.TimeoutExpired."""
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        return code

    def stop(self, timeout: float = STOP_TIMEOUT) -> int:
        """SIGTERM, and the exit code; after `timeout` SIGKILL, and AssertionError."""
        if not self.ended:
            self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            raise AssertionError(f"the fleet did not end within {timeout} s of SIGTERM:\n{self.err}") from None

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            self._lines.extend(line.rstrip("\n") for line in stream)


@contextmanager
def fleet(
    path: Path,
    *arguments: str,
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    wait: bool = True,
) -> Iterator[Fleet]:
    """Run `wampsup start PATH ARGUMENTS` in the foreground, from its socket's first answer to SIGTERM.

    It is given once it answers or has ended (see `ended`); with `wait=False` at once.
    """
    with short_folder() as runtime:
        process = subprocess.Popen(
            [EXECUTABLE, "start", path, *arguments],
            env=environment({"XDG_RUNTIME_DIR": str(runtime), **(env or {})}),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        running = Fleet(process, runtime, socket_of(path, runtime))
        try:
            if wait:
                wait_until(lambda: running.ended or _answers(running), START_TIMEOUT, "the fleet's first answer")
            yield running
        finally:
            running.stop()


@contextmanager
def following(running: Fleet, command: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`wampsup COMMAND -f` of that fleet, as a process whose output is text; it does not outlive the block."""
    process = subprocess.Popen(
        [EXECUTABLE, command, "-f", *arguments],
        env=environment(running.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def socket_of(path: Path, runtime: Path) -> Path:
    """Where a fleet's control socket lies, as its file says."""
    try:
        supervisor = tomllib.loads(path.read_text(encoding="utf-8")).get("supervisor", {})
    except (OSError, ValueError):
        supervisor = {}  # such a fleet does not start
    return Path(supervisor.get("socket") or runtime / "wampsup" / f"{supervisor.get('name', path.stem)}.sock")


def _answers(running: Fleet) -> bool:
    try:
        return running.request("GET", "/v1/supervisor").status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("wampsup", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
