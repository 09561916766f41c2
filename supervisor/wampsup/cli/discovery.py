"""Which fleet a command is for: `--fleet`, `--socket`, `$WAMPSUP_SOCKET`, or the only one that runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wampsup.cli.client import Client
from wampsup.control.holder import answers, held_socket, is_a_fleet, socket_of
from wampsup.control.place import LOCK, check_private, runtime_folder
from wampsup.errors import NoSupervisorError, UsageError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "WAMPSUP_SOCKET"

_USUAL = ("/run/wampsup/*.sock", "/run/user/[0-9]*/wampsup/*.sock", "/tmp/wampsup-[0-9]*/*.sock")  # noqa: S108
"""Where the control sockets of all users lie."""


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
        _check(folder)
    fleet = fleet or _only_one(folder, running(folder))
    path = held_socket(folder, fleet)
    if path is not None and not os.path.lexists(path):
        raise _unreachable(fleet, path)
    return Client(path or socket_of(folder, fleet), f"the supervisor of fleet `{fleet}`", patience=patience)


def running(folder: str) -> list[str]:
    """The names of the fleets with a lock in this folder whose control sockets answer, sorted."""
    return [name for name in _names(folder) if is_a_fleet(folder, name) and answers(socket_of(folder, name))]


def _names(folder: str) -> list[str]:
    if not os.path.lexists(folder):
        return []
    with os.scandir(folder) as entries:
        return sorted(entry.name.removesuffix(LOCK) for entry in entries if entry.name.endswith(LOCK))


def _only_one(folder: str, names: list[str]) -> str:
    if not names:
        for name in _names(folder):
            if path := held_socket(folder, name):
                raise _unreachable(name, path)
        raise NoSupervisorError(
            "no supervisor is running", hint=_of_others() or "start one with `wampsup start FLEET.toml`"
        )
    if len(names) > 1:
        listed = ", ".join(f"`{name}`" for name in names)
        raise UsageError(f"several fleets run: {listed}", hint="choose one with `--fleet NAME`")
    return names[0]


def _unreachable(fleet: str, path: str) -> NoSupervisorError:
    return NoSupervisorError(
        f"fleet `{fleet}` runs, but its control socket `{path}` is not there",
        hint="it is made, or made again, within some seconds; the log of the fleet tells more",
    )


def _check(folder: str) -> None:
    try:
        check_private(folder)
    except WampsupError as error:
        raise WampsupError(error.message, hint=_of_others() or error.hint) from error


def _of_others() -> str | None:
    """To root, which may use all sockets: how to reach a fleet of another user, where one runs."""
    if os.geteuid() != 0:
        return None
    from glob import iglob  # noqa: PLC0415 - only who finds no fleet pays for it

    found = (path for pattern in _USUAL for path in iglob(pattern) if os.stat(path).st_uid != 0 and answers(path))  # noqa: PTH116, PTH207 - the client half imports no pathlib
    path = next(found, None)
    return path and f"root reaches the fleet of another user by its socket, as with `--socket {path}`"
