"""From a record to a line: text for people, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wampsup.core.times import rfc3339
from wampsup.printable import printable
from wampsup.runtime.lines import members

if TYPE_CHECKING:
    from wampsup.model.record import Record

SUPERVISOR = "wampsup"
_INDENT = "    "


def as_text(record: Record) -> str:
    """A line, and an indented one for each further line of the message and of the traceback."""
    first, *rest = record.message.splitlines() or [""]
    rest += (record.traceback or "").splitlines()
    head = f"{rfc3339(record.at)} {record.level:<5} [{printable(record.component or SUPERVISOR)}] {printable(first)}"
    return "\n".join([head, *(_INDENT + printable(line) for line in rest)])


def as_json(record: Record) -> str:
    """One object on one line; JSON escapes what a terminal would obey."""
    return json.dumps(members(record))
