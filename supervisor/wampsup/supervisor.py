"""One fleet and all that belongs to it: its name and socket, its embedded router, its control socket.

Who runs it (the daemon, a program of the user's, a service in twistd) opens it and closes it, and owns what a process
has once: the log, the signals, the reactor's end and the exit code.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, TimeoutError, maybeDeferred  # noqa: A004 - Twisted's name
from twisted.internet.task import deferLater
from twisted.logger import Logger

from wampsup.control import tcp, unix
from wampsup.control.handlers import Control, Identity
from wampsup.control.pace import Pace
from wampsup.control.reload import no_file
from wampsup.logs.stalls import StallLog
from wampsup.reactor.forks import forks
from wampsup.reactor.meter import meter
from wampsup.reactor.profile import Profiler
from wampsup.reactor.watchdog import watchdog
from wampsup.reloading import Reloader
from wampsup.runtime.fleet import Fleet
from wampsup.runtime.journal import Journal
from wampsup.runtime.lines import Lines
from wampsup.runtime.stalls import Stalls
from wampsup.runtime.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from wampsup.claim import Claim
    from wampsup.logs.files import LogFiles
    from wampsup.model.spec import FleetSpec, RouterSpec, SupervisorSpec
    from wampsup.router import Router
    from wampsup.wamp.blueprint import Blueprint

GRACE = 2.0
"""Seconds that each step of the end may take beyond what it was given."""

_log = Logger()


def longest_end(spec: SupervisorSpec) -> float:
    """Seconds from the beginning of an end within which the process is gone, whatever its components do."""
    return spec.stop_timeout + 4 * GRACE


def lines_of(spec: SupervisorSpec) -> Lines | None:
    """Where a fleet's lines are kept; `None` where it wants none to be."""
    return Lines(spec.log_lines) if spec.log_lines else None


