"""Reads files that may be anything: a named pipe that nobody writes to, a device without an end."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib


def read_bounded(path: pathlib.Path, most: int, too_much: str, *, open_already: bool = False) -> bytes:
    """What is in a regular file of `most` bytes; or in a pipe, where this process was started with it open.

    Raises:
        OSError: it can't be read.
        ValueError: it is no such file, or larger: `too_much` says so.
    """
    descriptor = os.open(path, os.O_RDONLY | (0 if open_already else os.O_NONBLOCK))
    try:
        mode = os.fstat(descriptor).st_mode
        is_pipe = stat.S_ISFIFO(mode) and os.get_blocking(descriptor)
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode) and not is_pipe:
            raise ValueError("is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            content = stream.read(most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise ValueError(too_much)
    return content
