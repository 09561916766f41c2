"""What the shell has to do about a component."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Enqueue:
    """Ask the fleet for admission; `Admitted` is the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dequeue:
    """Take the request for admission back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Begin:
    """Begin the attempt of this number over the transport of this index."""

    attempt: int
    transport: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """End the attempt in order; one that has not joined yet is cancelled."""

    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeOut:
    """The attempt was not ready within `after` seconds: abort it as timed out."""

    attempt: int
    after: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Abort:
    """Close the attempt's transport at once: it did not leave within `after` seconds (`None`: nobody waits for it)."""

    attempt: int
    after: float | None


Effect = Enqueue | Dequeue | Begin | Leave | TimeOut | Abort
