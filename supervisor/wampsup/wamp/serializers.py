"""The serializers of a transport, as far as they are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autobahn.twisted  # noqa: F401 - first, as it selects Twisted for what follows
from autobahn.wamp.serializer import SERID_TO_SER, create_transport_serializer

from wampsup.config.words import did_you_mean, listed
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.model.spec import TransportSpec

_DEFAULTS = {"websocket": ("cbor", "json"), "rawsocket": ("cbor",)}
"""Autobahn's own."""

_PACKAGES = {"ubjson": "bjdata", "cbor": "cbor2", "msgpack": "msgpack"}


def make_serializers(transport: TransportSpec) -> list[Any]:
    """Autobahn's serializers for `transport`, the best first.

    Raises:
        RuntimeError: one of them is not installed.
    """
    return [create_transport_serializer(name) for name in transport.serializers or _DEFAULTS[transport.type]]


def serializer_mistakes(transport: TransportSpec, where: str) -> Iterator[Mistake]:
    """Those of `transport` that are not there, each at its place from the transport on."""
    for index, name in enumerate(transport.serializers):
        if name in SERID_TO_SER:
            continue
        path = ("serializer",) if transport.type == "rawsocket" else ("serializers", index)
        if name in _PACKAGES:
            message = f"serializer `{name}` of {where} is not installed"
            yield Mistake(path=path, message=message, hint=f"pip install {_PACKAGES[name]}")
        else:
            hint = did_you_mean(name, SERID_TO_SER) or f"there are {listed(sorted(SERID_TO_SER))}"
            yield Mistake(path=path, message=f"there is no serializer `{name}` for {where}", hint=hint)
