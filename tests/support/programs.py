"""Programs in subprocesses: Python files that use wampsup as a library, and hosts such as twistd."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from textwrap import dedent
from typing import TYPE_CHECKING

from support.command import Fleet, environment
from support.files import short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_TO_STDERR = ("/bin/sh", "-c", 'exec "$@" 1>&2', "sh")


@contextmanager
def hosted(command: Sequence[str | Path], folder: Path, name: str = "edge") -> Iterator[Fleet]:
    """Run a command in `folder` until the end of the context; both of its streams are in `lines`.

    It is given at once, as the fleet that it may host: one called `name`.
    """
    with short_folder() as runtime:
        process = subprocess.Popen(
            [*_TO_STDERR, *command],
            env=environment({"XDG_RUNTIME_DIR": str(runtime), "PYTHONUNBUFFERED": "1"}),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        host = Fleet(process, runtime, runtime / "wampsup" / f"{name}.sock")
        try:
            yield host
        finally:
            if not host.ended:
                host.process.kill()
            host.wait()


@contextmanager
def program(folder: Path, source: str, file: str = "program.py", name: str = "edge") -> Iterator[Fleet]:
    """Write a Python program and run it, as `hosted` does."""
    (folder / file).write_text(dedent(source), encoding="utf-8")
    with hosted([sys.executable, file], folder, name) as running:
        yield running
