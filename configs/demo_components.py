"""The components of the demo fleets, one of each kind that Autobahn knows, and two that get into trouble.

They know nothing of wampsup: each of them would run under `autobahn.twisted.component.run` as well.
"""

from __future__ import annotations

import random
from typing import Any

from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp.exception import ApplicationError
from twisted.internet.task import deferLater


async def clock(reactor: Any, session: Any) -> None:
    """A `main`: tells everyone the time, once a second."""
    while True:
        session.publish("com.example.tick", int(reactor.seconds()))
        await deferLater(reactor, 1.0)


class Pricing(ApplicationSession):
    """A session class: a service with two procedures."""

    async def onJoin(self, _details: Any) -> None:
        """Offer the procedures; the session is ready when the router has taken both."""
        self.prices = {"tea": 2.5, "coffee": 3.0}
        await self.register(self.prices.get, "com.example.price")
        await self.register(self.set_price, "com.example.set_price")

    def set_price(self, item: str, price: float) -> None:
        """Change a price."""
        self.prices[item] = price


display = Component()
"""A decorated Component: shows the last tick to whoever asks."""

last_tick = {"time": 0}


@display.subscribe("com.example.tick")  # type: ignore[untyped-decorator]
def ticked(time: int) -> None:
    """Remember it."""
    last_tick["time"] = time


@display.register("com.example.last_tick")  # type: ignore[untyped-decorator]
def tell_last_tick() -> int:
    """Answer with the last tick's time."""
    return last_tick["time"]


async def customer(reactor: Any, session: Any) -> None:
    """A `main` that calls others, and copes with a service that is not there yet."""
    while True:
        item = random.choice(["tea", "coffee"])
        try:
            price = await session.call("com.example.price", item)
            print(f"{item} is {price}")
        except ApplicationError as error:
            print(f"no price for {item}: {error.error}")
        await deferLater(reactor, 5.0)


async def kettle(reactor: Any, _session: Any) -> None:
    """Boils for a while, then it is dry: the restart policy fills it again."""
    await deferLater(reactor, random.uniform(4, 8))
    raise ValueError("the kettle is dry")


async def waiter(reactor: Any, _session: Any) -> None:
    """Serves what the kettle has boiled: there is nothing to serve after a crash of it."""
    cups = 0
    while True:
        await deferLater(reactor, 2.0)
        cups += 1
        print(f"cup {cups} is served")


async def billing(_reactor: Any, _session: Any) -> None:
    """Finds that no restart can help, and says so with an error that its fleet file calls fatal."""
    raise ApplicationError("com.example.error.no_licence", "the licence ran out in 2019")
