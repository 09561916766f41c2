"""Lists of components: as `Listing` makes them, and written anew from what `represent` says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from wampsup.control import represent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wampsup.control.fleet import UnitView
    from wampsup.control.listing import Listing


@dataclass
class Counts:
    """What an account wants of a connection's serializer."""

    _unserialized_messages: int = 0
    _serialized_messages: int = 0


def listed(listing: Listing, units: Collection[UnitView]) -> bytes:
    """A list that is made at once."""
    made: list[bytes] = []
    Deferred.fromCoroutine(listing.of(units)).addCallback(made.append)
    return made[0]


def fresh(units: Iterable[UnitView], now: float) -> bytes:
    """The same, written anew."""
    document = {"components": [represent.component(unit, now) for unit in units]}
    return json.dumps(document, separators=(",", ":")).encode()
