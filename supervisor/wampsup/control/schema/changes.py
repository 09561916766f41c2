"""What changes have led to."""

from __future__ import annotations

from wampsup.control.schema.base import StateName, Told


class Result(Told):
    """What became of a command to one component."""

    name: str
    ok: bool
    state: StateName
    error: str | None
    timed_out: bool
    """It may still get there."""


class Results(Told):
    """What became of a command to each component; where nobody waits, it has been sent."""

    results: list[Result]


class Plan(Told):
    """What a reload has changed, or would change: names of components and groups, and keys of the file."""

    added: list[str]
    removed: list[str]
    restarted: list[str]
    updated: list[str]
    unchanged: list[str]
    groups: list[str]
    settings: list[str]
    needs_restart: list[str]
    """What takes effect when the supervisor is started again."""
