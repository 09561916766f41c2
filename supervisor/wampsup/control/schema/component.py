"""Components, as a list has them and in full."""

from __future__ import annotations

from typing import Literal

from wampsup.control.schema.base import Amount, Count, Percent, StateName, Time, Told
from wampsup.control.schema.usage import UsageOfComponent
from wampsup.model.spec import OnUserError, RestartCondition
from wampsup.model.state import Desired, Kind


class LastError(Told):
    """What went wrong last."""

    kind: Kind
    type: str
    """The exception's qualified name."""
    uri: str | None
    """Its WAMP error URI."""
    message: str
    traceback: str | None
    """Told on the control socket alone: it shows lines of code, and may show what these work with."""
    at: Time


class Component(Told):
    """One component. What is counted of busy times is null where the reactor keeps no accounts."""

    name: str
    group: str | None
    state: StateName
    desired: Desired
    since: Time
    """When it came into its state."""
    realm: str
    session_id: int | None
    transport: str
    """The URL of the transport that it uses, or tries."""
    attempts: Count
    restarts: Count
    reconnects: Count
    next_attempt_at: Time | None
    last_error: LastError | None
    busy_seconds: Amount | None
    busy_percent: Percent | None
    """Of the last ten seconds."""
    stalls: Count
    longest_stall_ms: Amount | None
    messages_in: Count
    messages_out: Count
    waits_for: list[str]
    """Components, or `group:NAME`, that keep it from starting or from leaving: 32 at most."""
    note: str | None
    """What a person should know of it, in a sentence."""


class Restart(Told):
    """Its restart policy; times are in seconds."""

    policy: RestartCondition
    initial_delay: Amount
    max_delay: Amount
    growth: float
    jitter: Amount
    reset_after: Amount
    max_restarts: int
    """Within `window`; -1 is any number."""
    window: Amount


class Health(Told):
    """How it is asked whether it works; times are in seconds."""

    procedure: str
    interval: Amount
    timeout: Amount
    failures: Count


class Policy(Told):
    """What the fleet file says of its life; times are in seconds."""

    restart: Restart
    autostart: bool
    critical: bool
    after: list[str]
    requires: list[str]
    health: Health | None
    start_timeout: Amount
    stop_timeout: Amount
    max_stall: Amount
    """0 is any time."""
    on_user_error: OnUserError
    cleanup: bool
    is_fatal: str | list[str] | None
    is_fatal_default: bool


class Transport(Told):
    """One of its ways to a router; delays are in seconds."""

    type: Literal["websocket", "rawsocket"]
    url: str
    serializers: list[str]
    max_retries: int
    """-1 is any number."""
    initial_retry_delay: Amount
    max_retry_delay: Amount
    retry_delay_growth: float
    retry_delay_jitter: Amount


class Code(Told):
    """What it runs, as `package.module:name`."""

    main: str | None
    session_factory: str | None
    component: str | None


class Leftover(Told):
    """A thing that an ended attempt has left behind."""

    kind: Literal["timer", "socket", "thread"]
    what: str
    place: str | None
    """Where it was made."""
    cleaned: bool
    note: str
    """All of it in words."""


class Leftovers(Told):
    """What its ended attempts have left behind."""

    count: Count
    """In all."""
    threads: Count
    """Those that still run."""
    contexts: Count
    """Ended attempts that something holds on to."""
    last: list[Leftover]
    """Of the last end that left any."""


class ComponentInFull(Component):
    """One component with its policy and its transports; it holds no secret."""

    runs: Code
    policy: Policy
    transports: list[Transport]
    authentication: list[str]
    """Methods."""
    usage: UsageOfComponent
    left_behind: Leftovers
    next: str
    """What happens next, and why, in words."""


class Components(Told):
    """Components, in the order of the file."""

    components: list[Component]
