"""Wires a fleet together and runs it: file, lock, log, router, control socket, components, reactor, signals.

There is one way out: the reactor's stop. Whoever asks for it (a signal, a request, the fleet's own end), the fleet is
stopped in order first, then the embedded router, then the control socket; and the lock goes last.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from twisted.internet.defer import Deferred, TimeoutError, maybeDeferred  # noqa: A004 - Twisted's name
from twisted.logger import Logger

from wampsup.config import load
from wampsup.control.handlers import Control, Identity
from wampsup.control.lock import Lock, clear_stale
from wampsup.control.place import check_length, make_private, runtime_folder, socket_path
from wampsup.control.server import listen
from wampsup.ending import BLOCKED, HardEnd, announce
from wampsup.errors import WampsupError
from wampsup.logs.install import install
from wampsup.logs.lifecycle import tell
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from wampsup.config import FleetFile
    from wampsup.model.spec import LogLevel, Mistake, RouterSpec
    from wampsup.router import Router

GRACE = 2.0
"""Seconds that each step of the end may take beyond what it was given."""

COLLECT_AFTER = 20_000
"""New objects before the garbage collector looks at them; Python's own figure is 700."""

_log = Logger()


class Surroundings(Protocol):
    """What the process lives in: a terminal, or nothing."""

    def settle(self, socket: str) -> TextIO:
        """Go where the process is to live; the stream for the log."""

    def ready(self, name: str) -> None:
        """The control socket of the fleet called `name` answers."""


def serve(fleet_path: str, surroundings: Surroundings) -> int:
    """Run the fleet of that file until its end; the exit code.

    Raises:
        WampsupError: it can't start.
    """
    fleet_file = load(Path(fleet_path))
    supervisor = fleet_file.spec.supervisor
    folder = runtime_folder(os.environ, os.geteuid())
    socket = socket_path(folder, supervisor.name) if supervisor.socket is None else str(supervisor.socket)
    check_length(socket)
    make_private(folder)
    lock = Lock.acquire(folder, supervisor.name, socket)
    try:
        clear_stale(socket)
        install(surroundings.settle(socket), supervisor.log_level, supervisor.log_format)
        from twisted.internet import reactor  # noqa: PLC0415 - it takes hold of the process where it is imported

        return _Daemon(fleet_file, socket, surroundings, reactor).run()
    finally:
        lock.release()


