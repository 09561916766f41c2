"""Fleet files and modules of components, written where a test wants them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_fleet(folder: Path, text: str, name: str = "fleet.toml") -> Path:
    """A fleet file of that text, dedented."""
    return _write(folder / name, text)


def write_module(folder: Path, source: str, name: str = "parts") -> Path:
    """A module of components, importable as `name` by a fleet whose file lies in the same folder."""
    return _write(folder / f"{name}.py", source)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path
