"""What components, the supervisor's own loop, and the whole process have used."""

from __future__ import annotations

from pydantic import Field

from wampsup.control.schema.base import Amount, Count, Percent, Told


class Clocks(Told):
    """What times are taken by, as POSIX names clocks."""

    busy: str
    longest: str


class Percents(Told):
    """Shares of the last seconds; 100 is a whole processor."""

    last_1: Percent | None = Field(alias="1")
    last_10: Percent | None = Field(alias="10")
    last_60: Percent | None = Field(alias="60")


class Usage(Told):
    """The account of somebody's events."""

    clocks: Clocks
    busy_seconds: Amount | None
    busy_percent: Percents
    events: Count
    longest_event_ms: Amount | None


class UsageOfComponent(Usage):
    """All of a component's account."""

    stalls: Count
    longest_stall_ms: Amount | None
    messages_in: Count
    messages_out: Count
    bytes_in: Count
    bytes_out: Count


class UsageOfLoop(Usage):
    """What no component could be charged for."""

    longest_lag_ms: Amount
    """How late the reactor came to what was due."""


class UsageOfProcess(Told):
    """Processor time of the whole process."""

    seconds: Amount
    percent: Percents
