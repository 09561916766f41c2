"""How long until 1000 rawsocket components have joined: `wampsup start` against the same Components started raw.

Both are whole processes, timed from their start to the moment when the last component's `main` runs. The router is a
Crossbar.io, the same for both.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from processes import running, wait_until

COMPONENTS = 1000
HERE = Path(__file__).parent


def fleet_file(folder: Path, url: str) -> Path:
    """A fleet of `COMPONENTS` components that do nothing."""
    path = folder / "joins.toml"
    tables = [f'[components.c{number}]\nmain = "joining:main"\n' for number in range(COMPONENTS)]
    path.write_text(f'[defaults]\ntransports = "{url}"\n' + "\n".join(tables))
    (folder / "joining.py").write_text((HERE / "joining.py").read_text())
    return path


class Joins:
    """Times a process from its start until all have joined."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.fleet = fleet_file(folder, url)
        self.bin = Path(sys.executable).parent

    def ours(self) -> float:
        """`wampsup start`, in seconds."""
        return self._time([self.bin / "wampsup", "start", self.fleet])

    def theirs(self) -> float:
        """The same Components, started raw, in seconds."""
        return self._time([sys.executable, HERE / "joining.py", self.url])

    def _time(self, argv: list[str | Path]) -> float:
        done = self.folder / "done"
        done.unlink(missing_ok=True)
        environment = {**os.environ, "JOINS": str(COMPONENTS), "JOINED": str(done), "XDG_RUNTIME_DIR": str(self.folder)}
        started = time.time()
        with running(argv, self.folder / "components.log", env=environment):
            wait_until(done.exists, 60, f"{COMPONENTS} joins")
            return float(done.read_text()) - started
