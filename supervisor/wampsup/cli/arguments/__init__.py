"""What can be typed: the commands and their options.

A command line is read in two steps, so that it pays for the options of one command and not of all: what stands before
the command, then the rest by the command's own parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.cli.arguments import offline, running
from wampsup.cli.arguments.overview import DOES, WITH_VALUE, Overview
from wampsup.cli.arguments.parser import Parser, unknown
from wampsup.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

COMMANDS = running.COMMANDS | offline.COMMANDS
"""What adds its arguments to the parser of a command."""


class _OfCommand(Parser):
    """The parser of what stands behind a command; its help says more of it."""

    def __init__(self, command: str) -> None:
        super().__init__(f"wampsup {command}")
        self._command = command
        COMMANDS[command](self)

    def format_help(self) -> str:
        """The help, with all that there is to say."""
        from wampsup.cli.manual.commands import MORE  # noqa: PLC0415 - only who asks for help pays for it

        does, more = DOES[self._command], MORE.get(self._command)
        sentence = f"{does[0].upper()}{does[1:]}."
        self.description = f"{sentence}\n\n{more}" if more else sentence
        return super().format_help()


class NoCommandError(UsageError):
    """Just `wampsup`: whoever types that wants to know what there is."""

    def render(self) -> str:
        """What there is."""
        return overview().format_help().rstrip()


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; `command` holds the command's name.

    Raises:
        UsageError: it is wrong.
        SystemExit: it asked for help or the version, which have been printed.
    """
    before, behind = parted(argv)
    options = overview().understand(before)
    if not behind:
        raise NoCommandError("which command?", hint="`wampsup --help` lists the commands")
    command, *rest = running.spelled_out(behind)
    if command not in COMMANDS:
        raise unknown("command", command, COMMANDS, "`wampsup --help` lists the commands")
    options.command = command
    options = parser_of(command).understand(rest, options)
    if options.fleet is not None and options.socket is not None:
        raise UsageError("`--fleet` and `--socket` exclude each other")
    if command in offline.COMMANDS and (options.fleet is not None or options.socket is not None):
        raise UsageError(f"`{command}` asks no fleet that runs, so it takes neither `--fleet` nor `--socket`")
    running.check(options)
    return options


def parted(argv: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What stands before the command, and from the command on."""
    index = 0
    while index < len(argv) and argv[index].startswith("-"):
        index += 2 if argv[index] in WITH_VALUE else 1
    return argv[:index], argv[index:]


def overview() -> Overview:
    """The parser of what stands before the command."""
    return Overview()


def parser_of(command: str) -> Parser:
    """The parser of what stands behind that command."""
    return _OfCommand(command)
