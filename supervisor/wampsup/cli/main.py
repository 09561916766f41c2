"""From arguments to an exit code. Whatever goes wrong is told in sentences: a person sees no traceback."""

from __future__ import annotations

import io
import itertools
import os
import sys
from typing import TYPE_CHECKING, TextIO

from wampsup.cli import arguments, commands
from wampsup.cli.telling import as_json, tell
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Sequence

_ASKED_BY_A_SHELL = "__complete"
"""What is typed by no person: what may follow on a command line?"""

INTERRUPTED = 130
"""What a shell takes for "ended by Ctrl-C"."""


def main(argv: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        _drop(sys.stdout)
        return 0
    except OSError as error:  # most likely of our output, as where a disk is full
        _drop(sys.stdout)
        return _told(error)
    return code


def _open_what_is_closed() -> None:
    """Keep the numbers of standard streams that are closed from files and pipes opened later.

    What is written to a closed standard output fails, as it would have; nobody misses the rest.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # it takes the lowest number that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _drop(stream: TextIO) -> None:
    """Let nothing fail any more that is written to the stream, or waits in it."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _told(error: OSError) -> int:
    where = f"`{error.filename}`: " if error.filename else ""
    told = WampsupError(f"cannot go on: {where}{(error.strerror or str(error)).lower()}")
    try:
        tell(told, sys.stderr)
    except OSError:
        _drop(sys.stderr)
    return told.exit_code


def _run(argv: Sequence[str]) -> int:
    if argv[:1] == [_ASKED_BY_A_SHELL]:
        from wampsup.cli.completion import answer  # noqa: PLC0415 - no command pays for it

        return answer.run(argv[1:])
    terminal = sys.stderr  # a fleet in the foreground takes `sys.stderr` over for its log
    try:
        try:
            options = arguments.parse(argv)
        except SystemExit:  # it has printed the help or the version
            return 0
        return commands.run(options)
    except WampsupError as error:
        if "--json" in itertools.takewhile(lambda argument: argument != "--", argv):
            print(as_json(error))  # noqa: T201 - data goes to stdout
        else:
            tell(error, terminal)
        return error.exit_code
