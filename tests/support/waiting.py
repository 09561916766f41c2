"""Waiting for a condition in a thread of one's own; on the reactor it is `support.reactor.until`."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
