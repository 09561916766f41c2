"""The service manager that has started this process: what the environment tells of it.

It is as in sd_notify(3) and sd_watchdog_enabled(3). A fleet in the background looks for it before it forks, as the
manager knows the parent alone; so this is standard library alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wampsup.control.place import LONGEST_PATH

if TYPE_CHECKING:
    from collections.abc import MutableMapping

SOCKET = "NOTIFY_SOCKET"
WATCHDOG_USEC = "WATCHDOG_USEC"
WATCHDOG_PID = "WATCHDOG_PID"

_NEVER = 2**64 - 1
"""What systemd writes for an infinite time, and the largest number that it reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manager:
    """A service manager; `address` is where it listens, `None` where there is none.

    It expects to hear from this process every `watchdog` seconds, unless that is `None`. `oddities` say, in sentences,
    what of its variables can't be used.
    """

    address: bytes | None = None
    watchdog: float | None = None
    oddities: tuple[str, ...] = ()


def take(environ: MutableMapping[str, str], pid: int) -> Manager:
    """The manager of which `environ` tells the process `pid`; what other processes would inherit goes from there."""
    where, interval, whose = (environ.pop(name, "") for name in (SOCKET, WATCHDOG_USEC, WATCHDOG_PID))
    if not where:
        return Manager()
    address = _address(os.fsencode(where))
    if address is None:
        return Manager(oddities=(f"no service manager is told of the fleet: `{SOCKET}` is `{where}`, no unix socket",))
    if not interval:
        return Manager(address=address)
    seconds = _seconds(interval)
    if seconds is None:
        oddity = f"the watchdog is not fed: `{WATCHDOG_USEC}` is `{interval}`, no number of microseconds"
    elif whose not in {"", str(pid)}:
        oddity = f"the watchdog is not fed: it watches another process (`{WATCHDOG_PID}` is `{whose}`)"
    else:
        return Manager(address=address, watchdog=seconds)
    return Manager(address=address, oddities=(oddity,))


def _address(where: bytes) -> bytes | None:
    """The address of a path, or of an abstract name behind an `@`; `None` for what is neither, such as `vsock:2:1`."""
    if where[:1] not in {b"/", b"@"} or not 1 < len(where) <= LONGEST_PATH:
        return None
    return b"\0" + where[1:] if where[:1] == b"@" else where


def _seconds(interval: str) -> float | None:
    is_number = interval.isascii() and interval.isdecimal() and len(interval) <= len(str(_NEVER))
    return int(interval) / 1e6 if is_number and 0 < int(interval) < _NEVER else None
