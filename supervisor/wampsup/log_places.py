"""What is wrong with the places of the log files.

Log lines in a file that is something else would harm it: no fleet starts so. All else that may keep the log from being
written is a mistake for who checks the file, or changes it for a fleet that runs; a fleet that starts does without its
log until it can be written, since that must not cost a component anything.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from wampsup.model.spec import Mistake
from wampsup.sockets import socket_places

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from wampsup.config import FleetFile
    from wampsup.model.spec import FleetSpec, LogFileSpec

_AT = ("supervisor", "log_file")


def log_mistakes(fleet_file: FleetFile, environ: Mapping[str, str]) -> Iterator[Mistake]:
    """The first thing that is wrong with the log files, if something is."""
    clash = next(log_clashes(fleet_file, environ), None)
    if clash is not None:
        yield clash
        return
    spec = fleet_file.spec.supervisor.log_file
    if spec is None:
        return
    for path in _paths(spec, fleet_file.spec):
        problem = _problem(Path(path), spec)
        if problem:
            yield Mistake(path=_AT, message=f"the log can't be written to `{path}`: {problem}")
            return


def log_clashes(fleet_file: FleetFile, environ: Mapping[str, str]) -> Iterator[Mistake]:
    """The first log file that would be something else as well, if one would be."""
    spec = fleet_file.spec.supervisor.log_file
    if spec is None:
        return
    logs = _real(_paths(spec, fleet_file.spec))
    files = (fleet_file.path, *fleet_file.included, *fleet_file.secrets)
    taken = {os.path.realpath(path): f"`{path}` is a file of the fleet" for path in files}
    sockets = socket_places(fleet_file.spec, environ)
    taken |= {os.path.realpath(path): f"`{path}` is a socket of the fleet, or its lock" for path in sockets}
    for place, what in taken.items():
        if place in logs or _is_older(place, logs, spec.backups):
            yield Mistake(path=_AT, message=f"{what}: no log can be written there")
            return
    for place in logs:
        if _is_older(place, logs, spec.backups):
            yield Mistake(path=_AT, message=f"`{place}` would be a component's log, and an older one of another's")
            return


def _paths(spec: LogFileSpec, fleet: FleetSpec) -> dict[str, None]:
    """The paths of all log files."""
    return dict.fromkeys(spec.of(name) for name in (None, *(component.name for component in fleet.components)))


def _real(paths: Iterable[str]) -> dict[str, None]:
    """Where log files really are: they themselves are no links, and most of them lie in one folder."""
    real_folder = lru_cache(maxsize=1)(os.path.realpath)
    parts = (os.path.split(path) for path in paths)
    return dict.fromkeys(f"{real_folder(folder)}/{name}" for folder, name in parts)


def _is_older(place: str, logs: Container[str], backups: int) -> bool:
    """Whether a file there would be what one of the logs becomes."""
    log, _, number = place.rpartition(".")
    return log in logs and number.isdecimal() and 1 <= int(number) <= backups


def _problem(path: Path, spec: LogFileSpec) -> str | None:
    """Why that log file can't be written."""
    if not os.path.lexists(path.parent):  # it is made
        path = path.parent
    if not path.parent.is_dir():
        return f"there is no folder `{path.parent}`"
    is_there = os.path.lexists(path)
    if is_there:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return "it is a symbolic link"
        if not stat.S_ISREG(mode):
            return "it is a folder" if stat.S_ISDIR(mode) else "it is no regular file"
        if not os.access(path, os.W_OK):
            return "this user can't write to it"
    if (not is_there or spec.max_bytes) and not os.access(path.parent, os.W_OK | os.X_OK):
        return f"this user can't write to the folder `{path.parent}`"
    return None
