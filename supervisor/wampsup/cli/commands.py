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

from wampsup.cli import discovery, events, offline, profile, reload, render, top
from wampsup.cli.arguments import ANSWER_TIMEOUT
from wampsup.cli.client import quote, selection
from wampsup.cli.telling import problem_of, say, tell
from wampsup.control.lock import answers
from wampsup.control.readiness import is_down
from wampsup.errors import WaitTimeoutError
from wampsup.logs.printable import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from wampsup.cli.client import Client

_ANSWERED_AT_ONCE = frozenset({"status", "show", "events", "logs", "reload", "profile", "top"})
"""For these, `timeout` is all that an answer may take; `profile` adds the time that it looks."""

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
    return _COMMANDS.get(options.command, _command)(client, options)


def _patience(options: argparse.Namespace) -> float:
    """Seconds that an answer may take, beyond those for which the supervisor itself waits."""
    timeout: float = options.timeout
    return timeout if options.command in _ANSWERED_AT_ONCE else min(timeout + 1, ANSWER_TIMEOUT)


def _run_fleet(options: argparse.Namespace) -> int:
    from wampsup.cli import launch  # noqa: PLC0415 - only this command pays for what a fleet needs

    return launch.in_background(options.file) if options.detach else launch.in_foreground(options.file)


def _status(client: Client, options: argparse.Namespace) -> int:
    components = client.get("/v1/components" + selection(options.names))["components"]
    supervisor = client.get("/v1/supervisor")
    if options.json:
        _show_json({"supervisor": supervisor, "components": components})
    else:
        terminal = sys.stdout.isatty()
        colour = terminal and not os.environ.get("NO_COLOR")
        lines = render.table(components, time.time(), width=_width() if terminal else None, colour=colour)
        _print([render.summary(supervisor), *lines])
    return int(options.check and any(is_down(one["desired"], one["state"]) for one in components))


def _show(client: Client, options: argparse.Namespace) -> int:
    component = client.get("/v1/components/" + quote(options.name))
    if options.json:
        _show_json(component)
    else:
        _print(render.page(component, time.time()))
    return 0


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


def _reload(client: Client, options: argparse.Namespace) -> int:
    plan = client.post("/v1/reload", {"dry_run": options.dry_run})
    if options.json:
        _show_json(plan)
    else:
        _print(reload.lines_of(plan))
        reload.warn(plan, dry_run=options.dry_run)
    return 0


def _logs(client: Client, options: argparse.Namespace) -> int:
    from wampsup.cli import logs  # noqa: PLC0415 - only this command pays for what a line is made of

    return logs.run(client, options)


def _shutdown(client: Client, options: argparse.Namespace) -> int:
    deadline = time.monotonic() + options.timeout
    process = _watch_process(client)
    name = client.post("/v1/shutdown", {})["name"]
    if not _is_gone(client, process, deadline):
        raise WaitTimeoutError(f"fleet `{name}` is still shutting down after {options.timeout:g} s")
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


def _width() -> int:
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError):
        return 80


def _show_json(document: object) -> None:
    _print([json.dumps(document, indent=2)])


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201 - data goes to stdout


_COMMANDS: dict[str, Callable[[Client, argparse.Namespace], int]] = {
    "status": _status,
    "top": top.run,
    "show": _show,
    "events": events.run,
    "logs": _logs,
    "reload": _reload,
    "profile": profile.run,
    "shutdown": _shutdown,
}
"""The others send a command to components."""
