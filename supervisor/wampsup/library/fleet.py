"""`wampsup.Fleet`: a fleet on a reactor that somebody else runs, and a service for `twistd`, `twist` and their like.

The log, the signals and the reactor belong to the host. What the host can't know is the end that a fleet comes to by
itself; so that is told.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger

from wampsup.claim import claim
from wampsup.control import represent
from wampsup.errors import WampsupError
from wampsup.library.arguments import check_on_end
from wampsup.library.holding import hold
from wampsup.library.plan import Plan, plan_of_file, plan_of_objects
from wampsup.logs.guest import listen
from wampsup.logs.lifecycle import tell_host
from wampsup.logs.stalls import StallLog
from wampsup.model.spec import RestartPolicy
from wampsup.reactor.kinds import reactor_of_process
from wampsup.supervisor import Supervisor, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twisted.python.failure import Failure

    from wampsup.model.spec import ExitWhen, OnUserError
    from wampsup.wamp.objects import Components

_log = Logger()


class Fleet(Service):
    """A fleet of components, or that of a fleet file, with its embedded router and its control socket.

    `start` and `stop` are for who runs the reactor; `startService` and `stopService` do the same for a host of
    services. It may be started again after its end.

    Args:
        components: Components of `autobahn.twisted.component`: one, several, or a mapping of names to them.
        name: With a name the fleet has a control socket, and `wampsup status` and its like find it.
        restart: When a component that failed is started again.
        on_user_error: What it means that `onJoin`, an `on_join` handler or a registration fails, or does not return in
            time: `"fail"`, a failure of the component; `"log"`, a line in the log.
        exit_when: `"all-done"` ends the fleet when all of its components have ended.
        on_end: Called with the exit code when the fleet, as a service, has ended though the host did not stop it: a
            critical component failed, a person said `wampsup shutdown`, all components are done, or it could not start.
            By default the reactor is stopped then, and the process exits with that code.

    Raises:
        TypeError: an argument is of the wrong type.
        ValueError: a component can't be supervised, or another argument is wrong.
    """

    def __init__(  # noqa: PLR0913 - what a host may say of its fleet
        self,
        components: Components,
        *,
        name: str | None = None,
        restart: RestartPolicy = RestartPolicy(),
        on_user_error: OnUserError = "fail",
        exit_when: ExitWhen = "never",
        on_end: Callable[[int], None] | None = None,
    ) -> None:
        check_on_end(on_end)
        plan = plan_of_objects(components, name=name, restart=restart, on_user_error=on_user_error, exit_when=exit_when)
        self._set_up(plan, on_end)

    def _set_up(self, plan: Plan, on_end: Callable[[int], None] | None) -> None:
        self._plan = plan
        self._on_end = on_end or _end_process
        self._reactor: Any = None
        self._claims = ExitStack()
        self._supervisor: Supervisor | None = None
        self._closing = False
        self._exit_code: int | None = None
        self._waiting: list[Deferred[int]] = []

    @classmethod
    def from_file(cls, path: str | Path, *, on_end: Callable[[int], None] | None = None) -> Self:
        """The fleet of a fleet file; its folder and `python_path` are put on the path of this process.

        Of the log, `[supervisor]` says how much `wampsup logs` shows of its components, and nothing else.

        Raises:
            FleetFileError: the file is wrong, or what it refers to.
            TypeError: `on_end` can't be called.
        """
        check_on_end(on_end)
        fleet = cls.__new__(cls)
        fleet._set_up(plan_of_file(path), on_end)  # noqa: SLF001 - our own
        return fleet

    def start(self, reactor: Any = None) -> Deferred[None]:
        """Start it on that reactor, by default Twisted's own; fires once its router and its control socket are open.

        Raises (by way of the Deferred):
            WampsupError: one of them can't be opened, or a Component is in another fleet that runs; nothing is left of
                it then.
            RuntimeError: it runs already.
        """
        if self._supervisor is not None:
            return fail(RuntimeError(f"fleet `{self._plan.spec.supervisor.name}` runs already"))
        return Deferred.fromCoroutine(self._open(reactor or reactor_of_process()))

    def stop(self) -> Deferred[None]:
        """Stop all components in order, then the router and the control socket; fires when nothing of it is left.

        The fleet's own `stop_timeout` bounds it. Where it does not run, this fires at once.
        """
        if self._supervisor is None:
            return succeed(None)
        ended = self.when_ended().addCallback(lambda _: None)
        self._end(0, by_host=True)
        return ended

    def when_ended(self) -> Deferred[int]:
        """Fires when the fleet has ended, whoever ended it, and nothing of it is left.

        That is at once where it has ended and not been started again, and after its first end where it never ran.

        The exit code is 1 where a critical component failed (with `exit_when="all-done"`: any), or the end took too
        long; else 0.
        """
        if self._supervisor is None and self._exit_code is not None:
            return succeed(self._exit_code)
        waiter: Deferred[int] = Deferred()
        self._waiting.append(waiter)
        return waiter

    def status(self) -> dict[str, dict[str, Any]]:
        """Every component by name, as `GET /v1/components` has it; empty where the fleet does not run."""
        if self._supervisor is None:
            return {}
        now = self._reactor.seconds()
        units = self._supervisor.fleet.units
        return {name: represent.component(unit, now) for name, unit in units.items()}

    def startService(self) -> None:
        """Start it on Twisted's own reactor; see `on_end` for what comes of an error."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        self.start().addErrback(self._not_started)

    def stopService(self) -> Deferred[None]:
        """Stop it as `stop` does."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        return self.stop()

    async def _open(self, reactor: Any) -> None:
        plan = self._plan
        with ExitStack() as claims:
            claims.callback(hold(plan))
            claimed = lines = None
            if plan.has_socket:
                claimed = claim(plan.spec.supervisor)
                claims.callback(claimed.release)
                lines = lines_of(plan.spec.supervisor)
            supervisor = Supervisor(
                plan.spec, plan.blueprints, reactor, claimed=claimed, fleet_file=plan.file, lines=lines
            )
            if lines is not None:
                claims.callback(listen(plan.spec.supervisor.log_level, lines.keep, supervisor.fleet))
            self._claims = claims.pop_all()
        supervisor.fleet.watch(partial(tell_host, commands=plan.has_socket))
        supervisor.stalls.teller = StallLog(host=True)
        if plan.spec.supervisor.log_file is not None:
            _log.info("no `log_file` is written: in this process the log is its host's")
        self._reactor, self._supervisor = reactor, supervisor
        try:
            await supervisor.open()
        except BaseException:
            self._closing = True
            await self._close(supervisor)
            raise
        supervisor.fleet.wait_ended().addCallback(self._end)

    def _end(self, exit_code: int, *, by_host: bool = False) -> None:
        """Begin to close, once; the fleet may have ended by then, or not."""
        if self._supervisor is not None and not self._closing:
            self._closing = True
            closed = Deferred.fromCoroutine(self._close(self._supervisor))
            closed.addCallback(lambda well: self._tell_end(exit_code if well else 1, by_host=by_host))
            closed.addErrback(lambda failure: _log.failure("a bug of wampsup: the end failed", failure))

    async def _close(self, supervisor: Supervisor) -> bool:
        well = await supervisor.close()
        self._claims.close()
        self._supervisor, self._closing = None, False
        return well

    def _tell_end(self, exit_code: int, *, by_host: bool) -> None:
        _log.info("fleet `{name}` has ended", name=self._plan.spec.supervisor.name)
        self._exit_code = exit_code
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(exit_code)
        if self.running and not by_host:
            self._on_end(exit_code)

    def _not_started(self, failure: Failure) -> None:
        if isinstance(failure.value, WampsupError):
            _log.error("{error}", error=failure.value.render())
        else:
            _log.failure("a bug of wampsup: the fleet can't start", failure)
        self._on_end(1)


_exit_codes = [0]


def _end_process(exit_code: int) -> None:
    """Stop the reactor, and have the process exit with that code."""
    _exit_codes.append(exit_code)
    reactor = reactor_of_process()
    with contextlib.suppress(ReactorNotRunning):  # it stops already
        reactor.callWhenRunning(reactor.stop)


def _exit() -> None:
    """Give the process the exit code that twistd, which knows none, has no way to give it."""
    if code := max(_exit_codes):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


atexit.register(_exit)
