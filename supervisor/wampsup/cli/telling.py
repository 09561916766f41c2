"""How the person at the terminal is told what is not data: errors, and what a command has done."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, TextIO

from wampsup.control.words import is_so
from wampsup.errors import FleetFileError, WaitTimeoutError, WampsupError
from wampsup.masking import mask
from wampsup.printable import printable


def tell(error: WampsupError, terminal: TextIO) -> None:
    """Tell the error, with nothing in it that the terminal obeys, and no secret."""
    for line in mask(error.render()).split("\n"):
        print(printable(line), file=terminal)


def as_json(error: WampsupError) -> str:
    """The error for a program, in one document."""
    document: dict[str, object] = {"error": error.message, "hint": error.hint}
    if isinstance(error, FleetFileError):
        document["errors"] = [mistake.facts for mistake in error.mistakes]
    return json.dumps(document)


def say(sentence: str) -> None:
    """Tell what has been done on standard error; it is done also where that takes nothing."""
    with contextlib.suppress(OSError):
        os.write(2, f"{printable(sentence)}\n".encode())


def problem_of(result: dict[str, Any], timeout: float) -> WampsupError:
    """The error for a component that a command did not take where it should be, after `timeout` seconds."""
    so = is_so(result["state"])
    cause = f": {result['error']}" if result["error"] else ""
    if result["timed_out"]:
        still = f"is still {so.removeprefix('is ')}" if so.startswith("is ") else so
        return WaitTimeoutError(f"`{result['name']}` {still} after {timeout:g} s{cause}")
    return WampsupError(f"`{result['name']}` {so}{cause}")
