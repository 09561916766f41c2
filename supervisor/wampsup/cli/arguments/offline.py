"""The commands that talk to no supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.cli.arguments import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.cli.arguments.parser import Parser


def _check(parser: Parser) -> None:
    parser.add_argument("file", type=values.name, metavar="FLEET.toml", help="the fleet file")
    parser.add_argument("--json", action="store_true", help="as JSON")


def _init(parser: Parser) -> None:
    where = "the folder, made if missing; by default here"
    parser.add_argument("folder", nargs="?", default=".", type=values.name, metavar="DIR", help=where)


def _schema(_parser: Parser) -> None:
    """It takes nothing."""


def _import(parser: Parser) -> None:
    parser.add_argument("source", choices=["crossbar"], metavar="SOURCE", help="whose configuration it is: crossbar")
    parser.add_argument("config", metavar="CONFIG", help="its configuration file")


def _help(parser: Parser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("topic", nargs="?", metavar="TOPIC", help="a command, or one of the topics")
    form.add_argument("--man", action="store_true", help="print all there is as a man page")


def _completion(parser: Parser) -> None:
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], metavar="SHELL", help="bash, zsh or fish")


COMMANDS: dict[str, Callable[[Parser], None]] = {
    "check": _check,
    "init": _init,
    "schema": _schema,
    "import": _import,
    "help": _help,
    "completion": _completion,
}
