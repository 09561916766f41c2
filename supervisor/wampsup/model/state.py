"""What a component is: its state, its desired state and its last error.

Times are the reactor's `seconds()`. A state holds only its own data, and no field means two things.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, get_args


class Desired(StrEnum):
    """What a person (or `autostart`) wants."""

    UP = "up"
    DOWN = "down"


class Kind(StrEnum):
    """Where an error comes from."""

    CONNECTION = "connection"
    TLS = "tls"
    AUTH = "auth"
    WAMP = "wamp"
    MAIN = "main"
    HANDLER = "handler"
    SESSION = "session"
    TIMEOUT = "timeout"
    HEALTH = "health"
    STALL = "stall"
    IS_FATAL = "is_fatal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What really happened: `type` is the exception's qualified name, `uri` its WAMP error URI.

    `rule` is what made it fatal, in words, where something did.
    """

    kind: Kind
    type: str
    message: str
    uri: str | None = None
    traceback: str | None = None
    rule: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LastError:
    """A `Problem`, when it happened, and over which of the component's transports."""

    problem: Problem
    at: float
    transport: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """The session that a running component has."""

    session_id: int
    realm: str
    transport: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """Not running and not wanted."""

    name: ClassVar = "stopped"
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Wanted, and queued until the fleet admits it."""

    name: ClassVar = "waiting"
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Connecting:
    """Attempt `attempt` is under way; at `deadline` it is aborted, which happens once."""

    name: ClassVar = "connecting"
    since: float
    attempt: int
    deadline: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """Joined and ready."""

    name: ClassVar = "running"
    since: float
    attempt: int
    joined: Joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconnecting:
    """No connection; the next try is due at `next_attempt_at`."""

    name: ClassVar = "reconnecting"
    since: float
    next_attempt_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BackingOff:
    """It failed; the restart policy tries again at `next_attempt_at`."""

    name: ClassVar = "backoff"
    since: float
    next_attempt_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopping:
    """Attempt `attempt` is leaving; at `deadline` it is aborted, which happens once.

    It had run since `ran_since`; with `again` it is started anew as soon as it has ended.
    """

    name: ClassVar = "stopping"
    since: float
    attempt: int
    deadline: float | None
    ran_since: float | None
    again: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """It ended by itself, well."""

    name: ClassVar = "completed"
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """It failed, and its policy leaves it or has given up."""

    name: ClassVar = "failed"
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Fatal:
    """`is_fatal` said so: nothing restarts it but a person."""

    name: ClassVar = "fatal"
    since: float


State = Stopped | Waiting | Connecting | Running | Reconnecting | BackingOff | Stopping | Completed | Failed | Fatal

STATE_NAMES: tuple[str, ...] = tuple(state.name for state in get_args(State))
