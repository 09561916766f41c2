"""Ways to a router as a fleet file says them: read from TOML, built, and joined over for real."""

from __future__ import annotations

import inspect
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from support.files import write_fleet
from support.reactor import reactor, until
from support.supervised import Supervised, component, stays
from wampsup.config import load
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import Mistake, TransportSpec
    from wampsup.model.state import Problem

SOON = "initial_retry_delay = 0.05, max_retry_delay = 0.2"
"""Keys of a transport that is tried again soon."""


def ways(transports: str) -> tuple[TransportSpec, ...]:
    """The value of `transports` in a fleet file, read from there; relative paths lead nowhere."""
    with TemporaryDirectory() as folder:
        file = write_fleet(Path(folder), f'[components.c]\nmain = "m:f"\ntransports = {transports}\n')
        found = load(file).spec.components[0].transports
    assert found is not None
    return found


def way(table: str) -> TransportSpec:
    """The only transport of a fleet file: the keys of its table."""
    return ways(f"{{ {table}, {SOON} }}")[0]


def mistakes_in(table: str) -> list[Mistake]:
    """What is found wrong with that transport before anything starts."""
    _, mistakes = prepare([component(way(table), main=stays)], reactor)
    return mistakes


async def over(transport: TransportSpec, look: Callable[[Any], Any]) -> Any:
    """What `look` (plain or async) finds, given the session of a component that has joined over `transport`."""
    found: list[Any] = []

    async def main(_reactor: Any, session: Any) -> None:
        value = look(session)
        found.append(await value if inspect.isawaitable(value) else value)
        await Deferred[None]()

    fleet = Supervised(component(transport, main=main)).start()
    await fleet.until("running")
    await until(lambda: found or fleet.state() != "running", what="what there is to find")
    assert found, fleet.problem()
    await fleet.stop()
    return found[0]


async def problem_over(transport: TransportSpec) -> Problem:
    """Why no component can join over `transport`."""
    fleet = Supervised(component(transport, main=stays)).start()
    await fleet.until("reconnecting")
    problem = fleet.problem()
    await fleet.stop()
    return problem


def protocol_of(session: Any) -> Any:
    """Autobahn's protocol below a session."""
    return session._transport
