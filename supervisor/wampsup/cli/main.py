"""From arguments to an exit code. Whatever goes wrong is told in sentences: a person sees no traceback."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING

from wampsup.cli import arguments, commands
from wampsup.cli.telling import tell
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""What a shell takes for "ended by Ctrl-C"."""


def main(argv: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(argv: Sequence[str]) -> int:
    terminal = sys.stderr  # a fleet in the foreground takes `sys.stderr` over for its log
    try:
        return commands.run(arguments.parse(argv))
    except SystemExit as end:  # argparse has printed the help or the version
        return int(end.code or 0)
    except WampsupError as error:
        if "--json" in argv:
            print(json.dumps({"error": error.message, "hint": error.hint}))  # noqa: T201 - data goes to stdout
        else:
            tell(error, terminal)
        return error.exit_code
