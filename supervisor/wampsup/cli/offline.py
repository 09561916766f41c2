"""The commands that talk to no supervisor; each loads what it needs when it is called."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from wampsup.cli.telling import say
from wampsup.errors import WampsupError
from wampsup.masking import mask

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def _check(options: argparse.Namespace) -> int:
    from wampsup import checking  # noqa: PLC0415 - see above
    from wampsup.cli import check  # noqa: PLC0415 - see above

    return check.run(options, checking.check)


def _import(options: argparse.Namespace) -> int:
    from pathlib import Path  # noqa: PLC0415 - see above

    from wampsup.conversion import convert  # noqa: PLC0415 - see above

    conversion = convert(Path(options.config))
    for note in conversion.notes:
        say(mask(note.about()))
    if conversion.text is None:
        raise WampsupError(f"`{options.config}` has no component that could be taken over")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # a fleet file is, whatever the terminal takes
    print(conversion.text, end="")  # noqa: T201 - data goes to stdout
    return 0


def _init(options: argparse.Namespace) -> int:
    from pathlib import Path  # noqa: PLC0415 - see above
    from shlex import join  # noqa: PLC0415 - see above

    from wampsup.starter import write_fleet  # noqa: PLC0415 - see above

    written = [str(path) for path in write_fleet(Path(options.folder))]
    fleet_file = written[0] if not written[0].startswith("-") else f"./{written[0]}"
    say(f"wrote {', '.join(written)}")
    say(f"run it: {join(['wampsup', 'start', fleet_file])}")
    say("ask it, in a second terminal: wampsup status")
    return 0


def _schema(_options: argparse.Namespace) -> int:
    from wampsup.config.json_schema import fleet_schema_text  # noqa: PLC0415 - see above

    print(fleet_schema_text(), end="")  # noqa: T201 - data goes to stdout
    return 0


def _help(options: argparse.Namespace) -> int:
    from wampsup.cli import help as manual  # noqa: PLC0415 - see above

    return manual.run(options)


def _completion(options: argparse.Namespace) -> int:
    from wampsup.cli.completion import shells  # noqa: PLC0415 - see above

    print(shells.script(options.shell), end="")  # noqa: T201 - data goes to stdout
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "completion": _completion,
    "help": _help,
    "import": _import,
    "init": _init,
    "schema": _schema,
}
