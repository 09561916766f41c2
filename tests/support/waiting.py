"""Waiting for a condition in a thread of one's own; on the reactor it is `support.reactor.until`."""

from __future__ import annotations

import itertools
import os
import random
import socket
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

PAUSE = 0.02

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = itertools.count(10_000 + 2_000 * (_WORKER % 8) + random.randrange(1_000))
"""Each process of the tests has its own range of ports, below those that the kernel gives to whoever connects."""


def wait_until(condition: Callable[[], T], timeout: float = 10, what: str = "the condition") -> T:
    """Ask until the answer is true, and return it; raises AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come about within {timeout} s"
        time.sleep(PAUSE)
    return answer


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def accepts(address: tuple[str, int] | str) -> bool:
    """Whether somebody listens there: a TCP address, or the path of a unix socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0


@contextmanager
def black_hole(host: str, port: int) -> Iterator[None]:
    """Within, whoever connects there never gets an answer, as where packets are dropped on the way."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(3):  # what fills its backlog; the kernel ignores those that come then
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex((host, port))
        yield
