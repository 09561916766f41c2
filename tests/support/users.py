"""Other users: real ones, as the kernel sees them, which only root can become."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from support.command import Result, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_UNMEASURED = {"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None}
"""Another user can't write what coverage would."""

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user: run this test as root")

_COMMAND = """
import locale
from wampsup.cli import arguments, commands, status
from wampsup.cli.main import main
arguments.parse(["status"])
"""
_ASK = """
import socket
def ask(path, request):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(path)
    try:
        connection.sendall(request)
    except BrokenPipeError:
        pass
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return answer
"""


@dataclass(frozen=True, slots=True)
class User:
    """A user of that number, whose groups are these; no account needs to be there."""

    uid: int
    gid: int = 54_000
    groups: tuple[int, ...] = ()

    def wampsup(self, *arguments: str | Path, env: Mapping[str, str | None] | None = None) -> Result:
        """Run a command as this user."""
        return self._run(_COMMAND, "sys.exit(main(sys.argv[1:]))", *arguments, env=env)

    def tells(self, told: Callable[[], str]) -> str:
        """What this user is told in a copy of this process, or what it fails with."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                os.setgroups(self.groups)
                os.setgid(self.gid)
                os.setuid(self.uid)
                os.write(writer, told().encode())
            except BaseException as error:  # noqa: BLE001 - the copy ends here, whatever comes
                os.write(writer, repr(error).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            text = answer.read()
        os.waitpid(child, 0)
        return text

    def ask(self, path: str | Path, request: bytes = b"GET /v1/supervisor HTTP/1.0\r\n\r\n") -> str:
        """Send something to a unix socket as this user; the answer, or what kept it from being sent."""
        done = self._run(_ASK, f"print(ask(sys.argv[1], {request!r}).decode())", path)
        return done.out if done.code == 0 else done.err.splitlines()[-1]

    def _run(
        self, before: str, then: str, *arguments: str | Path, env: Mapping[str, str | None] | None = None
    ) -> Result:
        # All that is imported is so before: this user may not be able to read it.
        become = f"os.setgroups({list(self.groups)}); os.setgid({self.gid}); os.setuid({self.uid}); os.chdir('/')"
        program = f"import os, sys\n{before}\n{become}\n{then}\n"
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment({**_UNMEASURED, **(env or {})}),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Result(code=done.returncode, out=done.stdout, err=done.stderr)


STRANGER = User(54_321)
NOBODY = User(65_534, 65_534)
