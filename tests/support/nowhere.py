"""Places where a connection comes to nothing: a name that nobody resolves, an address that nobody answers at."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from support.reactor import reactor

if TYPE_CHECKING:
    from collections.abc import Iterator


@implementer(IHostnameResolver)
class Unresolving:
    """A resolver that never answers; `asked` are the names."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolveHostName(self, receiver: Any, host: str, *_args: Any, **_kwargs: Any) -> Any:  # noqa: N802 - Twisted calls it so
        self.asked.append(host)
        return receiver


@contextmanager
def unresolving() -> Iterator[Unresolving]:
    """The reactor's resolver never answers meanwhile."""
    resolver = Unresolving()
    before = reactor.installNameResolver(resolver)
    try:
        yield resolver
    finally:
        reactor.installNameResolver(before)


class Blackhole:
    """A port on loopback whose queue is full: who connects gets no answer at all."""

    def __init__(self) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._fillers: list[socket.socket] = []
        while self._connects():
            pass

    def _connects(self) -> bool:
        filler = socket.socket()
        filler.settimeout(0.1)
        self._fillers.append(filler)
        try:
            filler.connect(("127.0.0.1", self.port))
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Free the port."""
        for each in (*self._fillers, self._listener):
            each.close()
