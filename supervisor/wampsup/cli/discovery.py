"""Which fleet a command is for: `--fleet`, `--socket`, `$WAMPSUP_SOCKET`, or the only one that runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wampsup.cli.client import Client
from wampsup.control.lock import answers
from wampsup.control.place import SUFFIX, check_private, runtime_folder, socket_path
from wampsup.errors import NoSupervisorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "WAMPSUP_SOCKET"


def find(environ: Mapping[str, str], *, fleet: str | None, socket: str | None) -> Client:
    """A client of the fleet that is meant.

    Raises:
        NoSupervisorError: none runs.
        UsageError: several run.
    """
    if socket is None and fleet is None:
        socket = environ.get(VARIABLE) or None
    if socket is not None:
        return Client(socket, f"the supervisor on `{socket}`")
    folder = runtime_folder(environ, os.geteuid())
    if fleet is None:
        fleet = _only_one(running(folder))
    path = socket_path(folder, fleet)
    if os.path.lexists(folder):
        check_private(folder)
    return Client(path, f"the supervisor of fleet `{fleet}`")


def running(folder: str) -> list[str]:
    """The names of the fleets whose control sockets in this folder answer, sorted."""
    if not os.path.lexists(folder):
        return []
    check_private(folder)
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(SUFFIX))
    return [name.removesuffix(SUFFIX) for name in names if answers(f"{folder}/{name}")]


def _only_one(names: list[str]) -> str:
    if not names:
        raise NoSupervisorError("no supervisor is running", hint="start one with `wampsup start FLEET.toml`")
    if len(names) > 1:
        listed = ", ".join(f"`{name}`" for name in names)
        raise UsageError(f"several fleets run: {listed}", hint="choose one with `--fleet NAME`")
    return names[0]
