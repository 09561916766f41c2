"""`wampsup reload`: has the fleet file read again, and tells what that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.cli.telling import say
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NAMES = 8
"""Names on a line; how many more there are is told as a number."""

_CHANGES = ("added", "removed", "restarted", "updated", "groups", "settings")


def lines_of(plan: dict[str, Any]) -> list[str]:
    """What has changed, for a person."""
    lines = [f"{key}: {_listed(plan[key])}" for key in _CHANGES if plan[key]]
    return [printable(line) for line in lines] or ["nothing has changed"]


def warn(plan: dict[str, Any], *, dry_run: bool) -> None:
    """Tell on standard error what has not changed, although the file has."""
    if dry_run and any(plan[key] for key in _CHANGES):
        say("this was a dry run: the fleet is as it was")
    if keys := plan["needs_restart"]:
        named = ", ".join(f"`{key}`" for key in keys)
        say(f"warning: what has changed in {named} needs a restart of the supervisor")
        say("hint: `wampsup shutdown`, and start the fleet again")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
