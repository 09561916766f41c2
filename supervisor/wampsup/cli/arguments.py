"""What can be typed: the commands and their options."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from wampsup import __version__
from wampsup.cli.top import ORDERS
from wampsup.control import bounds
from wampsup.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ANSWER_TIMEOUT = 10.0
START_TIMEOUT = 30.0
SHUTDOWN_TIMEOUT = 90.0
"""Seconds; over the 60 s that a fleet is given by default."""

ALL = -1
"""The number of lines that stands for all that are kept."""

FOLLOWED = 100
"""Lines that `logs -f` begins with."""

_OFFLINE = frozenset({"check", "init", "schema", "import"})
"""The commands that talk to no supervisor."""

_INIT = "Its files are fleet.toml, components.py and fleet.schema.json; nothing is overwritten."
_SCHEMA = (
    "An editor that knows Taplo takes it from a file that the first line of a fleet file names: after"
    " `wampsup schema > fleet.schema.json`, that line is `#:schema fleet.schema.json`."
)
_PROFILE = (
    "It is looked at for some seconds, many times in each, and slowed down by next to nothing. The format speedscope is"
    " for https://www.speedscope.app, which draws it."
)

_LONGEST_TIMEOUT = 86400.0
_MOST_DIGITS = 9


class _Parser(argparse.ArgumentParser):
    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:  # that of a command, or of a source
            import difflib  # noqa: PLC0415 - only who mistypes pays for it

            near = difflib.get_close_matches(value, action.choices, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"`{self.prog} --help` lists the {action.dest}s"
            raise UsageError(f"unknown {action.dest} `{value}`", hint=hint)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"`{self.prog} --help` shows how to use it")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; `command` holds the command's name.

    Raises:
        UsageError: it is wrong.
        SystemExit: it asked for help or the version, which have been printed.
    """
    options = _parser().parse_args(argv)
    if options.fleet is not None and options.socket is not None:
        raise UsageError("`--fleet` and `--socket` exclude each other")
    if options.command in _OFFLINE and (options.fleet is not None or options.socket is not None):
        raise UsageError(f"`{options.command}` asks no fleet that runs, so it takes neither `--fleet` nor `--socket`")
    if options.command in {"start", "stop", "restart"}:
        _check_names(options)
    return options


def is_fleet_file(name: str) -> bool:
    """Whether an argument of `start` is a fleet file: the names of components look different."""
    return name.endswith(".toml") or "/" in name


def _check_names(options: argparse.Namespace) -> None:
    options.file = None
    if options.command == "start" and any(is_fleet_file(name) for name in options.names):
        if len(options.names) > 1:
            raise UsageError("`start` takes one fleet file, or names of components")
        if options.fleet is not None or options.socket is not None:
            raise UsageError(
                "a fleet file says itself where its socket is", hint="set `name` or `socket` in `[supervisor]`"
            )
        options.file = options.names[0]
    elif options.all and options.names:
        raise UsageError("`--all` takes no names")
    elif not options.all and not options.names:
        what = "a fleet file, a component or `--all`" if options.command == "start" else "a component or `--all`"
        raise UsageError(f"`{options.command}` needs {what}")
    if options.command == "start" and options.detach and options.file is None:
        raise UsageError("`--detach` goes with a fleet file")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="wampsup", description="Supervise many WAMP components in one process.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"wampsup {__version__}")
    _add_place(parser, None)
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND", required=True)

    start = _command(commands, "start", "run a fleet file, or start components of a running fleet")
    start.add_argument(
        "names", nargs="*", type=_name, metavar="FLEET.toml | NAME", help="a fleet file; or names, or patterns"
    )
    start.add_argument("--detach", action="store_true", help="run the fleet in the background")
    _add_waiting(start)
    for name, does in (("stop", "stop components"), ("restart", "stop components and start them again")):
        command = _command(commands, name, does)
        _add_names(command, "")
        _add_waiting(command)

    status = _command(commands, "status", "show how components are")
    _add_names(status, "; none: all")
    status.add_argument("--json", action="store_true", help="as JSON")
    status.add_argument("--check", action="store_true", help="exit 1 unless all that should run do")
    _add_timeout(status, ANSWER_TIMEOUT)
    _add_top(commands)
    show = _command(commands, "show", "show everything about one component")
    show.add_argument("name", type=_name, metavar="NAME", help="the component's name")
    show.add_argument("--json", action="store_true", help="as JSON")
    _add_timeout(show, ANSWER_TIMEOUT)
    events = _command(commands, "events", "show what has happened to components")
    _add_names(events, "; none: all")
    events.add_argument("-f", "--follow", action="store_true", help="go on as things happen, until Ctrl-C")
    events.add_argument("-n", dest="tail", type=_count, metavar="N", help="only the last N of what has happened")
    events.add_argument("--json", action="store_true", help="as JSON, a document a line")
    _add_timeout(events, ANSWER_TIMEOUT)
    _add_logs(commands)
    reload = _command(commands, "reload", "read the fleet file again, and touch only what has changed")
    reload.add_argument("--dry-run", action="store_true", help="tell what would change, and change nothing")
    reload.add_argument("--json", action="store_true", help="as JSON")
    _add_timeout(reload, START_TIMEOUT)
    _add_profile(commands)
    shutdown = _command(commands, "shutdown", "stop every component, then the supervisor")
    _add_timeout(shutdown, SHUTDOWN_TIMEOUT)
    _add_offline(commands)
    return parser


