"""What the fleet's decisions come to: what has become of components, and what the shell has to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.core.component import Component
    from wampsup.model import effect as fx
    from wampsup.model.transition import Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A component is in another state, or wanted otherwise, than before."""

    name: str
    before: Component
    after: Component
    cause: Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Do:
    """Carry out an effect for a component."""

    name: str
    effect: fx.Begin | fx.Leave | fx.TimeOut | fx.Abort


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """A component that was taken out of the fleet has left."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """The fleet ends by itself: `critical` has failed, or all is done.

    Then `failed` did not end well, and `waiting` wait for what does not come.
    """

    critical: str | None = None
    failed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Over:
    """The fleet has ended, and nothing of it runs any more."""

    exit_code: int


Notice = Moved | Do | Forgotten | Closing | Over
