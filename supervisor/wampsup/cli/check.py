"""`wampsup check`: tells whether a fleet file can be started, and what is wrong with it where it can't."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from wampsup.cli.telling import say, tell
from wampsup.errors import FleetFileError, WampsupError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator


def run(options: argparse.Namespace, check: Callable[[str], Any]) -> int:
    """Check the file with `check`, which may print what it likes; the exit code."""
    error, checked = None, None
    with _output_to_standard_error():
        try:
            checked = check(options.file)
        except WampsupError as raised:
            error = raised
    if options.json:
        print(json.dumps(_document(checked, error), indent=2))  # noqa: T201 - data goes to stdout
    elif error is not None:
        tell(error, sys.stderr)
    else:
        _tell_result(checked)
    return _end(0 if error is None else error.exit_code)


def _tell_result(checked: Any) -> None:
    for risk in checked.risks:
        say(f"warning: {risk.message}")
        say(f"hint: {risk.hint}")
    spec = checked.spec
    count = len(spec.components)
    what = f"{count} component{'' if count == 1 else 's'}"
    print(f"ok: fleet `{spec.supervisor.name}`, {what}")  # noqa: T201 - data goes to stdout


def _document(checked: Any, error: WampsupError | None) -> dict[str, object]:
    if error is not None:
        mistakes = error.mistakes if isinstance(error, FleetFileError) else ()
        return {"ok": False, "errors": [mistake.facts for mistake in mistakes or (error,)], "warnings": []}
    return {
        "ok": True,
        "fleet": checked.spec.supervisor.name,
        "components": [component.name for component in checked.spec.components],
        "errors": [],
        "warnings": [{"message": risk.message, "hint": risk.hint} for risk in checked.risks],
    }


@contextlib.contextmanager
def _output_to_standard_error() -> Iterator[None]:
    """What modules print when they are imported is no data; they may close the stream that they print to."""
    sys.stdout.flush()
    usual = os.dup(1)
    os.dup2(2, 1)
    theirs = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    try:
        with contextlib.redirect_stdout(theirs), contextlib.redirect_stderr(theirs):
            yield
        with contextlib.suppress(ValueError):  # closed
            theirs.flush()
    finally:
        os.dup2(usual, 1)
        os.close(usual)


def _end(exit_code: int) -> int:
    """The exit code; where a module has begun threads that keep the process alive, its end."""
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    return exit_code
