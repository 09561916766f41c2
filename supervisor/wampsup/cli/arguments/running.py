"""The commands to a running fleet, and `start`, which begins one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.cli.arguments import values
from wampsup.cli.arguments.overview import add_place
from wampsup.control import bounds
from wampsup.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from wampsup.cli.arguments.parser import Parser

ALL_OF_THEM = "; none: all"


def is_fleet_file(name: str) -> bool:
    """Whether an argument of `start` is a fleet file: the names of components look different."""
    return name.endswith(".toml") or "/" in name


def check(options: argparse.Namespace) -> None:
    """See whether what `start`, `stop` and `restart` are given goes together; `file` becomes the fleet file of `start`.

    Raises:
        UsageError: it does not.
    """
    command = options.command
    if command not in {"start", "stop", "restart"}:
        return
    options.file = None
    if command == "start" and any(is_fleet_file(name) for name in options.names):
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
        what = "a fleet file, a component or `--all`" if command == "start" else "a component or `--all`"
        raise UsageError(f"`{command}` needs {what}")
    if command == "start" and options.detach and options.file is None:
        raise UsageError("`--detach` goes with a fleet file")


def spelled_out(arguments: Sequence[str]) -> list[str]:
    """These arguments, where `--watch` in front of what is no number has its usual value: `status --watch clock`."""
    plain = f"--watch={values.WATCHED:g}"
    following = [*arguments[1:], ""]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [
        plain if argument == "--watch" and index < end and not after[:1].isdigit() else argument
        for index, (argument, after) in enumerate(zip(arguments, following, strict=True))
    ]


def _start(parser: Parser) -> None:
    parser.add_argument(
        "names", nargs="*", type=values.name, metavar="FLEET.toml | NAME", help="a fleet file; or names, or patterns"
    )
    parser.add_argument("--detach", action="store_true", help="run the fleet in the background")
    _add_waiting(parser)


def _stop(parser: Parser) -> None:
    _add_names(parser, "")
    _add_waiting(parser)


def _status(parser: Parser) -> None:
    _add_names(parser, ALL_OF_THEM)
    _add_json(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--check", action="store_true", help="exit 1 unless all that should run do")
    form.add_argument(
        "--watch",
        nargs="?",
        const=values.WATCHED,
        type=values.seconds,
        metavar="S",
        help=f"show it again every so many seconds ({values.WATCHED:g}), until Ctrl-C",
    )
    _add_timeout(parser, values.ANSWER_TIMEOUT)


def _top(parser: Parser) -> None:
    from wampsup.cli.top import ORDERS  # noqa: PLC0415 - only this command pays for it

    _add_names(parser, ALL_OF_THEM)
    parser.add_argument("--sort", choices=ORDERS, default=ORDERS[0], metavar="ORDER", help="busy, state or name (busy)")
    parser.set_defaults(timeout=values.ANSWER_TIMEOUT)
    add_place(parser)


def _show(parser: Parser) -> None:
    parser.add_argument("name", type=values.name, metavar="NAME", help="the component's name")
    _add_json(parser)
    _add_timeout(parser, values.ANSWER_TIMEOUT)


def _events(parser: Parser) -> None:
    _add_names(parser, ALL_OF_THEM)
    parser.add_argument("-f", "--follow", action="store_true", help="go on as things happen, until Ctrl-C")
    parser.add_argument("-n", dest="tail", type=values.count, metavar="N", help="only the last N of what has happened")
    _add_json(parser, "as JSON, a document a line")
    _add_timeout(parser, values.ANSWER_TIMEOUT)


def _logs(parser: Parser) -> None:
    _add_names(parser, f"{ALL_OF_THEM}, and the supervisor itself")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as lines come, until Ctrl-C")
    parser.add_argument(
        "-n",
        "--tail",
        type=values.tail,
        metavar="N",
        help=f"only the last N lines, or `all` that are kept: by default all, with -f {values.FOLLOWED}",
    )
    _add_json(parser, "as JSON, a document a line")
    _add_timeout(parser, values.ANSWER_TIMEOUT)


def _profile(parser: Parser) -> None:
    parser.add_argument("name", type=values.name, metavar="NAME", help="the component's name")
    seconds, rate = bounds.USUAL_SECONDS, bounds.USUAL_RATE
    parser.add_argument(
        "--seconds",
        type=values.number(bounds.LEAST_SECONDS, bounds.MOST_SECONDS),
        default=seconds,
        metavar="S",
        help=f"how long to look, up to {bounds.MOST_SECONDS:g} ({seconds:g})",
    )
    parser.add_argument(
        "--rate",
        type=values.number(bounds.LEAST_RATE, bounds.MOST_RATE),
        default=rate,
        metavar="N",
        help=f"samples a second, up to {bounds.MOST_RATE:g} ({rate:g})",
    )
    parser.add_argument("--output", metavar="FILE", help="write it to this file")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--format", choices=["text", "speedscope"], default="text", metavar="FORMAT", help="text, or speedscope"
    )
    form.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(timeout=values.ANSWER_TIMEOUT)
    add_place(parser)


def _reload(parser: Parser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="tell what would change, and change nothing")
    _add_json(parser)
    _add_timeout(parser, values.START_TIMEOUT)


def _shutdown(parser: Parser) -> None:
    _add_json(parser)
    _add_timeout(parser, values.SHUTDOWN_TIMEOUT)


def _add_names(parser: Parser, more: str) -> None:
    patterns = f"names, or patterns such as 'sensor-*' and group:NAME{more}"
    parser.add_argument("names", nargs="*", type=values.name, metavar="NAME", help=patterns)


def _add_waiting(parser: Parser) -> None:
    parser.add_argument("--all", action="store_true", help="every component")
    parser.add_argument("--no-wait", action="store_true", help="return at once")
    _add_json(parser, "the results as JSON")
    _add_timeout(parser, values.START_TIMEOUT)


def _add_json(parser: Parser, how: str = "as JSON") -> None:
    parser.add_argument("--json", action="store_true", help=how)


def _add_timeout(parser: Parser, default: float) -> None:
    help_ = f"seconds to wait ({default:g})"
    parser.add_argument("--timeout", type=values.seconds, default=default, metavar="S", help=help_)
    add_place(parser)


COMMANDS: dict[str, Callable[[Parser], None]] = {
    "start": _start,
    "stop": _stop,
    "restart": _stop,
    "status": _status,
    "top": _top,
    "show": _show,
    "logs": _logs,
    "events": _events,
    "profile": _profile,
    "reload": _reload,
    "shutdown": _shutdown,
}
