"""Runs the fleet of a file in a process of its own: file, lock, log, and the process.

The lock is taken first and goes last.
"""

from __future__ import annotations

import faulthandler
import gc
import signal
import sys
from contextlib import closing
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from twisted.logger import Logger

from wampsup.config import load
from wampsup.logs.install import install
from wampsup.logs.lifecycle import tell
from wampsup.logs.mistakes import traced
from wampsup.notify.notifier import Notifier
from wampsup.process import Process
from wampsup.reactor.kinds import reactor_of_process, unavailable
from wampsup.supervisor import Supervisor, claim, lines_of
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from wampsup.config import FleetFile
    from wampsup.model.spec import Mistake
    from wampsup.notify.manager import Manager
    from wampsup.runtime.lines import Lines
    from wampsup.supervisor import Claim
    from wampsup.wamp.blueprint import Blueprint

COLLECT_AFTER = (2_000, 5, 100)
"""New objects before the garbage collector looks at them, and so on for the older ones; Python's own: 700, 10, 10.

Fewer and larger rounds stop everything for hundreds of milliseconds where a thousand components lose their router.
"""


_log = Logger()


class Surroundings(Protocol):
    """What the process lives in: a terminal, or nothing."""

    def settle(self, socket: str) -> TextIO:
        """Go where the process is to live; the stream for the log."""

    def ready(self, name: str) -> None:
        """The control socket of the fleet called `name` answers."""


def serve(fleet_path: str, surroundings: Surroundings, manager: Manager) -> int:
    """Run the fleet of that file until its end, and tell the service manager; the exit code.

    Raises:
        WampsupError: it can't start.
    """
    fleet_file = load(Path(fleet_path))
    supervisor = fleet_file.spec.supervisor
    claimed = claim(supervisor)
    try:
        lines = lines_of(supervisor)
        install(surroundings.settle(claimed.socket), supervisor.log_level, supervisor.log_format, lines)
        reactor = reactor_of_process(supervisor.reactor)
        running = _supervisor(fleet_file, claimed, lines, reactor)
        signal.signal(signal.SIGHUP, lambda *_: Context().run(reactor.callFromThread, running.hang_up))
        faulthandler.enable(2)  # systemd ends a process that is stuck by SIGABRT: let it say where
        _collect_less()
        with closing(_notifier(manager, running, reactor)) as notifier:

            def ready() -> None:
                notifier.ready()
                surroundings.ready(supervisor.name)

            return Process(running, reactor, ready=ready, stopping=notifier.stopping).run()
    finally:
        claimed.release()


def _supervisor(fleet_file: FleetFile, claimed: Claim, lines: Lines | None, reactor: Any) -> Supervisor:
    for risk in fleet_file.risks:
        _log.warn("{message} ({hint})", message=risk.message, hint=risk.hint)
    blueprints = blueprints_of(fleet_file, reactor)
    supervisor = Supervisor(
        fleet_file.spec, blueprints, reactor, claimed=claimed, fleet_file=str(fleet_file.path), lines=lines
    )
    supervisor.fleet.watch(partial(tell, detailed=fleet_file.spec.supervisor.log_level in {"debug", "trace"}))
    return supervisor


def _notifier(manager: Manager, supervisor: Supervisor, reactor: Any) -> Notifier:
    for oddity in manager.oddities:
        _log.warn("{oddity}", oddity=oddity)
    notifier = Notifier(manager, supervisor.fleet, reactor)
    supervisor.announce_reloads(notifier.reloading)
    return notifier


def blueprints_of(fleet_file: FleetFile, reactor: Any) -> dict[str, Blueprint]:
    """The blueprints of a fleet that is to run, and so has a log.

    Raises:
        FleetFileError: something that the file refers to can't be imported or used.
    """
    blueprints, mistakes = prepare_fleet(fleet_file, reactor)
    if mistakes:
        raise fleet_file.error(traced(mistake, fleet_file.spec.supervisor.log_level) for mistake in mistakes)
    return blueprints


def prepare_fleet(fleet_file: FleetFile, reactor: Any) -> tuple[dict[str, Blueprint], list[Mistake]]:
    """Import and check everything that the file refers to; its `python_path` goes before the path of this process."""
    supervisor = fleet_file.spec.supervisor
    sys.path[:0] = [str(folder) for folder in supervisor.python_path]
    blueprints, mistakes = prepare(fleet_file.spec.components, reactor)
    return blueprints, [*unavailable(supervisor.reactor), *mistakes]


def _collect_less() -> None:
    """Take the garbage collector up again, with an eye on many components.

    All that has been made so far stays for good: it need not be looked through again. And thousands of components make
    objects by the hundred: at Python's own threshold the collector would take half of the time of their start.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