class Supervisor:
    """A fleet, with its router where `spec` has one, and a control socket at what is `claimed`, if anything is.

    `fleet_file` is the absolute path of the file that it was made of, which may be read again; a fleet that a program
    has made has none. `lines` are those of its log, if they are kept, and `log_files` is where these are written to, if
    the log is its own. `asked_to_end` is called when a client asks for the end; by default that ends the fleet alone.
    """

    def __init__(  # noqa: PLR0913 - all but three by name
        self,
        spec: FleetSpec,
        blueprints: Mapping[str, Blueprint],
        reactor: Any,
        *,
        claimed: Claim | None = None,
        fleet_file: str | None = None,
        lines: Lines | None = None,
        log_files: LogFiles | None = None,
    ) -> None:
        self._lines = lines
        self._log_files = log_files
        self.fleet = Fleet(spec, blueprints, reactor, forgotten=self._forgotten)
        self._journal = Journal(reactor.seconds)
        self.fleet.watch(self._journal.record)
        self._tally = Tally()
        self.fleet.watch(self._tally.record)
        self.stalls = Stalls(self.fleet, self._journal, StallLog())
        self.asked_to_end: Callable[[], None] = self.fleet.shutdown
        self._reactor = reactor
        self._pace = Pace(reactor)
        self._claimed = claimed
        self._router = _router(spec.router, reactor)
        self._reloader = (
            Reloader(Path(fleet_file), blueprints, self.fleet, reactor, done=self._reloaded, failed=self._not_reloaded)
            if fleet_file
            else None
        )
        self._control = Control(
            self.fleet,
            Identity(
                name=spec.supervisor.name,
                fleet_file=fleet_file or _program(),
                started_at=reactor.seconds(),
                socket="" if claimed is None else claimed.socket,
            ),
            shutdown=self._asked_to_end,
            seconds=reactor.seconds,
            turn=partial(deferLater, reactor, 0),
            strangers_turn=self._pace.turn,
            journal=self._journal,
            lines=lines,
            reload=no_file if self._reloader is None else self._reloader.reload,
            profile=Profiler(reactor).profile,
            tally=self._tally,
        )
        self._ports: dict[str, Any] = {}
        self._unfollow: Callable[[], None] = lambda: None
        self._unwatch: Callable[[], None] = lambda: None
        self._part: Callable[[], None] = lambda: None
        self._asked = False

    @property
    def spec(self) -> SupervisorSpec:
        """What is said of the supervisor itself."""
        return self.fleet.spec.supervisor

    def announce_reloads(self, around: Callable[[], AbstractContextManager[None]]) -> None:
        """Let every reload happen within `around()`."""
        if self._reloader is not None:
            self._reloader.around = around

    def hang_up(self) -> None:
        """SIGHUP: look for the log files anew, and read the file again, unless it has only just been read."""
        if self._log_files is not None:
            self._log_files.reopen()
        if self._reloader is not None and self._ports:
            self._reloader.hang_up()

    async def open(self) -> None:
        """Open the router, the control socket and HTTP over TCP, and start the fleet.

        Raises:
            WampsupError: one of them can't be opened; what is open by then has to be closed.
        """
        if self._router is not None:
            await self._router.start()
        if self._claimed is not None:
            self._listen(self._claimed)
        self._unfollow = meter.follow(self._reactor)
        self._unwatch = watchdog.follow(self._reactor, self.stalls, self.stalls.patience)
        if self._claimed is not None:
            self._part = forks.follow(self._reactor, self._claimed.abandon)
        self.fleet.start()

    async def close(self) -> bool:
        """Stop the fleet, then the router, then the control socket; whether each of them ended well and in time."""
        self._journal.note("shutdown")
        self.fleet.shutdown()
        well = await self._within(self.spec.stop_timeout + GRACE, self.fleet.wait_ended(), "the components")
        if self._router is not None:
            well &= await self._within(GRACE, self._router.stop(), "the router")
        self._journal.end()
        self._unfollow()
        if self._lines is not None:
            self._lines.end()
        self._unwatch()
        self._part()
        for what, port in self._ports.items():
            well &= await self._within(GRACE, maybeDeferred(port.stopListening), what)
        return well

    def _listen(self, claimed: Claim) -> None:
        spec = self.spec
        place = unix.SocketPlace(
            path=claimed.socket, mode=spec.socket_mode, group=spec.socket_group, renew=claimed.renew
        )
        self._ports["the control socket"] = unix.listen(
            self._control.answer, place, self._reactor, renewed=lambda words: self._journal.note("socket", note=words)
        )
        _log.info("fleet `{name}` answers on {socket}", name=spec.name, socket=claimed.socket)
        if spec.http is not None:
            self._ports["HTTP over TCP"] = tcp.listen(
                self._control.answer, spec.http, spec.http_hosts, self._reactor, self._pace.turn
            )

    def _asked_to_end(self) -> None:
        if not self._asked:
            _log.info("a person asked for the end: stopping the fleet in order")
        self._asked = True
        self.asked_to_end()

    def _forgotten(self, component: str) -> None:
        self._tally.forget(component)
        if self._lines is not None:
            self._lines.forget(component)
        if self._log_files is not None:
            self._log_files.forget(component)

    def _reloaded(self, changes: str) -> None:
        if self._log_files is not None:
            self._log_files.become(self.spec.log_file)
        self._tally.reloads[True] += 1
        self._journal.note("reload", note=changes)
        watchdog.become(self.stalls, self.stalls.patience)

    def _not_reloaded(self) -> None:
        self._tally.reloads[False] += 1

    async def _within(self, seconds: float, ending: Deferred[Any], what: str) -> bool:
        try:
            await ending.addTimeout(seconds, self._reactor)
        except TimeoutError:
            _log.error("{what} did not end within {seconds} s", what=what, seconds=seconds)
        except Exception:  # noqa: BLE001 - the next step of the end has to come
            _log.failure("a bug of wampsup: {what} could not be ended", what=what)
        else:
            return True
        return False


def _program() -> str:
    return str(Path(sys.argv[0]).absolute())


def _router(spec: RouterSpec | None, reactor: Any) -> Router | None:
    if spec is None:
        return None
    from wampsup.router import Router  # noqa: PLC0415 - a fleet with a router of its own need not pay for this one

    return Router(spec, reactor)
