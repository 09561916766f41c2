"""A small fleet to start from: files that `wampsup init` writes, and that run as they are.

`files` holds them as they are written, but for the name of the fleet and the URL of its router.
"""

from __future__ import annotations

import contextlib
import os
import socket
from importlib.resources import files
from typing import TYPE_CHECKING

from wampsup.config.json_schema import fleet_schema_text
from wampsup.config.names import name_problem
from wampsup.config.words import listed
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_FLEET_FILE = "fleet.toml"
_MODULE = "components.py"
_SCHEMA = "fleet.schema.json"
_PACKAGE = "components/__init__.py"
"""What would be imported in the place of the module."""

_LONGEST_NAME = 32
_ROUTER_SOCKET = "router.sock"
_PROBE = ".probe.sock"  # as long as the socket's name
_FOLDER_MODE, _FILE_MODE = 0o755, 0o644
"""Whatever the umask: a fleet that others can change is refused to root."""

_PORTS = range(8080, 8180)


def write_fleet(folder: Path) -> list[Path]:
    """Write a fleet into `folder`, which is made where it is missing; the files that were written, its own first.

    Nothing is overwritten: either all files are written, or none is.

    Raises:
        WampsupError: one of the files is there already, or they can't be written.
    """
    try:
        _check(folder)
        with contextlib.ExitStack() as undo:
            _make(folder, undo)
            written = list(_write(_texts(folder.resolve()), folder, undo))
            undo.pop_all()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WampsupError(f"cannot write a fleet into `{folder}`: {reason}") from None
    return written


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise WampsupError(f"`{folder}` is no folder")
    paths = [folder / name for name in (_FLEET_FILE, _MODULE, _SCHEMA, _PACKAGE)]
    there = [path for path in paths if os.path.lexists(path)]
    if there:
        are = "is" if len(there) == 1 else "are"
        hint = "name another folder: `wampsup init DIR`"
        raise WampsupError(f"{listed(map(str, there))} {are} there already, and nothing is overwritten", hint=hint)


def _make(folder: Path, undo: contextlib.ExitStack) -> None:
    """Make the folder and those above it that are missing."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(_FOLDER_MODE)
        undo.callback(_try, each.rmdir)


def _write(texts: Mapping[str, str], folder: Path, undo: contextlib.ExitStack) -> Iterator[Path]:
    for name, text in texts.items():
        path = folder / name
        with open(path, "x", encoding="utf-8", opener=_create) as stream:
            undo.callback(_try, path.unlink)
            stream.write(text)
        yield path


def _create(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)


def _try(remove: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        remove()


def _texts(folder: Path) -> dict[str, str]:
    """The text of each file."""
    name = folder.name if name_problem(folder.name) is None and len(folder.name) <= _LONGEST_NAME else "fleet"
    url = _router_url(folder)
    texts = {file: (files(__name__) / "files" / file).read_text(encoding="utf-8") for file in (_FLEET_FILE, _MODULE)}
    texts[_FLEET_FILE] = texts[_FLEET_FILE].replace("@NAME@", name).replace("@URL@", url)
    return {**texts, _SCHEMA: fleet_schema_text()}


def _router_url(folder: Path) -> str:
    """Where the router can listen: beside the file, where no other program comes, or on a port that is free now.

    A folder may not be able to hold a socket: its path may be too long (107 bytes are the limit), or its file system
    may have no sockets.
    """
    probe = folder / _PROBE
    with socket.socket(socket.AF_UNIX) as tried:
        try:
            tried.bind(str(probe))
            probe.unlink()
        except OSError:
            return f"ws://127.0.0.1:{next(filter(_is_free, _PORTS), _PORTS[0])}/ws"
    return f"rs://unix:{_ROUTER_SOCKET}"


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
