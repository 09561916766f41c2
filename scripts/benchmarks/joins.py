"""How long until 1000 rawsocket components have joined: `wampsup start` against the same Components started raw.

Both are whole processes, timed from their start to the moment when the last component's `main` runs. The router is a
process of its own, the same for both.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from processes import accepts, free_port, running, wait_until

COMPONENTS = 1000
HERE = Path(__file__).parent


def fleet_file(folder: Path, port: int) -> Path:
    """A fleet of `COMPONENTS` components that do nothing."""
    path = folder / "joins.toml"
    tables = [f'[components.c{number}]\nmain = "joining:main"\n' for number in range(COMPONENTS)]
    path.write_text(f'[defaults]\ntransports = "rs://127.0.0.1:{port}"\n' + "\n".join(tables))
    (folder / "joining.py").write_text((HERE / "joining.py").read_text())
    return path


class Joins:
    """Times a process from its start until all have joined."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.fleet = fleet_file(folder, self.port)
        self.bin = Path(sys.executable).parent

    def ours(self) -> float:
        """`wampsup start`, in seconds."""
        return self._time([self.bin / "wampsup", "start", self.fleet])

    def theirs(self) -> float:
        """The same Components, started raw, in seconds."""
        return self._time([sys.executable, HERE / "joining.py", str(self.port)])

    def router(self) -> running:  # type: ignore[valid-type]
        """The router that both join."""
        return running([sys.executable, HERE / "a_router.py", str(self.port)], self.folder / "router.log")

    def _time(self, argv: list[str | Path]) -> float:
        done = self.folder / "done"
        done.unlink(missing_ok=True)
        wait_until(lambda: accepts(self.port), 30, "the router's start")
        environment = {**os.environ, "JOINS": str(COMPONENTS), "JOINED": str(done), "XDG_RUNTIME_DIR": str(self.folder)}
        started = time.time()
        with running(argv, self.folder / "components.log", env=environment):
            wait_until(done.exists, 60, f"{COMPONENTS} joins")
            return float(done.read_text()) - started
