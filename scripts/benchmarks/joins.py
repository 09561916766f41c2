"""How long until 1000 rawsocket components have joined: `wampsup start` against the same Components started raw.

Both are whole processes, timed to the moment when the last component's `main` runs: from the first component's start,
and from the process's own (which adds Python's imports, and for wampsup the reading of the fleet file). The router is a
Crossbar.io, the same for both.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from processes import running, wait_until

COMPONENTS = 1000
HERE = Path(__file__).parent


def fleet_file(folder: Path, url: str, count: int = COMPONENTS) -> Path:
    """A fleet of so many components that do nothing."""
    path = folder / "joins.toml"
    tables = [f'[components.c{number}]\nmain = "joining:main"\n' for number in range(count)]
    path.write_text(f'[defaults]\ntransports = "{url}"\n' + "\n".join(tables))
    (folder / "joining.py").write_text((HERE / "joining.py").read_text())
    return path


@dataclass(frozen=True)
class Run:
    """Seconds until all had joined: from the first component's start, and from the process's."""

    joining: float
    whole: float


class Joins:
    """Times a process from its start until all have joined."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.fleet = fleet_file(folder, url)
        self.bin = Path(sys.executable).parent

    def ours(self) -> Run:
        """`wampsup start`."""
        return self._time([self.bin / "wampsup", "start", self.fleet])

    def theirs(self) -> Run:
        """The same Components, started raw."""
        return self._time([sys.executable, HERE / "joining.py", self.url])

    def _time(self, argv: list[str | Path]) -> Run:
        done, log = self.folder / "done", self.folder / "components.log"
        done.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
        environment = {**os.environ, "JOINS": str(COMPONENTS), "JOINED": str(done), "XDG_RUNTIME_DIR": str(self.folder)}
        started = time.time()
        with running(argv, log, env=environment):
            wait_until(done.exists, 60, f"{COMPONENTS} joins")
            joined = float(done.read_text())
        return Run(joining=joined - first_start(log.read_text()), whole=joined - started)


def first_start(log: str) -> float:
    """When the process began to start components, in epoch seconds: the time of the line that it logs right before."""
    time_logged = next(line.split()[0] for line in log.splitlines() if " answers on " in line)
    return datetime.fromisoformat(time_logged).timestamp()
