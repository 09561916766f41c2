"""Which fleet a command is for: `--fleet`, `--socket`, `$WAMPSUP_SOCKET`, or the only one that runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wampsup.cli.client import Client
from wampsup.control.lock import answers, is_a_fleet, socket_of
from wampsup.control.place import LOCK, check_private, runtime_folder
from wampsup.errors import NoSupervisorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "WAMPSUP_SOCKET"


def find(environ: Mapping[str, str], *, fleet: str | None, socket: str | None, patience: float) -> Client:
    """A client of the fleet that is meant, with `patience` in seconds.

    Raises:
        NoSupervisorError: none runs.
        UsageError: several run.
    """
    if socket is None and fleet is None:
        socket = environ.get(VARIABLE) or None
    if socket is not None:
        return Client(socket, f"the supervisor on `{socket}`", patience=patience)
    folder = runtime_folder(environ, os.geteuid())
    if os.path.lexists(folder):
        check_private(folder)
    if fleet is None:
        fleet = _only_one(running(folder))
    return Client(socket_of(folder, fleet), f"the supervisor of fleet `{fleet}`", patience=patience)


def running(folder: str) -> list[str]:
    """The names of the fleets with a lock in this folder whose control sockets answer, sorted."""
    if not os.path.lexists(folder):
        return []
    with os.scandir(folder) as entries:
        names = sorted(entry.name.removesuffix(LOCK) for entry in entries if entry.name.endswith(LOCK))
    return [name for name in names if is_a_fleet(folder, name) and answers(socket_of(folder, name))]


def _only_one(names: list[str]) -> str:
    if not names:
        raise NoSupervisorError("no supervisor is running", hint="start one with `wampsup start FLEET.toml`")
    if len(names) > 1:
        listed = ", ".join(f"`{name}`" for name in names)
        raise UsageError(f"several fleets run: {listed}", hint="choose one with `--fleet NAME`")
    return names[0]
