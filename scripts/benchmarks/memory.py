"""How much memory a component takes that has joined over rawsocket and waits: under `wampsup start`, and raw."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from joins import HERE, fleet_file
from processes import running, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

FEW, MANY = 100, 1100


def ours(folder: Path, url: str) -> float:
    """KiB a component of `wampsup start`."""
    wampsup = Path(sys.executable).parent / "wampsup"
    return _a_component(folder, lambda count: [wampsup, "start", fleet_file(folder, url, count)])


def theirs(folder: Path, url: str) -> float:
    """KiB a Component that was started raw."""
    return _a_component(folder, lambda _: [sys.executable, HERE / "joining.py", url])


def _a_component(folder: Path, command: Callable[[int], list[str | Path]]) -> float:
    few, many = (_resident(folder, command(count), count) for count in (FEW, MANY))
    return (many - few) / (MANY - FEW) / 1024


def _resident(folder: Path, argv: list[str | Path], count: int) -> int:
    """Octets that the process holds once all have joined."""
    done = folder / "done"
    done.unlink(missing_ok=True)
    environment = {**os.environ, "JOINS": str(count), "JOINED": str(done), "XDG_RUNTIME_DIR": str(folder)}
    with running(argv, folder / "memory.log", env=environment) as process:
        wait_until(done.exists, 60, f"{count} joins")
        return int(psutil.Process(process.pid).memory_info().rss)
