"""Where the control socket of a fleet lies: the one rule for those who make it and those who look for it.

Standard library alone, and little of it (`pathlib` would cost 4 ms): every command pays for this import.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from wampsup.errors import UsageError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX = ".sock"
LOCK = ".lock"
LONGEST_PATH = 107
"""What Linux has room for in a socket's address, in bytes, without the closing zero."""


def runtime_folder(environ: Mapping[str, str], uid: int) -> str:
    """The folder of this user's control sockets."""
    base = environ.get("XDG_RUNTIME_DIR", "")
    if base.startswith("/"):  # a relative one is to be ignored: XDG Base Directory Specification
        return f"{base}/wampsup"
    return "/run/wampsup" if uid == 0 else f"/tmp/wampsup-{uid}"  # noqa: S108 - its owner and mode are checked


def socket_path(folder: str, name: str) -> str:
    """The control socket of the fleet called `name`.

    Raises:
        UsageError: no fleet can be called so.
    """
    if not name or "/" in name or "\0" in name or name.startswith("."):
        raise UsageError(f"`{name}` can't be a fleet's name")
    return f"{folder}/{name}{SUFFIX}"


def beside(socket: str, suffix: str) -> str:
    """The file of that suffix beside the socket: `LOCK` for its lock, `.log` for its log."""
    return socket.removesuffix(SUFFIX) + suffix


def make_private(folder: str) -> None:
    """Make the folder where there is none, and check it.

    Raises:
        WampsupError: it can't be made, or somebody else could put something into it.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - the client half imports no pathlib
    except OSError as error:
        raise WampsupError(f"cannot make the folder `{folder}`: {(error.strerror or str(error)).lower()}") from error
    check_private(folder)


def check_private(folder: str) -> None:
    """Check that nobody but this user can put something into the folder.

    Raises:
        WampsupError: somebody else can, or it is no folder.
    """
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise WampsupError(f"`{folder}` is not a folder", hint="wampsup keeps its control sockets there: remove it")
    if found.st_uid != os.geteuid():
        raise WampsupError(f"the folder `{folder}` belongs to another user (uid {found.st_uid})")
    if found.st_mode & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        raise WampsupError(f"the folder `{folder}` is open to others (mode {mode:04o})", hint=f"chmod 700 {folder}")


def check_length(socket: str, hint: str) -> None:
    """Check that the path fits into a socket's address; `hint` says how to make it shorter.

    Raises:
        WampsupError: it does not.
    """
    length = len(os.fsencode(socket))
    if length > LONGEST_PATH:
        raise WampsupError(
            f"the socket path `{socket}` is too long ({length} bytes, at most {LONGEST_PATH})",
            hint=hint,
        )
