"""How long 10,000 calls take with 64 in flight, caller and callee in one process: under `wampsup start`, and raw."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from processes import running, wait_until

HERE = Path(__file__).parent


class Calls:
    """Times the calls, each time in a process of their own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.fleet = folder / "calls.toml"
        tables = [f'[components.{name}]\nmain = "calling:{name}"\n' for name in ("callee", "caller")]
        self.fleet.write_text(f'[defaults]\ntransports = "{url}"\n' + "\n".join(tables))
        (folder / "calling.py").write_text((HERE / "calling.py").read_text())

    def ours(self) -> float:
        """`wampsup start`."""
        return self._time([Path(sys.executable).parent / "wampsup", "start", self.fleet])

    def theirs(self) -> float:
        """The same Components, started raw."""
        return self._time([sys.executable, HERE / "calling.py", self.url])

    def _time(self, argv: list[str | Path]) -> float:
        took = self.folder / "took"
        took.unlink(missing_ok=True)
        environment = {**os.environ, "TOOK": str(took), "XDG_RUNTIME_DIR": str(self.folder)}
        with running(argv, self.folder / "calls.log", env=environment):
            wait_until(took.exists, 120, "the calls")
            return float(took.read_text())
