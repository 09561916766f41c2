"""Runs a fleet file: in the foreground, or in the background as a process of its own.

In the background the child tells its parent through a pipe that it is ready, and what the person is to read of it.
Until then its errors go to the terminal, word for word as in the foreground, or as JSON to standard output, and the
parent takes over its exit code. A service manager hears from the child, which it has to look for (systemd:
`Type=forking`). The parent could name it (`MAINPID`), but systemd does not wait for the end of what was not its own
child by then: it kills it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, TextIO

from wampsup.cli.telling import as_json, say, tell
from wampsup.control.place import beside
from wampsup.errors import WampsupError
from wampsup.notify.manager import Manager, take

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_TOLD = 1 << 16
"""Bytes that a pipe takes at once."""


class Foreground:
    """The fleet is a child of the terminal, and its log goes to standard error."""

    def log_file(self, socket: str) -> str | None:  # noqa: ARG002 - see the fleet in the background
        """No file is needed for the log."""
        return None

    def settle(self, log: str | None, open_log: Callable[[str], int]) -> TextIO:  # noqa: ARG002 - the same
        """The stream for the log."""
        return sys.stderr

    def opened(self, descriptor: int) -> None:
        """The log file has been opened."""

    def ready(self, name: str) -> None:
        """The control socket of the fleet called `name` answers."""


class Background:
    """The fleet has a session of its own, and its log goes to a file; so does all that goes to descriptors 1 and 2.

    `parent` is a pipe to who waits for it; until then warnings and errors go to the terminal, errors for a `program`
    to standard output.
    """

    def __init__(self, parent: int, *, program: bool) -> None:
        self._parent = parent
        self._program = program
        self._log = ""
        os.setsid()
        self._out, self._terminal = (os.fdopen(os.dup(number), "w", errors="backslashreplace") for number in (1, 2))

    def log_file(self, socket: str) -> str | None:
        """The log file lies beside the socket."""
        return beside(socket, ".log")

    def settle(self, log: str | None, open_log: Callable[[str], int]) -> TextIO | None:
        """Leave the folder and the terminal for the log file; there is no stream."""
        self._log = log or ""
        descriptor = nothing = os.open(os.devnull, os.O_RDWR)
        try:
            descriptor = open_log(self._log)
        except WampsupError as error:  # it may be opened later
            print(f"warning: {error.message}", file=self._terminal, flush=True)
        os.dup2(nothing, 0)
        self.opened(descriptor)
        for each in {descriptor, nothing}:
            os.close(each)
        os.chdir("/")
        return None

    def opened(self, descriptor: int) -> None:
        """The log file has been opened: write to it what is not logged."""
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)

    def ready(self, name: str) -> None:
        """The control socket of the fleet called `name` answers: let the terminal and the parent go."""
        self._out.close()
        self._terminal.close()
        told = json.dumps({"name": name, "pid": os.getpid(), "log": self._log})
        with contextlib.suppress(BrokenPipeError):  # who waited has gone, and the fleet lives on
            os.write(self._parent, told.encode())
        os.close(self._parent)

    def failed(self, error: WampsupError) -> None:
        """There is no fleet."""
        if self._program:
            print(as_json(error), file=self._out, flush=True)
        else:
            tell(error, self._terminal)
            self._terminal.flush()


def in_foreground(fleet_file: str) -> int:
    """Run the fleet until its end; the exit code.

    Raises:
        WampsupError: it can't start.
    """
    return _serve(fleet_file, Foreground(), take(os.environ, os.getpid()))


def in_background(fleet_file: str, *, program: bool) -> int:
    """Start the fleet and return when its control socket answers, with JSON for a `program`; the exit code.

    Raises:
        WampsupError: the child did not get as far as an exit code.
    """
    manager = take(os.environ, os.getpid())
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        return _serve_in_background(fleet_file, Background(writer, program=program), manager)
    os.close(writer)
    try:
        if told := os.read(reader, _MOST_TOLD):
            _tell_ready(told.decode(), program=program)
            return 0
    except KeyboardInterrupt:
        os.kill(child, signal.SIGTERM)
        raise
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise WampsupError(f"the supervisor was ended by {signal.Signals(-code).name} before it was ready")
    return code


def _tell_ready(told: str, *, program: bool) -> None:
    if program:
        print(told)  # noqa: T201 - data goes to stdout
    else:
        say("fleet `{name}` runs (pid {pid}); its log is {log}".format(**json.loads(told)))


def _serve_in_background(fleet_file: str, background: Background, manager: Manager) -> int:
    try:
        return _serve(fleet_file, background, manager)
    except WampsupError as error:
        background.failed(error)
        return error.exit_code


def _serve(fleet_file: str, surroundings: Foreground | Background, manager: Manager) -> int:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the file is about to be read; the daemon heeds it later
    gc.disable()  # what is made before the fleet runs is no garbage; the daemon takes the collector up again
    from wampsup import daemon  # noqa: PLC0415 - Twisted comes after the fork, and in the child alone

    return daemon.serve(fleet_file, surroundings, manager)
