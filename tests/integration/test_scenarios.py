"""A dozen scenarios, each in memory and on a real Crossbar.io: what wampsup promises about many components.

How to read them stands in `support.scenarios`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.scenarios import Played, Scenario, component, fleet
from support.stages import InMemory, OnRouter
from wampsup.model.spec import GroupSpec

if TYPE_CHECKING:
    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.model.spec import ComponentSpec, FleetSpec, Strategy

CHAIN = (component("web", requires=("api",)), component("api", requires=("db",)), component("db"))
"""In a file, the order of dependencies is not that of the components."""


def of_group(strategy: Strategy, *components: ComponentSpec, max_restarts: int = 5) -> FleetSpec:
    """A group, `feeds`, of these, and `clock`, which starts after them and is not in it."""
    members = [replace(one, group="feeds") for one in components]
    group = GroupSpec(name="feeds", strategy=strategy, max_restarts=max_restarts)
    return fleet(component("clock", after=tuple(one.name for one in components)), *members, groups=[group])


SCENARIOS = {
    "all start in the order of dependencies, and stop in the reverse": Scenario(
        fleet(
            component("web", requires=("api",)),
            component("api", requires=("db",), after=("cache",)),
            component("cache", after=("db",)),
            component("db"),
        ),
        """
        the fleet starts
            web: stopped -> waiting (start by autostart)
            api: stopped -> waiting (start by autostart)
            cache: stopped -> waiting (start by autostart)
            db: stopped -> waiting (start by autostart) -> connecting -> running
            cache: waiting -> connecting -> running
            api: waiting -> connecting -> running
            web: waiting -> connecting -> running
        the fleet is shut down
            db: running (stop by shutdown)
            cache: running (stop by shutdown)
            api: running (stop by shutdown)
            web: running -> stopping (stop by shutdown) -> stopped
            api: running -> stopping (stop by shutdown) -> stopped
            cache: running -> stopping (stop by shutdown) -> stopped
            db: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 0
        """,
    ),
    "at most start_window components join at once": Scenario(
        fleet(component("a"), component("b"), component("c"), component("d", after=("b",)), start_window=2),
        """
        the router does not answer a
        the router does not answer c
        the fleet starts
            a: stopped -> waiting (start by autostart)
            b: stopped -> waiting (start by autostart)
            c: stopped -> waiting (start by autostart)
            d: stopped -> waiting (start by autostart)
            a: waiting -> connecting
            b: waiting -> connecting -> running
            c: waiting -> connecting
        the router answers c again
            c: connecting -> running
            d: waiting -> connecting -> running
        a person stops a
            a: connecting -> stopping (stop by person) -> stopped
        a person stops c
            c: running -> stopping (stop by person) -> stopped
        the fleet is shut down
            ...
        """,
    ),
    "who can't connect gives its place to others after its attempt": Scenario(
        fleet(component("a", start_timeout=0.5), component("b", requires=("a",)), component("c")),
        """
        the router does not answer a
        the fleet starts, until c is running
            a: stopped -> waiting (start by autostart)
            b: stopped -> waiting (start by autostart)
            c: stopped -> waiting (start by autostart)
            a: waiting -> connecting (due) -> reconnecting
            c: waiting -> connecting -> running
        a person stops a
            a: reconnecting -> stopped (stop by person)
        the router answers a again
        a person starts a
            a: stopped -> waiting (start by person) -> connecting -> running
            b: waiting -> connecting -> running
        a person stops c
            c: running -> stopping (stop by person) -> stopped
        the fleet is shut down
            ...
        """,
    ),
    "what fails for good takes its dependants along, and brings them back": Scenario(
        fleet(*CHAIN[:2], component("db", restart="never")),
        """
        the fleet starts
            ...
        db crashes
            db: running -> stopping -> failed
            web: running -> stopping (hold by requires:api) -> waiting
            api: running -> stopping (hold by requires:db) -> waiting
        a person starts web
        a person starts db
            db: failed -> waiting (start by person) -> connecting -> running
            api: waiting -> connecting -> running
            web: waiting -> connecting -> running
        the fleet is shut down
            ...
        """,
    ),
    "what can't connect any more takes its dependants along": Scenario(
        fleet(*CHAIN[:2], component("db", max_retries=1)),
        """
        the fleet starts
            ...
        the router goes away for db, until db is failed
            db: running -> reconnecting -> waiting -> connecting -> reconnecting -> waiting -> connecting -> failed
            web: running -> stopping (hold by requires:api)
        api crashes
            api: running -> stopping
            web: stopping -> waiting
            api: stopping -> backoff -> waiting (hold by requires:db)
        the router comes back
        a person starts db
            db: failed -> waiting (start by person) -> connecting -> running
            api: waiting -> connecting -> running
            web: waiting -> connecting -> running
        the fleet is shut down
            ...
        """,
    ),
    "a person stops the middle of a chain": Scenario(
        fleet(*CHAIN),
        """
        the fleet starts
            ...
        a person stops api
            web: running -> stopping (hold by requires:api)
            api: running (stop by person)
            web: stopping -> waiting
            api: running -> stopping (stop by person) -> stopped
        db crashes
            db: running -> stopping -> backoff -> waiting -> connecting -> running
        a person stops web
            web: waiting -> stopped (stop by person)
        a person starts api
            api: stopped -> waiting (start by person) -> connecting -> running
        a person starts web
            web: stopped -> waiting (start by person) -> connecting -> running
        the fleet is shut down
            ...
        """,
    ),
    "a lost connection disturbs nobody": Scenario(
        fleet(*CHAIN),
        """
        the fleet starts
            ...
        db loses its connection
            db: running -> reconnecting -> waiting -> connecting -> running
        the router goes away
            web: running -> reconnecting
            api: running -> reconnecting
            db: running -> reconnecting
        the router comes back
            web: reconnecting -> waiting
            api: reconnecting -> waiting
            db: reconnecting -> waiting -> connecting -> running
            api: waiting -> connecting -> running
            web: waiting -> connecting -> running
        the fleet is shut down
            ...
        """,
    ),
    "a person's stop survives the router's return": Scenario(
        fleet(*CHAIN),
        """
        the fleet starts
            ...
        the router goes away
            web: running -> reconnecting
            api: running -> reconnecting
            db: running -> reconnecting
        a person stops web; a person stops db
            web: reconnecting -> stopped (stop by person)
            api: reconnecting -> waiting (hold by requires:db)
            db: reconnecting -> stopped (stop by person)
        the router comes back
        a person starts db
            db: stopped -> waiting (start by person) -> connecting -> running
            api: waiting -> connecting -> running
        the fleet is shut down
            db: running (stop by shutdown)
            api: running -> stopping (stop by shutdown) -> stopped
            db: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 0
        """,
    ),
    "a restart disturbs no dependant until it is given up": Scenario(
        fleet(*CHAIN[:2], component("db", max_restarts=1)),
        """
        the fleet starts
            ...
        db crashes
            db: running -> stopping -> backoff -> waiting -> connecting -> running
        a person restarts db
            db: running -> stopping (restart by person) -> waiting -> connecting -> running
        db crashes, until db is backoff
            db: running -> stopping -> backoff
        a person restarts db
            db: backoff -> waiting (restart by person) -> connecting -> running
        db crashes
            db: running -> stopping -> backoff -> waiting -> connecting -> running
        db crashes
            db: running -> stopping -> failed
            web: running -> stopping (hold by requires:api) -> waiting
            api: running -> stopping (hold by requires:db) -> waiting
        the fleet is shut down
            db: failed -> stopped (stop by shutdown)
            api: waiting -> stopped (stop by shutdown)
            web: waiting -> stopped (stop by shutdown)
            the fleet ends with exit code 0
        """,
    ),
    "one-for-one restarts who failed": Scenario(
        of_group("one-for-one", component("a"), component("b", after=("a",))),
        """
        the fleet starts
            clock: stopped -> waiting (start by autostart)
            a: stopped -> waiting (start by autostart)
            b: stopped -> waiting (start by autostart)
            a: waiting -> connecting -> running
            b: waiting -> connecting -> running
            clock: waiting -> connecting -> running
        a crashes
            a: running -> stopping -> backoff -> waiting -> connecting -> running
        b crashes
            b: running -> stopping -> backoff -> waiting -> connecting -> running
        the fleet is shut down
            b: running (stop by shutdown)
            a: running (stop by shutdown)
            clock: running -> stopping (stop by shutdown) -> stopped
            b: running -> stopping (stop by shutdown) -> stopped
            a: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 0
        """,
    ),
    "one-for-all restarts all in order": Scenario(
        of_group("one-for-all", component("a"), component("b"), component("c")),
        """
        the fleet starts
            ...
        b crashes
            b: running -> stopping -> backoff
            c: running -> stopping (hold by group:feeds) -> waiting
            a: running -> stopping (hold by group:feeds) -> waiting
            b: backoff -> waiting
            a: waiting -> connecting -> running
            b: waiting -> connecting -> running
            c: waiting -> connecting -> running
        b loses its connection
            b: running -> reconnecting -> waiting -> connecting -> running
        a person restarts b
            b: running -> stopping (restart by person) -> waiting -> connecting -> running
        c crashes
            c: running -> stopping -> backoff
            b: running -> stopping (hold by group:feeds) -> waiting
            a: running -> stopping (hold by group:feeds) -> waiting
            c: backoff -> waiting
            a: waiting -> connecting -> running
            b: waiting -> connecting -> running
            c: waiting -> connecting -> running
        b completes
            b: running -> stopping -> completed
        a crashes
            a: running -> stopping -> backoff
            c: running -> stopping (hold by group:feeds)
            b: completed -> waiting (start by group:feeds)
            c: stopping -> waiting
            a: backoff -> waiting -> connecting -> running
            b: waiting -> connecting -> running
            c: waiting -> connecting -> running
        the fleet is shut down
            c: running (stop by shutdown)
            b: running (stop by shutdown)
            a: running (stop by shutdown)
            clock: running -> stopping (stop by shutdown) -> stopped
            c: running -> stopping (stop by shutdown) -> stopped
            b: running -> stopping (stop by shutdown) -> stopped
            a: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 0
        """,
    ),
    "rest-for-one restarts those behind": Scenario(
        of_group("rest-for-one", component("a"), component("b"), component("c"), component("d")),
        """
        the fleet starts
            ...
        b crashes
            b: running -> stopping -> backoff
            d: running -> stopping (hold by group:feeds) -> waiting
            c: running -> stopping (hold by group:feeds) -> waiting
            b: backoff -> waiting -> connecting -> running
            c: waiting -> connecting -> running
            d: waiting -> connecting -> running
        d crashes
            d: running -> stopping -> backoff -> waiting -> connecting -> running
        b crashes, until d is stopping
            b: running -> stopping -> backoff
            d: running -> stopping (hold by group:feeds)
        a person stops d
            d: stopping (stop by person) -> stopped
            c: running -> stopping (hold by group:feeds) -> waiting
            b: backoff -> waiting -> connecting -> running
            c: waiting -> connecting -> running
        the fleet is shut down
            ...
        """,
    ),
    "one-for-all stops a temporary member, and does not start it again": Scenario(
        of_group("one-for-all", component("a"), component("b", restart="never"), component("c")),
        """
        the fleet starts
            ...
        c crashes
            c: running -> stopping -> backoff
            b: running (stop by group:feeds) -> stopping (stop by group:feeds) -> stopped
            a: running -> stopping (hold by group:feeds) -> waiting
            c: backoff -> waiting
            a: waiting -> connecting -> running
            c: waiting -> connecting -> running
        a person starts b
            b: stopped -> waiting (start by person) -> connecting -> running
        b crashes
            b: running -> stopping -> failed
        the fleet is shut down
            ...
        """,
    ),
    "a group that spends its restarts ends failed": Scenario(
        of_group("one-for-one", component("a"), component("b", after=("a",)), max_restarts=2),
        """
        the fleet starts
            ...
        a crashes
            a: running -> stopping -> backoff -> waiting -> connecting -> running
        b crashes
            b: running -> stopping -> backoff -> waiting -> connecting -> running
        a crashes
            a: running -> stopping -> failed
            b: running -> stopping (give-up by group:feeds) -> failed
        a person starts a b
            a: failed -> waiting (start by person)
            b: failed -> waiting (start by person)
            a: waiting -> connecting -> running
            b: waiting -> connecting -> running
        a crashes
            a: running -> stopping -> backoff -> waiting -> connecting -> running
        the fleet is shut down
            ...
        """,
    ),
    "a group that spends its restarts ends the fleet with its critical member": Scenario(
        of_group("one-for-all", component("a"), component("b", critical=True), max_restarts=0),
        """
        the fleet starts
            ...
        a crashes
            a: running -> stopping -> failed
            b: running -> stopping (give-up by group:feeds) -> failed -> stopped (stop by shutdown)
            a: failed -> stopped (stop by shutdown)
            clock: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 1
        """,
    ),
    "a critical component that fails for good ends the fleet": Scenario(
        fleet(*CHAIN[:2], component("db", critical=True)),
        """
        the fleet starts
            ...
        db crashes
            db: running -> stopping -> backoff -> waiting -> connecting -> running
        db fails fatally
            db: running -> stopping -> fatal
            web: running -> stopping (hold by requires:api)
            db: fatal -> stopped (stop by shutdown)
            api: running (stop by shutdown)
            web: stopping (stop by shutdown) -> stopped
            api: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 1
        """,
    ),
    "the fleet ends when all is done": Scenario(
        fleet(component("load"), component("report", after=("load",)), exit_when="all-done"),
        """
        the fleet starts
            load: stopped -> waiting (start by autostart)
            report: stopped -> waiting (start by autostart)
            load: waiting -> connecting -> running
            report: waiting -> connecting -> running
        load completes
            load: running -> stopping -> completed
        report crashes
            report: running -> stopping -> backoff -> waiting -> connecting -> running
        report completes
            report: running -> stopping -> completed -> stopped (stop by shutdown)
            load: completed -> stopped (stop by shutdown)
            the fleet ends with exit code 0
        """,
    ),
    "the fleet ends when what is left waits in vain": Scenario(
        fleet(component("load"), component("report", requires=("load",)), exit_when="all-done"),
        """
        the fleet starts
            ...
        load completes
            load: running -> stopping -> completed
            report: running -> stopping (hold by requires:load) -> waiting -> stopped (stop by shutdown)
            load: completed -> stopped (stop by shutdown)
            the fleet ends with exit code 0
        """,
    ),
    "a component that hangs is cut off, and holds up only what it needs": Scenario(
        fleet(component("db"), component("api", requires=("db",), stop_timeout=0.5), component("clock")),
        """
        the fleet starts
            ...
        api will not leave when it is told to
        a person stops api; a person starts api
            api: running -> stopping (stop by person) (start by person) (due) -> waiting -> connecting -> running
        a person stops db; a person restarts clock
            api: running -> stopping (hold by requires:db)
            db: running (stop by person)
            clock: running -> stopping (restart by person) -> waiting -> connecting -> running
            api: stopping (due) -> waiting
            db: running -> stopping (stop by person) -> stopped
        a person starts db
            db: stopped -> waiting (start by person) -> connecting -> running
            api: waiting -> connecting -> running
        api loses its connection
            api: running -> stopping (due) -> reconnecting -> waiting -> connecting -> running
        the fleet is shut down
            clock: running -> stopping (stop by shutdown)
            api: running -> stopping (stop by shutdown)
            db: running (stop by shutdown)
            clock: stopping -> stopped
            api: stopping (due) -> stopped
            db: running -> stopping (stop by shutdown) -> stopped
            the fleet ends with exit code 0
        """,
    ),
    "a reload touches only what has changed": Scenario(
        fleet(*CHAIN, component("feed@1", requires=("api",), instance_of="feed")),
        """
        the fleet starts
            ...
        a person stops web
            web: running -> stopping (stop by person) -> stopped
        the fleet file is read again
            feed@2: stopped -> waiting (start by reload)
            new: stopped -> waiting (start by reload)
            feed@2: waiting -> connecting -> running
            new: waiting -> connecting -> running
        feed@1 crashes
            feed@1: running -> stopping -> failed
        the fleet file is read again
            feed@2: running -> stopping (stop by reload) -> stopped
            api: running -> stopping (restart by reload) -> waiting -> connecting -> running
        db crashes
            db: running -> stopping -> failed
            api: running -> stopping (hold by requires:db) -> waiting
        the fleet is shut down
            new: running -> stopping (stop by shutdown)
            feed@1: failed -> stopped (stop by shutdown)
            db: failed -> stopped (stop by shutdown)
            api: waiting -> stopped (stop by shutdown)
            new: stopping -> stopped
            the fleet ends with exit code 0
        """,
        becomes=[
            fleet(
                *CHAIN,
                component("feed@1", requires=("api",), restart="never", instance_of="feed"),
                component("feed@2", requires=("api",), restart="never", instance_of="feed"),
                component("new", requires=("api",)),
            ),
            fleet(
                component("web", requires=("api",)),
                component("api", requires=("db",), extra={"colour": "blue"}),
                component("db", restart="never"),
                component("feed@1", requires=("api",), restart="never", instance_of="feed"),
                component("new"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_fleet_keeps_its_promises_in_memory_and_on_crossbar(run: Run, crossbar: Crossbar, scenario: Scenario) -> None:
    imagined = played_in_memory(scenario)
    real = run(lambda: played_on(crossbar, scenario))
    assert real.trace == imagined.trace
    assert imagined.told_as(scenario.script) == scenario.told


def played_in_memory(scenario: Scenario) -> Played:
    stage = InMemory(scenario.fleet)
    try:
        scenario.play(stage).send(None)
    except StopIteration as done:
        stage.close()
        played: Played = done.value
        return played
    raise AssertionError("in memory there is nothing to wait for")


async def played_on(router: Crossbar, scenario: Scenario) -> Played:
    stage = OnRouter(scenario.fleet, router.websocket_url)
    try:
        return await scenario.play(stage)
    finally:
        await stage.close()
