"""The supervisor itself, and short answers of its."""

from __future__ import annotations

from typing import Literal

from wampsup.control.schema.base import Amount, Count, StateName, Time, Told
from wampsup.control.schema.usage import UsageOfLoop, UsageOfProcess


class Memory(Told):
    """In bytes."""

    rss: Count


class Supervisor(Told):
    """The supervisor itself."""

    name: str
    version: str
    pid: Count
    started_at: Time
    uptime: Amount
    """In seconds."""
    fleet_file: str
    """Its path; where a program has made the fleet, that program's."""
    counts: dict[StateName, Count]
    """How many components are in which state."""
    loop: UsageOfLoop | None
    memory: Memory
    cpu: UsageOfProcess


class Ending(Told):
    """The fleet has begun to end."""

    name: str
    """The fleet's."""


class Well(Told):
    """All is well."""

    status: Literal["ok"]
