"""The router as a whole: its realms, what it listens on, and its orderly end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.logger import Logger

from wampsup.router.connections import Connections
from wampsup.router.limits import Limits
from wampsup.router.listeners import Listener, listen
from wampsup.router.realm import Realm
from wampsup.router.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wampsup.model.spec import RouterSpec
    from wampsup.router.authentication import Principal

log = Logger()
SYSTEM_SHUTDOWN = "wamp.close.system_shutdown"


class Router:
    """An embedded WAMP router on a shared reactor; for development, demos and tests.

    `principals` say who may join; a realm that none of them is for takes everybody as `anonymous`.
    """

    def __init__(
        self,
        spec: RouterSpec,
        reactor: Any,
        *,
        principals: Iterable[Principal] = (),
        limits: Limits = Limits(),  # noqa: B008  # frozen
    ) -> None:
        known = tuple(principals)
        self._spec = spec
        self._reactor = reactor
        self._realms = {
            name: Realm(name, tuple(each for each in known if each.realm in (None, name)), reactor)
            for name in spec.realms
        }
        self._connections = Connections(reactor, limits, lambda: Session(self._realms))
        self._listeners: list[Listener] = []

    @property
    def urls(self) -> tuple[str, ...]:
        """What it listens on, in the order of the spec; a port 0 is replaced by the port that it got."""
        return tuple(listener.url for listener in self._listeners)

    @property
    def session_count(self) -> int:
        """How many sessions have joined."""
        return sum(len(realm.sessions) for realm in self._realms.values())

    def start(self) -> Deferred[None]:
        """Listen on all URLs of the spec.

        Raises:
            WampsupError: one of them can't be listened on; then none is.
        """
        return Deferred.fromCoroutine(self._start())

    def stop(self) -> Deferred[None]:
        """Stop listening, say GOODBYE to all, and fire when every connection is closed.

        Those that do not answer within `close_timeout` (1 second) are dropped.
        """
        return Deferred.fromCoroutine(self._stop())

    async def _start(self) -> None:
        try:
            for url in self._spec.listen:
                self._listeners.append(listen(self._reactor, url, self._connections))
        except Exception:
            await self._stop_listening()
            raise
        log.info("the embedded router listens on {urls}; it is no production router", urls=", ".join(self.urls))

    async def _stop(self) -> None:
        await self._stop_listening()
        for connection in tuple(self._connections.open):
            connection.shut_down(SYSTEM_SHUTDOWN)
        await self._connections.all_gone()

    async def _stop_listening(self) -> None:
        listeners, self._listeners = self._listeners, []
        await gatherResults([maybeDeferred(listener.port.stopListening) for listener in listeners])
