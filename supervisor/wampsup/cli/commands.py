"""What each command does: asks the supervisor, shows the answer, and says with its exit code how it went."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from wampsup.cli import discovery, offline
from wampsup.cli.arguments.values import ANSWER_TIMEOUT
from wampsup.cli.telling import problem_of, say, tell
from wampsup.control.holder import answers
from wampsup.errors import NoSupervisorError, WaitTimeoutError
from wampsup.printable import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from wampsup.cli.client import Client

_ANSWERED_AT_ONCE = frozenset({"status", "show", "events", "logs", "reload", "profile", "top"})
"""For these, `timeout` is all that an answer may take; `profile` adds the time that it looks."""

_ODD = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What comes of an answer that holds other things than it should."""

_POLL = 0.02
"""Seconds between two looks at whether a supervisor is gone."""


def run(options: argparse.Namespace) -> int:
    """Carry out the command that `arguments.parse` understood; the exit code.

    Raises:
        WampsupError: it did not work.
    """
    if options.command in offline.COMMANDS:
        return offline.COMMANDS[options.command](options)
    if getattr(options, "file", None) is not None:
        return _run_fleet(options)
    client = discovery.find(os.environ, fleet=options.fleet, socket=options.socket, patience=_patience(options))
    try:
        return _COMMANDS.get(options.command, _command)(client, options)
    except _ODD as error:
        raise _not_understood(client, error) from error


def _not_understood(client: Client, error: Exception) -> NoSupervisorError:
    """What to tell where an answer is not what this version of wampsup knows, and what came of that."""
    from traceback import extract_tb  # noqa: PLC0415 - hardly anybody pays for it

    from wampsup import __version__  # noqa: PLC0415 - the same

    at = extract_tb(error.__traceback__)[-1]
    why = f"{type(error).__name__}: {error} at {os.path.basename(at.filename)}:{at.lineno}"  # noqa: PTH119 - see `place`
    other = client.version not in {"", __version__}
    return NoSupervisorError(
        f"what {client.supervisor} answers can't be understood ({why})",
        hint=f"it runs wampsup {client.version}, and this is {__version__}: start it anew" if other else None,
    )


def _patience(options: argparse.Namespace) -> float:
    """Seconds that an answer may take, beyond those for which the supervisor itself waits."""
    timeout: float = options.timeout
    return timeout if options.command in _ANSWERED_AT_ONCE else min(timeout + 1, ANSWER_TIMEOUT)


def _run_fleet(options: argparse.Namespace) -> int:
    from wampsup.cli import launch  # noqa: PLC0415 - only this command pays for what a fleet needs

    if options.detach:
        return launch.in_background(options.file, program=options.json)
    return launch.in_foreground(options.file)


def _status(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import status  # noqa: PLC0415 - only this command pays for it

    return status.run(client, options)


def _show(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import show  # noqa: PLC0415 - only this command pays for it

    return show.run(client, options)


def _command(client: Client, options: argparse.Namespace) -> int:
    body = {"select": options.names or ["*"], "wait": not options.no_wait, "timeout": options.timeout}
    results = client.post(f"/v1/{options.command}", body, wait=options.timeout)["results"]
    problems = [problem_of(result, options.timeout) for result in results if not result["ok"]]
    if options.json:
        _show_json({"results": results})
    else:
        _print([printable(f"{result['name']}: {result['state']}") for result in results if result["ok"]])
        for problem in problems:
            tell(problem, sys.stderr)
    return min((problem.exit_code for problem in problems), default=0)


def _top(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import top  # noqa: PLC0415 - only this command pays for it

    return top.run(client, options)


def _reload(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import reload  # noqa: PLC0415 - only this command pays for it

    plan = client.post("/v1/reload", {"dry_run": options.dry_run})
    if options.json:
        _show_json(plan)
    else:
        _print(reload.lines_of(plan))
        reload.warn(plan, dry_run=options.dry_run)
    return 0


def _events(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import events  # noqa: PLC0415 - only this command pays for it

    return events.run(client, options)


def _logs(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import logs  # noqa: PLC0415 - only this command pays for what a line is made of

    return logs.run(client, options)


def _profile(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import profile  # noqa: PLC0415 - only this command pays for it

    return profile.run(client, options)


def _shutdown(client: Client, options: argparse.Namespace) -> int:
    deadline = time.monotonic() + options.timeout
    process = _watch_process(client)
    name = client.post("/v1/shutdown", {})["name"]
    if not _is_gone(client, process, deadline):
        raise WaitTimeoutError(f"fleet `{name}` is still shutting down after {options.timeout:g} s")
    if options.json:
        _show_json({"name": name, "ended": True})
    else:
        say(f"fleet `{name}` has ended")
    return 0


def _watch_process(client: Client) -> int | None:
    """A descriptor that becomes readable when the supervisor's process ends; `None` where there is no such thing."""
    with client.connect() as connection:
        try:
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return os.pidfd_open(struct.unpack("3i", credentials)[0])
        except (AttributeError, OSError):  # another system, or the process is not in our namespace
            return None


def _is_gone(client: Client, process: int | None, deadline: float) -> bool:
    if process is not None:
        return bool(select.select([process], [], [], max(deadline - time.monotonic(), 0))[0])
    while answers(client.path):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
    return True


def _show_json(document: object) -> None:
    _print([json.dumps(document, indent=2)])


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201 - data goes to stdout


_COMMANDS: dict[str, Callable[[Client, argparse.Namespace], int]] = {
    "status": _status,
    "top": _top,
    "show": _show,
    "events": _events,
    "logs": _logs,
    "reload": _reload,
    "profile": _profile,
    "shutdown": _shutdown,
}
"""The others send a command to components."""
