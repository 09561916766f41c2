"""Waiting for a condition in a thread of one's own; on the reactor it is `support.reactor.until`."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PAUSE = 0.02


def wait_until(condition: Callable[[], T], timeout: float = 10, what: str = "the condition") -> T:
    """Ask until the answer is true, and return it; raises AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come about within {timeout} s"
        time.sleep(PAUSE)
    return answer


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(address: tuple[str, int] | str) -> bool:
    """Whether somebody listens there: a TCP address, or the path of a unix socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0
