"""Nodes written on the spot, converted, and the result loaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.converted import Converted
from support.nodes import container, node
from wampsup.conversion import convert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.converted import Import
    from wampsup.conversion import Conversion


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The node's folder."""
    folder = tmp_path.resolve() / "app" / ".crossbar"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def attempt(folder: Path) -> Callable[..., Conversion]:
    """Convert, whatever comes of it."""

    def attempt(document: Any, name: str = "config.json") -> Conversion:
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / name).write_text(text, encoding="utf-8")
        return convert(folder / name)

    return attempt


@pytest.fixture
def imported(attempt: Callable[..., Conversion], tmp_path: Path) -> Import:
    """Convert what has something to take over, and load the result."""
    return lambda document, name="config.json": Converted(attempt(document, name), tmp_path)


@pytest.fixture
def alone(imported: Import) -> Callable[..., Converted]:
    """The same for one component in a container with these options."""
    return lambda component, **options: imported(node(container(component, **options)))


@pytest.fixture
def left_out(attempt: Callable[..., Conversion]) -> Callable[..., list[str]]:
    """The notes on a component in a container that can't be taken over."""

    def left_out(component: Any, **options: Any) -> list[str]:
        conversion = attempt(node(container(component, **options)))
        assert conversion.text is None
        return [note.about() for note in conversion.notes]

    return left_out
