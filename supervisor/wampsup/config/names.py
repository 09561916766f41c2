"""What fleets and components may be called.

A name must be told from a file and from a shell pattern on the command line, becomes a file's name (the socket), and
leaves room for `NAME@1` and `group:NAME`.
"""

from __future__ import annotations

import re

NAME_PATTERN = r"^(?!.*\.toml$)[A-Za-z0-9_][A-Za-z0-9_.-]*$"
"""The rule for names as a regular expression that other languages understand as well, for the JSON Schema."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def name_problem(name: str) -> str | None:
    """What `name` must be and is not; `None` where it is fine."""
    if not _NAME.fullmatch(name):
        return "made of letters, digits, `-`, `_` and `.`, and begin with a letter, a digit or `_`"
    if name.endswith(".toml"):
        return "a name that does not end in `.toml`, which would make it a fleet file"
    return None
