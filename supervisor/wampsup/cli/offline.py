"""The commands that talk to no supervisor; each loads what it needs when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def _check(options: argparse.Namespace) -> int:
    from wampsup import checking  # noqa: PLC0415 - see above
    from wampsup.cli import check  # noqa: PLC0415 - see above

    return check.run(options, checking.check)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
}