def _add_profile(commands: argparse._SubParsersAction[_Parser]) -> None:
    profile = _command(commands, "profile", "show where the time goes that one component takes", _PROFILE)
    profile.add_argument("name", type=_name, metavar="NAME", help="the component's name")
    seconds, rate = bounds.USUAL_SECONDS, bounds.USUAL_RATE
    profile.add_argument(
        "--seconds",
        type=_number(bounds.LEAST_SECONDS, bounds.MOST_SECONDS),
        default=seconds,
        metavar="S",
        help=f"how long to look, up to {bounds.MOST_SECONDS:g} ({seconds:g})",
    )
    profile.add_argument(
        "--rate",
        type=_number(bounds.LEAST_RATE, bounds.MOST_RATE),
        default=rate,
        metavar="N",
        help=f"samples a second, up to {bounds.MOST_RATE:g} ({rate:g})",
    )
    profile.add_argument("--output", metavar="FILE", help="write it to this file")
    form = profile.add_mutually_exclusive_group()
    form.add_argument(
        "--format", choices=["text", "speedscope"], default="text", metavar="FORMAT", help="text, or speedscope"
    )
    form.add_argument("--json", action="store_true", help="as JSON")
    profile.set_defaults(timeout=ANSWER_TIMEOUT)


def _add_top(commands: argparse._SubParsersAction[_Parser]) -> None:
    top = _command(commands, "top", "show how components are, live and all over the terminal")
    _add_names(top, "; none: all")
    top.add_argument("--sort", choices=ORDERS, default=ORDERS[0], metavar="ORDER", help="busy, state or name (busy)")
    top.set_defaults(timeout=ANSWER_TIMEOUT)


def _add_logs(commands: argparse._SubParsersAction[_Parser]) -> None:
    logs = _command(commands, "logs", "show what components log")
    _add_names(logs, "; none: all, and the supervisor itself")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as lines come, until Ctrl-C")
    logs.add_argument(
        "-n",
        "--tail",
        type=_tail,
        metavar="N",
        help=f"only the last N lines, or `all` that are kept: by default all, with -f {FOLLOWED}",
    )
    logs.add_argument("--json", action="store_true", help="as JSON, a document a line")
    _add_timeout(logs, ANSWER_TIMEOUT)


def _add_offline(commands: argparse._SubParsersAction[_Parser]) -> None:
    """The commands that talk to no supervisor."""
    check = _command(commands, "check", "build all that a fleet file describes, and start nothing")
    check.add_argument("file", type=_name, metavar="FLEET.toml", help="the fleet file")
    check.add_argument("--json", action="store_true", help="as JSON")
    init = _command(commands, "init", "write a small fleet that runs as it is", _INIT)
    init.add_argument(
        "folder", nargs="?", default=".", type=_name, metavar="DIR", help="the folder, made if missing; by default here"
    )
    _command(commands, "schema", "show the JSON Schema of fleet files, for editors", _SCHEMA)
    convert = _command(commands, "import", "make a fleet file of what another supervisor runs")
    convert.add_argument("source", choices=["crossbar"], metavar="SOURCE", help="whose configuration it is: crossbar")
    convert.add_argument("file", metavar="CONFIG", help="its configuration file")


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, does: str, more: str = ""
) -> argparse.ArgumentParser:
    description = f"{does[0].upper()}{does[1:]}. {more}"
    command = commands.add_parser(name, help=does, description=description, allow_abbrev=False)
    if name not in _OFFLINE:
        _add_place(command, argparse.SUPPRESS)
    return command


def _add_names(parser: argparse.ArgumentParser, more: str) -> None:
    patterns = f"names, or patterns such as 'sensor-*'{more}"
    parser.add_argument("names", nargs="*", type=_name, metavar="NAME", help=patterns)


def _add_place(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--fleet", metavar="NAME", default=default, help="the fleet of this name")
    parser.add_argument("--socket", metavar="PATH", default=default, help="the fleet with this control socket")


def _add_waiting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="every component")
    parser.add_argument("--no-wait", action="store_true", help="return at once")
    parser.add_argument("--json", action="store_true", help="the results as JSON")
    _add_timeout(parser, START_TIMEOUT)


def _add_timeout(parser: argparse.ArgumentParser, default: float) -> None:
    parser.add_argument("--timeout", type=_seconds, default=default, metavar="S", help=f"seconds to wait ({default:g})")


def _name(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("a name can't be empty")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= _LONGEST_TIMEOUT:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds above 0")
    return seconds


def _number(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"`{text}` is no number from {least:g} to {most:g}")
        return value

    return number


def _tail(text: str) -> int:
    return ALL if text in {"all", str(ALL)} else _count(text, ", and not `all`")


def _count(text: str, nor: str = "") -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number{nor}")
    return int(text)
