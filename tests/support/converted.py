"""What a conversion gives, read back as a fleet file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import tomli

from wampsup.config import load

if TYPE_CHECKING:
    from pathlib import Path

    from wampsup.conversion import Conversion
    from wampsup.model.spec import FleetSpec, TransportSpec


class Converted:
    """A conversion that took something over: the file's text, its document, what it means, and its notes."""

    def __init__(self, conversion: Conversion, folder: Path) -> None:
        assert conversion.text is not None, conversion.notes
        self.text = conversion.text
        self.document: dict[str, Any] = tomli.loads(conversion.text)
        self.notes = [note.about() for note in conversion.notes]
        file = folder / "fleet.toml"
        file.write_text(conversion.text, encoding="utf-8")
        self.fleet: FleetSpec = load(file).spec

    def transport(self, component: int) -> TransportSpec:
        """The way of that component."""
        transports = self.fleet.components[component].transports
        assert transports is not None
        (transport,) = transports
        return transport

    @property
    def component(self) -> dict[str, Any]:
        """The only component."""
        (table,) = self.document["components"].values()
        return dict(table)


class Import(Protocol):
    """Converts a configuration, given as a document or as a text."""

    def __call__(self, document: Any, name: str = "config.json") -> Converted: ...
