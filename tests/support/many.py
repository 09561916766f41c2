"""A fleet in memory that is served on a unix socket, as large as a test wants it and open to whom it likes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, maybeDeferred

from support.files import unix_path
from support.forward import forwarded
from support.reactor import reactor
from wampsup.control.handlers import Control, Identity
from wampsup.control.twin import FleetTwin
from wampsup.control.unix import SocketPlace, listen
from wampsup.model.state import BackingOff, Desired, Fatal, Joined, Kind, LastError, Problem, Running
from wampsup.model.transition import Cause
from wampsup.runtime.journal import SIZE, Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.reactor import Run
    from wampsup.control.messages import Answer, Request
    from wampsup.model.state import State

PROBLEM = Problem(kind=Kind.MAIN, type="ValueError", message="the kettle is dry", traceback="Traceback ...\nValueError")


class Served:
    """Control over components that are what a test makes them; `vouched` says whether whoever asks may change things.

    Call it on the reactor. `asked` are the requests so far.
    """

    def __init__(self, names: Sequence[str], *, vouched: bool, journal: int) -> None:
        now = reactor.seconds()
        self.fleet = FleetTwin(names, now - 60)
        self.journal = Journal(reactor.seconds, journal)
        self.asked: list[Request] = []
        self._vouched = vouched
        identity = Identity(
            name="edge", fleet_file="/etc/edge.toml", started_at=now - 3600, socket="/run/wampsup/edge.sock"
        )
        self._control = Control(
            self.fleet, identity, shutdown=lambda: None, seconds=reactor.seconds, journal=self.journal
        )

    def answer(self, request: Request) -> Deferred[Answer]:
        self.asked.append(request)
        return self._control.answer(replace(request, vouched=self._vouched))

    def move(self, name: str, into: Callable[[float], State], error: Problem | None = None) -> None:
        """Put a component into a state as of now, because of an error where there is one, and tell it as an event."""
        unit = self.fleet.units[name]
        before = unit.component
        state = into(reactor.seconds())
        last = before.last_error if error is None else LastError(problem=error, at=state.since)
        unit.component = replace(before, state=state, desired=Desired.UP, last_error=last)
        self.journal.record(unit, before, unit.component, Cause(event="ended"))

    def move_all(self, names: Sequence[str], into: Callable[[float], State]) -> None:
        """Put many components into a state."""
        for name in names:
            self.move(name, into)


def running(since: float) -> State:
    """It runs."""
    return Running(since=since, attempt=1, joined=Joined(session_id=7, realm="realm1", transport="rs://unix:/r.sock"))


def backing_off(since: float) -> State:
    """It is tried again in a while."""
    return BackingOff(since=since, next_attempt_at=since + 600)


def fatal(since: float) -> State:
    """Nothing but a person starts it."""
    return Fatal(since=since)


@contextmanager
def served(
    run: Run, names: Sequence[str], *, vouched: bool = True, journal: int = SIZE
) -> Iterator[tuple[Served, str]]:
    """Within, the fleet is to be had at the URL."""
    scene = run(lambda: Served(names, vouched=vouched, journal=journal))
    with unix_path() as path, forwarded(path) as url:
        port: Any = run(lambda: listen(scene.answer, SocketPlace(path=str(path)), reactor))
        try:
            yield scene, url
        finally:

            async def end() -> None:
                scene.journal.end()
                await maybeDeferred(port.stopListening)

            run(end)
