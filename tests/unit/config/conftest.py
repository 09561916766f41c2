"""Fleet files written on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from wampsup.config import FleetFile, load
from wampsup.errors import FleetFileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.config.places import LocatedError


class Refuse(Protocol):
    def __call__(self, text: str | bytes) -> FleetFileError: ...


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the fleet files, which is the current one: errors name the file as it is given."""
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


@pytest.fixture
def read(folder: Path) -> Callable[[str], FleetFile]:
    """Load a text as `edge.toml`."""

    def read(text: str) -> FleetFile:
        Path("edge.toml").write_text(text, encoding="utf-8")
        return load(Path("edge.toml"))

    return read


@pytest.fixture
def refuse(folder: Path) -> Refuse:
    """The error that loading a text as `edge.toml` gives."""

    def refuse(text: str | bytes) -> FleetFileError:
        Path("edge.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(FleetFileError) as caught:
            load(Path("edge.toml"))
        return caught.value

    return refuse


@pytest.fixture
def mistakes(refuse: Refuse) -> Callable[[str], list[str]]:
    """Each mistake of a text as `LINE:COLUMN MESSAGE`, with ` (HINT)` where there is one."""

    def brief(error: LocatedError) -> str:
        place = f"{error.place.line}:{error.place.column}" if error.place else "-"
        return f"{place} {error.message}" + (f" ({error.hint})" if error.hint else "")

    def mistakes(text: str) -> list[str]:
        return [brief(error) for error in refuse(text).mistakes]  # type: ignore[arg-type] # all of ours are located

    return mistakes
