"""A router for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.protocol import Factory

from integration.router.router_peers import House, InHouse
from support.reactor import Usage, reactor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from support.reactor import ReactorThread, Run


@pytest.fixture(scope="session")
def _reserved(reactor_thread: ReactorThread) -> None:
    """Twisted keeps a descriptor back for good when it listens for the first time."""

    async def listen_once() -> None:
        port = reactor.listenTCP(0, Factory(), interface="127.0.0.1")
        await port.stopListening()

    reactor_thread.run(listen_once)


@pytest.fixture
def in_house(run: Run, _reserved: None) -> InHouse:
    """`in_house(scenario, **settings)` runs `scenario(house)` with a router; nothing of it may be left afterwards."""

    def go(scenario: Callable[[House], Awaitable[Any]], **settings: Any) -> Any:
        async def whole() -> Any:
            usage = Usage.now()
            house = House(**settings)
            await house.router.start()
            try:
                return await scenario(house)
            finally:
                await house.close()
                await usage.again()

        return run(whole)

    return go
