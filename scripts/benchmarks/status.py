"""How long `status` takes as a whole process: 200 components under wampsup against 200 programs under supervisord."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from asking import Asking, asking
from processes import free_port, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = 200
MANY = 10_000
MANY_THAT_RUN = 2000
"""Of many: each takes two sockets, as its router runs in the same process."""


def fleet_file(path: Path, runs: int, rests: int = 0) -> Path:
    """A fleet with a router of its own: so many components that stay, and so many that nobody starts."""
    url = f"rs://127.0.0.1:{free_port()}"
    tables = [f'[components.c{number}]\nmain = "staying:main"\n' for number in range(runs)]
    tables += [f'[components.r{number}]\nmain = "staying:main"\nautostart = false\n' for number in range(rests)]
    path.with_name("staying.py").write_text(
        "from twisted.internet.defer import Deferred\n\n\ndef main(reactor, session):\n    return Deferred()\n"
    )
    path.write_text(f'[router]\nlisten = "{url}"\n[defaults]\ntransports = "{url}"\n' + "\n".join(tables))
    return path


@contextmanager
def many(folder: Path) -> Iterator[Asking]:
    """A fleet of many components, and a connection to its supervisor."""
    path = fleet_file(folder / "many.toml", MANY_THAT_RUN, MANY - MANY_THAT_RUN)
    argv: list[str | Path] = [Path(sys.executable).parent / "wampsup", "start", path]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
    control = folder / "wampsup" / "many.sock"
    with running(argv, folder / "log", env=environment):
        wait_until(control.exists, 60, "the control socket")
        with asking(control) as connection:
            wait_until(lambda: connection.supervisor()["counts"].get("running") == MANY_THAT_RUN, 120, "the start")
            yield connection


class Status:
    """A fleet and a supervisord of the same size, both running, and the time that `status` takes of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = Path(sys.executable).parent
        self.socket = folder / "wampsup" / "status.sock"
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}

    def running(self) -> ExitStack:
        """Start both and wait until everything runs."""
        with ExitStack() as stack:
            stack.enter_context(
                running(
                    [self.bin / "wampsup", "start", fleet_file(self.folder / "status.toml", UNITS)],
                    self.folder / "log",
                    env=self.environment,
                )
            )
            stack.enter_context(running([self.bin / "supervisord", "-n", "-c", self._programs()], self.folder / "log"))
            wait_until(lambda: self._lines(self._ours(), "running") == UNITS, 60, "the fleet's start")
            wait_until(lambda: self._lines(self._theirs(), "RUNNING") == UNITS, 120, "supervisord's start")
            return stack.pop_all()

    def ours(self) -> float:
        """`wampsup status`, in seconds."""
        return self._time(self._ours())

    def theirs(self) -> float:
        """`supervisorctl status`, in seconds."""
        return self._time(self._theirs())

    def _ours(self) -> list[str | Path]:
        return [self.bin / "wampsup", "status"]

    def _theirs(self) -> list[str | Path]:
        return [self.bin / "supervisorctl", "-c", self.folder / "supervisord.conf", "status"]

    def _time(self, argv: list[str | Path]) -> float:
        started = time.perf_counter()
        subprocess.run(argv, env=self.environment, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    def _lines(self, argv: list[str | Path], word: str) -> int:
        run = subprocess.run(argv, env=self.environment, capture_output=True, text=True, check=False)
        return sum(line.split()[1:2] == [word] for line in run.stdout.splitlines())

    def _programs(self) -> Path:
        path = self.folder / "supervisord.conf"
        control = self.folder / "supervisord.sock"
        path.write_text(
            f"[supervisord]\nnodaemon=true\nlogfile={self.folder}/supervisord.log\npidfile={self.folder}/supervisord.pid\n"
            f"[unix_http_server]\nfile={control}\n[supervisorctl]\nserverurl=unix://{control}\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
            + "\n".join(f"[program:p{number}]\ncommand=sleep 1000\nstartsecs=0\n" for number in range(UNITS))
        )
        return path
