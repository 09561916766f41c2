"""What a fleet should be: the fleet file's content once it has been read, checked and completed with defaults.

All times are seconds. Names and defaults are those of the fleet file, which takes them from Autobahn's `Component`
wherever that has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wampsup.model.secret import Secret

RestartCondition = Literal["on-failure", "always", "never"]
OnUserError = Literal["fail", "log"]
ExitWhen = Literal["never", "all-done"]
LogLevel = Literal["critical", "error", "warn", "info", "debug", "trace"]
LogFormat = Literal["text", "json"]
ReactorKind = Literal["auto", "epoll", "kqueue", "poll", "asyncio", "uvloop"]
Strategy = Literal["one-for-one", "one-for-all", "rest-for-one"]

UNLIMITED = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """How delays grow: `initial_delay * growth ** n`, spread by `jitter` (a share of it), `max_delay` at most."""

    initial_delay: float
    max_delay: float
    growth: float
    jitter: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RestartPolicy:
    """When a component that ended is started again, and when that is given up.

    `max_restarts` automatic restarts within `window` seconds are allowed (`UNLIMITED`: any number), as the intensity
    and period of OTP's supervisors; a run of `reset_after` seconds clears the count and the growth of the delay.
    """

    policy: RestartCondition = "on-failure"
    backoff: Backoff = Backoff(initial_delay=1.0, max_delay=60.0, growth=2.0, jitter=0.1)
    reset_after: float = 60.0
    max_restarts: int = 5
    window: float = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How often (`UNLIMITED`: for ever) and how patiently one transport is tried again while it can't be connected."""

    max_retries: int = UNLIMITED
    backoff: Backoff = Backoff(initial_delay=1.5, max_delay=300.0, growth=1.5, jitter=0.1)


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsSpec:
    """A client's side of TLS.

    `trust_root` names PEM files (none: the system's), `hostname` what the certificate must say (none: the URL's host).
    """

    hostname: str | None = None
    trust_root: tuple[Path, ...] = ()
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TcpEndpoint:
    """A TCP address.

    `version` 4 or 6 takes only addresses of that family, `None` takes what the name has. `tls` of an adopted Component
    may be any TLS options of Twisted.
    """

    host: str
    port: int
    timeout: float = 10.0
    version: Literal[4, 6] | None = None
    tls: TlsSpec | object | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnixEndpoint:
    """A unix socket; with `tls`, its certificate must say what that or the URL's host says."""

    path: str
    timeout: float = 10.0
    tls: TlsSpec | None = None


Endpoint = TcpEndpoint | UnixEndpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class TransportSpec:
    """One way to a router.

    `endpoint` is always filled in (from the URL where the file has none); a `str` is a Twisted client endpoint
    description, and an adopted Component may hold any `IStreamClientEndpoint`. `options` keep their Python names,
    snake_case or camelCase. The values of `headers` are secret.
    """

    type: Literal["websocket", "rawsocket"]
    url: str
    endpoint: Endpoint | str | object
    serializers: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, Secret] = field(default_factory=dict)
    proxy: TcpEndpoint | None = None
    retry: RetryPolicy = RetryPolicy()


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthPolicy:
    """How a running component is asked whether it works.

    `procedure` is called through the router, for the first time `interval` seconds after the component is ready and
    then `interval` seconds after each answer; one that fails or takes over `timeout` seconds is a miss, and `failures`
    misses in a row are a failure of the component.
    """

    procedure: str
    interval: float = 10.0
    timeout: float = 5.0
    failures: int = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSpec:
    """Components that are restarted together, as OTP's supervisors do it; their order is that of the file.

    More than `max_restarts` automatic restarts (`UNLIMITED`: any number) of its members within `window` seconds end
    the whole group as failed.
    """

    name: str
    strategy: Strategy = "one-for-one"
    max_restarts: int = 5
    window: float = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentSpec:
    """One component; an instance of several is one of its own.

    References are `package.module:name`; what is `None` is left to the Component or to Autobahn's default. Exactly one
    of `main`, `session_factory` and `component` makes the component; `session_factory` may also stand beside `main`.
    `is_fatal` is a reference, or a tuple of WAMP error URIs (with `*`), exception names and references. `after` and
    `requires` hold names of components. `max_stall` is 0 for any time. `instance_of` is the name in the file where
    `instances` makes several of it.
    """

    name: str
    main: str | None = None
    session_factory: str | None = None
    component: str | None = None
    realm: str | None = None
    transports: tuple[TransportSpec, ...] | None = None
    extra: Mapping[str, object] | None = None
    authentication: Mapping[str, Mapping[str, object]] | None = None
    is_fatal: str | tuple[str, ...] | None = None
    is_fatal_default: bool = True
    autostart: bool = True
    critical: bool = False
    after: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    group: str | None = None
    instance_of: str | None = None
    start_timeout: float = 30.0
    stop_timeout: float = 10.0
    max_stall: float = 0.0
    on_user_error: OnUserError = "fail"
    cleanup: bool = True
    restart: RestartPolicy = RestartPolicy()
    health: HealthPolicy | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RouterSpec:
    """The embedded router: URLs to listen on (`ws`, `rs`, `rs://unix:/path`) and the realms that it serves."""

    listen: tuple[str, ...]
    realms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """Where HTTP is served over TCP; port 0 is any."""

    host: str
    port: int

    def at(self, port: int) -> str:
        """The same at another port, as it stands in a URL."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"

    def __str__(self) -> str:
        return self.at(self.port)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFileSpec:
    """Where the log is written; with `{component}` in `path`, each component has a file of its own.

    A file that would have more than `max_bytes` (0: any number) becomes `PATH.1`, that one `PATH.2`, and so on up to
    `backups` of them.
    """

    path: Path
    max_bytes: int = 10_000_000
    backups: int = 5

    def of(self, component: str | None) -> str:
        """The file of that component's lines, or of the supervisor's own, who is called `wampsup` there."""
        return str(self.path).replace("{component}", component or "wampsup")


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisorSpec:
    """The supervisor.

    `socket` is `None` for the usual place, `socket_group` a number; `stall_after` and `fatal_stall` are 0 for never.
    """

    name: str
    socket: Path | None = None
    socket_mode: int = 0o600
    socket_group: int | None = None
    http: HttpAddress | None = None
    http_hosts: tuple[str, ...] = ()
    log_level: LogLevel = "info"
    log_format: LogFormat = "text"
    log_file: LogFileSpec | None = None
    log_lines: int = 500
    reactor: ReactorKind = "auto"
    python_path: tuple[Path, ...] = ()
    exit_when: ExitWhen = "never"
    stop_timeout: float = 60.0
    start_window: int = 64
    stall_after: float = 0.25
    fatal_stall: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetSpec:
    """A whole fleet, its components in the order of the file."""

    supervisor: SupervisorSpec
    router: RouterSpec | None = None
    components: tuple[ComponentSpec, ...] = ()
    groups: tuple[GroupSpec, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """Something wrong in a fleet file at `path` (keys and list indices from the top), found by whoever could judge it.

    With `at_key` the key itself is at fault and not its value. `detail` is for the log (a traceback), never for the
    person.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str | None = None
    at_key: bool = False
    detail: str | None = None
