"""What streams tell, part by part."""

from __future__ import annotations

from pydantic import Field

from wampsup.control.schema.base import Amount, Count, StateName, Time, Told, sometimes
from wampsup.model.spec import LogLevel
from wampsup.model.state import Desired, Kind


class EventError(Told):
    """What went wrong; its message may be cut, and its traceback is in the component's last error."""

    kind: Kind
    type: str
    uri: str | None
    message: str


class Event(Told):
    """A component's move from one state to another, or a stall; or something that happened to the whole fleet."""

    id: Count
    at: Time
    component: str | None
    """Null where it is the supervisor's own."""
    group: str | None
    from_state: StateName | None = Field(alias="from")
    to: StateName | None
    desired: Desired | None
    event: str
    by: str | None
    """Who was behind it: a person, a reload, another component, …"""
    attempt: Count | None
    note: str | None
    error: EventError | None
    seconds: Amount = sometimes()
    """How long a stall took."""
    place: str | None = sometimes()
    """Where a stall was, if that was seen."""


class Line(Told):
    """A line of the log."""

    id: Count
    time: Time
    level: LogLevel
    component: str | None
    """Null where the supervisor speaks for itself."""
    message: str
    logger: str | None
    traceback: str | None


class Lost(Told):
    """In the place of what came too fast for the client, or is no longer kept."""

    lost: Count
    """How many there were."""
    after: Count
    """It goes on behind this `id`."""