class _Daemon:
    """One fleet on the reactor of this process."""

    def __init__(self, fleet_file: FleetFile, socket: str, surroundings: Surroundings, reactor: Any) -> None:
        self._reactor = reactor
        self._supervisor = fleet_file.spec.supervisor
        self._socket = socket
        self._surroundings = surroundings
        self._fleet = _fleet(fleet_file, reactor)
        self._router = _router(fleet_file.spec.router, reactor)
        self._control = Control(
            self._fleet,
            Identity(name=self._supervisor.name, fleet_file=str(fleet_file.path), started_at=self._reactor.seconds()),
            shutdown=self._asked_to_end,
            seconds=self._reactor.seconds,
        )
        self._port: Any = None
        self._asked = False
        self._signals = 0
        self._closed = False
        self._who = "something in this process"
        self._hard_end = HardEnd()
        self._exit_code = 0
        self._error: WampsupError | None = None

    def run(self) -> int:
        """Run until the end; the exit code.

        Raises:
            WampsupError: the router or the control socket can't be opened.
        """
        for method in ("stop", "crash"):
            announce(self._reactor, method, self._blame)
        self._reactor.callWhenRunning(lambda: Deferred.fromCoroutine(self._open()))
        self._reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(self._close()))
        signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(_hang_up))
        _collect_less()
        self._reactor.run()
        if not self._closed:
            _log.error("{who} has crashed the reactor: the fleet ends at once", who=self._who)
            self._exit_code = 1
            self._close_threads()
        if self._error is not None:
            raise self._error
        _log.info("fleet `{name}` has ended", name=self._supervisor.name)
        return self._exit_code

    async def _open(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):  # in place of the reactor's own, which it has just installed
            signal.signal(number, self._on_signal)
        try:
            if self._router is not None:
                await self._router.start()
            self._port = listen(self._control.answer, self._socket, self._supervisor.socket_mode, self._reactor)
            _log.info("fleet `{name}` answers on {socket}", name=self._supervisor.name, socket=self._socket)
            self._fleet.wait_ended().addCallback(self._ended)
            self._fleet.start()
            self._surroundings.ready(self._supervisor.name)
        except WampsupError as error:
            self._error = error
            self._shut_down()
        except Exception:  # noqa: BLE001 - a bug of ours: say so and end, rather than hang
            _log.failure("a bug of wampsup: the fleet can't start")
            self._exit_code = 1
            self._shut_down()

    async def _close(self) -> None:
        if not self._asked:
            _log.error("{who} has stopped the reactor: the fleet ends", who=self._who)
            self._exit_code = 1
            self._asked = True
        self._bound()
        self._fleet.shutdown()
        await self._within(self._supervisor.stop_timeout + GRACE, self._fleet.wait_ended(), "the components")
        if self._router is not None:
            await self._within(GRACE, self._router.stop(), "the router")
        if self._port is not None:
            await self._within(GRACE, maybeDeferred(self._port.stopListening), "the control socket")
        self._close_threads()

    def _close_threads(self) -> None:
        """All has ended but for threads that components began: they get a grace, and keep the exit code."""
        self._closed = True
        code = self._exit_code if self._error is None else self._error.exit_code
        self._hard_end.after(GRACE, "threads of components still run: the process ends without them", code)

    async def _within(self, seconds: float, ending: Deferred[Any], what: str) -> None:
        try:
            await ending.addTimeout(seconds, self._reactor)
        except TimeoutError:
            _log.error("{what} did not end within {seconds} s", what=what, seconds=seconds)
            self._exit_code = 1
        except Exception:  # noqa: BLE001 - the next step of the end has to come
            _log.failure("a bug of wampsup: {what} could not be ended", what=what)
            self._exit_code = 1

    def _ended(self, exit_code: int) -> None:
        self._exit_code = max(self._exit_code, exit_code)
        self._shut_down()

    def _asked_to_end(self) -> None:
        if not self._asked:
            _log.info("a person asked for the end: stopping the fleet in order")
        self._shut_down()

    def _shut_down(self) -> None:
        if not self._asked:
            self._asked = True
            self._reactor.callLater(0, self._reactor.stop)

    def _blame(self, component: str | None) -> None:
        if component is not None:
            self._who = f"component `{component}`"

    def _bound(self) -> None:
        """End the process also where a component blocks it for ever."""
        if not self._hard_end.armed:
            self._hard_end.after(self._supervisor.stop_timeout + 4 * GRACE, BLOCKED)

    def _on_signal(self, number: int, _frame: object) -> None:
        """A signal may come at any point of any code: the reactor takes it from here."""
        self._signals += 1
        if self._signals == 2 and not self._closed:  # noqa: PLR2004 - the second one waits for nobody
            self._hard_end.after(GRACE, BLOCKED)
        self._bound()
        self._reactor.callFromThread(self._heed, signal.Signals(number).name, self._signals)

    def _heed(self, name: str, count: int) -> None:
        if count == 1:
            _log.info("{name}: stopping the fleet in order", name=name)
            self._shut_down()
        else:
            _log.info("{name} again: waiting for nobody", name=name)
            self._fleet.shutdown(at_once=True)


def _router(spec: RouterSpec | None, reactor: Any) -> Router | None:
    if spec is None:
        return None
    from wampsup.router import Router  # noqa: PLC0415 - a fleet with a router of its own need not pay for this one

    return Router(spec, reactor)


def _collect_less() -> None:
    """Take the garbage collector up again, with an eye on many components.

    All that has been made so far stays for good: it need not be looked through again. And thousands of components make
    objects by the hundred: at Python's own threshold the collector would take half of the time of their start.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    gc.enable()


def _fleet(fleet_file: FleetFile, reactor: Any) -> Fleet:
    """The fleet, with everything that its file refers to imported and checked.

    Raises:
        FleetFileError: something can't be imported or used.
    """
    sys.path[:0] = [str(folder) for folder in fleet_file.spec.supervisor.python_path]
    blueprints, mistakes = prepare(fleet_file.spec.components, reactor)
    if mistakes:
        raise fleet_file.error(_traced(mistake, fleet_file.spec.supervisor.log_level) for mistake in mistakes)
    fleet = Fleet(fleet_file.spec, blueprints, reactor)
    fleet.watch(tell)
    return fleet


def _traced(mistake: Mistake, level: LogLevel) -> Mistake:
    """Log the traceback behind a mistake, and say how to see it."""
    if mistake.detail is None:
        return mistake
    _log.debug("{message}", message=mistake.message, own_traceback=mistake.detail)
    logged = level in {"debug", "trace"}
    hint = "the log has its traceback" if logged else 'set `log_level = "debug"` in `[supervisor]` to log its traceback'
    return replace(mistake, hint=hint)


def _hang_up() -> None:
    _log.info("SIGHUP: the fleet file is read at the start alone")
