"""`wampsup.Fleet` on a reactor that runs already: what it holds, tells and leaves behind."""

from __future__ import annotations

import os
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred

from support.files import write_fleet
from support.reactor import Usage, reactor, until
from wampsup import Backoff, Fleet, RestartPolicy
from wampsup.errors import FleetFileError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.crossbar import Crossbar
    from support.logged import LoggedErrors
    from support.reactor import Run

QUICK = RestartPolicy(backoff=Backoff(initial_delay=0.02, max_delay=0.1, growth=2.0, jitter=0.0), max_restarts=2)

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"

    [components.clock]
    main = "{module}:clock"
    transports = "rs://unix:r.sock"
"""

PARTS = """
    from twisted.internet.defer import Deferred

    async def clock(reactor, session):
        await Deferred()
"""


@pytest.fixture
def of_file(runtime: Path, component_module: Callable[[str], str]) -> Callable[[], Fleet]:
    """Makes the fleet of a file, with a router and a control socket."""
    module = component_module(dedent(PARTS))
    path = write_fleet(runtime / "file", dedent(FLEET).format(module=module))
    return lambda: Fleet.from_file(path)


async def stays(_reactor: Any, _session: Any) -> None:
    await Deferred[None]()


async def once(_reactor: Any, _session: Any) -> None:
    pass


async def kettle(_reactor: Any, _session: Any) -> None:
    raise ValueError("the kettle is dry")


def component(main: Any, crossbar: Crossbar) -> Component:
    return Component(main=main, realm=crossbar.realm, transports=crossbar.websocket_url)


def states(fleet: Fleet) -> dict[str, str]:
    return {name: shown["state"] for name, shown in fleet.status().items()}


def test_a_fleet_starts_and_stops_again_and_again_and_leaves_nothing_behind(
    run: Run, runtime: Path, of_file: Callable[[], Fleet]
) -> None:
    fleet = run(of_file)

    async def scenario() -> None:
        await fleet.start(reactor)
        await until(lambda: states(fleet) == {"clock": "running"})
        await fleet.stop()
        usage = Usage.now()
        for _ in range(2):
            await fleet.start(reactor)
            ended = fleet.when_ended()
            assert (runtime / "wampsup/edge.sock").is_socket()
            assert (runtime / "file/r.sock").is_socket()
            await until(lambda: states(fleet) == {"clock": "running"})
            await fleet.stop()
            assert await ended == 0
            assert fleet.status() == {}
            assert list((runtime / "wampsup").iterdir()) == []
            assert not (runtime / "file/r.sock").exists()
            await usage.again(2)

    run(scenario)


def test_a_fleet_of_objects_starts_again_too(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        fleet = Fleet([component(stays, crossbar), component(stays, crossbar)])
        for _ in range(2):
            await fleet.start(reactor)
            await until(lambda: states(fleet) == {"stays": "running", "stays-2": "running"})
            await fleet.stop()

    run(scenario)


def test_stopping_at_once_and_twice_and_what_does_not_run_is_fine(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        fleet = Fleet(component(stays, crossbar))
        await fleet.stop()
        usage = Usage.now()
        await fleet.start(reactor)
        first, second = fleet.stop(), fleet.stop()
        await first
        await second
        await usage.again(2)

    run(scenario)


def test_a_fleet_that_runs_is_not_started_twice(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        fleet = Fleet(component(stays, crossbar), name="edge-objects")
        await fleet.start()
        with pytest.raises(RuntimeError, match=r"^fleet `edge-objects` runs already$"):
            await fleet.start()
        await fleet.stop()

    run(scenario)


def test_the_end_of_all_components_is_told_with_an_exit_code(
    run: Run, crossbar: Crossbar, logged_errors: LoggedErrors
) -> None:
    async def end(*mains: Any) -> int:
        fleet = Fleet([component(main, crossbar) for main in mains], restart=QUICK, exit_when="all-done")
        ended = fleet.when_ended()
        await fleet.start(reactor)
        return await ended

    assert run(lambda: end(once, once)) == 0
    assert run(lambda: end(once, kettle)) == 1


def test_the_end_is_told_to_who_asks_for_it_afterwards(
    run: Run, crossbar: Crossbar, logged_errors: LoggedErrors
) -> None:
    async def scenario() -> None:
        fleet = Fleet(component(kettle, crossbar), restart=QUICK, exit_when="all-done")
        first = fleet.when_ended()
        await fleet.stop()
        assert not first.called
        await fleet.start(reactor)
        assert await first == 1
        assert fleet.when_ended().result == fleet.when_ended().result == 1

    run(scenario)


def test_a_fleet_that_was_started_again_tells_of_its_next_end(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        fleet = Fleet(component(stays, crossbar))
        for _ in range(2):
            starting = fleet.start(reactor)
            ended = fleet.when_ended()
            await starting
            await until(lambda: states(fleet) == {"stays": "running"})
            assert not ended.called
            stopped = fleet.stop()
            assert not fleet.when_ended().called
            await stopped
            assert (await ended, await fleet.when_ended()) == (0, 0)

    run(scenario)


def test_the_last_end_stays_told_where_the_next_start_fails(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        shared = component(stays, crossbar)
        first, second = Fleet(shared), Fleet(shared)
        await first.start(reactor)
        await first.stop()
        await second.start(reactor)
        with pytest.raises(WampsupError):
            await first.start(reactor)
        assert first.when_ended().result == 0
        await second.stop()

    run(scenario)


def test_a_component_that_another_fleet_runs_fails_the_start(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        shared = component(stays, crossbar)
        first, second = Fleet({"a": shared}), Fleet({"b": component(stays, crossbar), "c": shared})
        await first.start(reactor)
        with pytest.raises(WampsupError) as caught:
            await second.start(reactor)
        assert caught.value.message == "component `c` is in fleet `fleet` already, which runs"
        assert caught.value.hint == "make a Component for each fleet"
        await first.stop()
        await second.start(reactor)
        await until(lambda: states(second) == {"b": "running", "c": "running"})
        await second.stop()

    run(scenario)


def test_a_name_that_is_too_long_for_a_socket_fails_the_start(run: Run, runtime: Path) -> None:
    async def scenario() -> None:
        fleet = Fleet([], name="x" * 107)
        for _ in range(2):
            with pytest.raises(WampsupError, match=r"^the socket path `/.*` is too long") as caught:
                await fleet.start(reactor)
            assert caught.value.hint == "choose a shorter `name`"
        assert not any(os.scandir(runtime))

    run(scenario)


def test_a_name_that_is_taken_fails_the_start_and_leaves_the_owner_alone(
    run: Run, runtime: Path, of_file: Callable[[], Fleet]
) -> None:
    async def scenario() -> None:
        owner, second = of_file(), of_file()
        await owner.start(reactor)
        usage = Usage.now()
        with pytest.raises(WampsupError, match=r"^fleet `edge` already runs \(pid \d+\)$"):
            await second.start(reactor)
        await usage.again(2)
        assert (runtime / "wampsup/edge.sock").is_socket()
        await second.stop()
        await owner.stop()

    run(scenario)


def test_a_router_that_cannot_open_fails_the_start_and_leaves_nothing(
    run: Run, runtime: Path, of_file: Callable[[], Fleet]
) -> None:
    async def scenario() -> None:
        fleet = of_file()
        path = runtime / "file/r.sock"
        path.mkdir()
        usage = Usage.now()
        with pytest.raises(WampsupError, match=r"^the router can't listen on "):
            await fleet.start(reactor)
        await usage.again(2)
        assert list((runtime / "wampsup").iterdir()) == []
        path.rmdir()
        await fleet.start(reactor)
        await until(lambda: states(fleet) == {"clock": "running"})
        await fleet.stop()

    run(scenario)


def test_it_is_a_service_among_others(run: Run, of_file: Callable[[], Fleet]) -> None:
    async def scenario() -> None:
        fleet = of_file()
        assert IService.providedBy(fleet)
        parent = MultiService()
        fleet.setServiceParent(parent)  # type: ignore[no-untyped-call]  # Twisted's
        parent.startService()
        await until(lambda: states(fleet) == {"clock": "running"})
        await parent.stopService()
        assert fleet.status() == {}

    run(scenario)


def test_the_end_of_a_service_is_told_to_its_host_unless_that_asked_for_it(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        codes: list[int] = []
        fleet = Fleet(component(once, crossbar), exit_when="all-done", on_end=codes.append)
        fleet.startService()
        await until(lambda: codes == [0])
        await fleet.stopService()

        stopped = Fleet(component(stays, crossbar), exit_when="all-done", on_end=codes.append)
        stopped.startService()
        await until(lambda: states(stopped) == {"stays": "running"})
        await stopped.stopService()
        assert codes == [0]

    run(scenario)


@pytest.mark.parametrize(("given", "state"), [({}, "failed"), ({"on_user_error": "log"}, "running")])
def test_a_host_says_what_an_error_of_a_join_handler_means(
    run: Run, crossbar: Crossbar, logged_errors: LoggedErrors, given: dict[str, Any], state: str
) -> None:
    async def scenario() -> None:
        made = component(stays, crossbar)
        made.on_join(kettle)
        fleet = Fleet({"a": made}, restart=RestartPolicy(policy="never"), **given)
        await fleet.start(reactor)
        await until(lambda: states(fleet) == {"a": state})
        await fleet.stop()

    run(scenario)
    if state == "running":
        assert len(logged_errors.take("on_user_error is `log`")) == 1


def test_its_status_is_that_of_the_control_socket(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        fleet = Fleet({"a": component(stays, crossbar)})
        await fleet.start(reactor)
        await until(lambda: states(fleet) == {"a": "running"})
        shown = fleet.status()["a"]
        assert (shown["name"], shown["desired"], shown["transport"]) == ("a", "up", crossbar.websocket_url)
        await fleet.stop()

    run(scenario)


def test_the_mistakes_of_a_fleet_file_are_told_in_full(run: Run, runtime: Path) -> None:
    path = write_fleet(runtime, "[components.a]\nmain = 'nirvana:main'\n[components.b]\nmain = 'nirvana:main'\n")
    with pytest.raises(FleetFileError) as caught:
        run(lambda: Fleet.from_file(path))
    assert str(caught.value) == caught.value.render()
    assert str(caught.value).count("there is no module `nirvana`") == 2
