"""What stands before the command, and the help that lists the commands."""

from __future__ import annotations

from wampsup import __version__
from wampsup.cli.arguments.parser import Parser

DOES = {
    "start": "run a fleet file, or start components of a running fleet",
    "stop": "stop components",
    "restart": "stop components and start them again",
    "status": "show how components are",
    "top": "show how components are, live and all over the terminal",
    "show": "show everything about one component",
    "logs": "show what components log",
    "events": "show what has happened to components",
    "profile": "show where the time goes that one component takes",
    "reload": "read the fleet file again, and touch only what has changed",
    "shutdown": "stop every component, then the supervisor",
    "check": "build all that a fleet file describes, and start nothing",
    "init": "write a small fleet that runs as it is",
    "schema": "show the JSON Schema of fleet files, for editors",
    "import": "make a fleet file of what another supervisor runs",
    "help": "tell more of a command, or of a topic",
    "completion": "print what makes a shell complete commands and names",
}
"""What each command does, in the order in which they are listed."""

WITH_VALUE = frozenset({"--fleet", "--socket"})
"""The options that may stand before the command and take the next argument for their value."""

SUMMARY = "Supervise many WAMP components in one process."

_OFFLINE = ("check", "init", "schema", "import")
_MORE = ("help", "completion")


class Overview(Parser):
    """The parser of what stands before the command."""

    def __init__(self) -> None:
        super().__init__("wampsup", usage="wampsup [--fleet NAME | --socket PATH] COMMAND ...")
        self.add_argument("--version", action="version", version=f"wampsup {__version__}", help="show the version")
        add_place(self)

    def format_help(self) -> str:
        """The help, with all commands."""
        self.description = "\n".join(_described())
        return super().format_help()

    def where_options_are(self) -> str:
        """The hint for one that it does not know."""
        return "the options of a command stand behind it"


def add_place(parser: Parser) -> None:
    """The options that say which fleet is meant."""
    parser.add_argument("--fleet", metavar="NAME", help="the fleet of this name")
    parser.add_argument("--socket", metavar="PATH", help="the fleet with this control socket")


def _described() -> list[str]:
    from wampsup.cli.manual.topics import TOPICS  # noqa: PLC0415 - only who asks for help pays for it

    lines = [SUMMARY]
    for title, commands in (
        ("a running fleet", [name for name in DOES if name not in {*_OFFLINE, *_MORE}]),
        ("a fleet file", _OFFLINE),
        ("more", _MORE),
    ):
        lines += ["", f"{title}:", *(f"  {name:<12} {DOES[name]}" for name in commands)]
    lines += ["", "topics of `wampsup help`:", *(f"  {name:<12} {about}" for name, (about, _) in TOPICS.items())]
    return lines
