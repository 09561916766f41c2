"""Runs the fleet of a file in a process of its own: file, lock, log, and the process.

The lock is taken first and goes last.
"""

from __future__ import annotations

import atexit
import faulthandler
import gc
import os
import signal
import sys
from contextlib import ExitStack, closing
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from twisted.logger import Logger

from wampsup.claim import claim
from wampsup.config import load
from wampsup.errors import WampsupError
from wampsup.log_places import log_clashes
from wampsup.logs.disk import Files, open_file, reason
from wampsup.logs.files import LogFiles
from wampsup.logs.install import install
from wampsup.logs.lifecycle import tell
from wampsup.logs.mistakes import traced
from wampsup.logs.sink import in_lines, to_stream
from wampsup.logs.stalls import StallLog
from wampsup.model.spec import LogFileSpec
from wampsup.notify.notifier import Notifier
from wampsup.process import Process
from wampsup.reactor.kinds import reactor_of_process, unavailable
from wampsup.supervisor import Supervisor, lines_of
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.claim import Claim
    from wampsup.config import FleetFile
    from wampsup.model.spec import Mistake, SupervisorSpec
    from wampsup.notify.manager import Manager
    from wampsup.runtime.lines import Lines
    from wampsup.wamp.blueprint import Blueprint

COLLECT_AFTER = (2_000, 5, 100)
"""New objects before the garbage collector looks at them, and so on for the older ones; Python's own: 700, 10, 10.

Fewer and larger rounds stop everything for hundreds of milliseconds where a thousand components lose their router.
"""


_log = Logger()


class Surroundings(Protocol):
    """What the process lives in: a terminal, or nothing."""

    def log_file(self, socket: str) -> str | None:
        """The file for the log, where there is no stream, and the fleet file names none."""

    def settle(self, log: str | None, open_log: Callable[[str], int]) -> TextIO | None:
        """Go where the process is to live, whose own lines go to the file `log`; the stream for the log, if any."""

    def opened(self, descriptor: int) -> None:
        """That file has been opened, or the one that has come in its place."""

    def ready(self, name: str) -> None:
        """The control socket of the fleet called `name` answers."""


def serve(fleet_path: str, surroundings: Surroundings, manager: Manager) -> int:
    """Run the fleet of that file until its end, and tell the service manager; the exit code.

    Raises:
        WampsupError: it can't start.
    """
    fleet_file = load(Path(fleet_path))
    supervisor = fleet_file.spec.supervisor
    if clashes := list(log_clashes(fleet_file, os.environ)):
        raise fleet_file.error(clashes)
    with ExitStack() as ending:
        claimed = claim(supervisor)
        ending.callback(claimed.release)
        lines = lines_of(supervisor)
        log_files = _install(supervisor, surroundings, claimed.socket, lines)
        ending.callback(log_files.flush)
        reactor = reactor_of_process(supervisor.reactor)
        running = _supervisor(fleet_file, claimed, lines, log_files, reactor)
        signal.signal(signal.SIGHUP, lambda *_: Context().run(reactor.callFromThread, running.hang_up))
        faulthandler.enable(2)  # systemd ends a process that is stuck by SIGABRT: let it say where
        _collect_less()
        notifier = ending.enter_context(closing(_notifier(manager, running, reactor)))

        def ready() -> None:
            notifier.ready()
            surroundings.ready(supervisor.name)

        return Process(running, reactor, ready=ready, stopping=notifier.stopping, flush=log_files.flush).run()


def _install(spec: SupervisorSpec, surroundings: Surroundings, socket: str, lines: Lines | None) -> LogFiles:
    """Put the log in place; its files."""
    path = surroundings.log_file(socket)
    default = None if path is None else LogFileSpec(path=Path(path), backups=1)  # it may lie in memory, as /run does
    given = spec.log_file or default
    stream = surroundings.settle(None if given is None else given.of(None), _open_log)
    log_files = LogFiles(lambda one: Files(one, partial(_opened, one.of(None), surroundings)), default)
    log_files.become(spec.log_file)
    atexit.register(log_files.close)  # behind what `install` registers, which says more
    takers = [log_files.write] if stream is None else [to_stream(stream), log_files.write]
    install(spec.log_level, in_lines(spec.log_format, *takers), *([] if lines is None else [lines.keep]))
    return log_files


def _open_log(path: str) -> int:
    try:
        return open_file(path)
    except OSError as error:
        raise WampsupError(f"cannot write to the log file `{path}`: {reason(error)}") from None


def _opened(own: str, surroundings: Surroundings, path: str, descriptor: int) -> None:
    if path == own:
        surroundings.opened(descriptor)


def _supervisor(
    fleet_file: FleetFile, claimed: Claim, lines: Lines | None, log_files: LogFiles, reactor: Any
) -> Supervisor:
    for risk in fleet_file.risks:
        _log.warn("{message} ({hint})", message=risk.message, hint=risk.hint)
    blueprints = blueprints_of(fleet_file, reactor)
    supervisor = Supervisor(
        fleet_file.spec,
        blueprints,
        reactor,
        claimed=claimed,
        fleet_file=str(fleet_file.path),
        lines=lines,
        log_files=log_files,
    )
    supervisor.stalls.teller = StallLog(flush=log_files.flush)
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
