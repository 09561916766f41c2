"""Fleet files and modules of components, written where a test wants them, and places for unix sockets."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_fleet(folder: Path, text: str, name: str = "fleet.toml") -> Path:
    """A fleet file of that text, dedented."""
    return _write(folder / name, text)


def write_module(folder: Path, source: str, name: str = "parts") -> Path:
    """A module of components, importable as `name` by a fleet whose file lies in the same folder."""
    return _write(folder / f"{name}.py", source)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder in which unix sockets find room: a path of one has 107 bytes, and those of pytest's folders are long."""
    with tempfile.TemporaryDirectory(prefix="wampsup-") as folder:
        yield Path(folder)


@contextmanager
def unix_path() -> Iterator[Path]:
    """A path for a unix socket."""
    with short_folder() as folder:
        yield folder / "sock"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path
