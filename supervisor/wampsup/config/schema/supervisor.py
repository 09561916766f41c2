"""The tables of the fleet as a whole: `[supervisor]`, `[router]` and `[groups.NAME]`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, Tag

from wampsup.config.addresses import ADDRESS_PATTERN, HOST_PATTERN, group_id, is_host, parse_address
from wampsup.config.names import NAME_PATTERN, name_problem
from wampsup.config.schema.fields import (
    Count,
    Expected,
    Limit,
    LooksLike,
    OneOf,
    Seconds,
    SecondsOrZero,
    Table,
    Text,
    Word,
    kind_of,
    unexpected,
)
from wampsup.config.urls import LISTEN_PATTERN, SERVER_SCHEMES, UnixUrl, UrlError, parse_url
from wampsup.model.record import MOST_LINES
from wampsup.model.spec import ExitWhen, LogFormat, LogLevel, ReactorKind, Strategy


def _check_listen(value: str) -> str:
    try:
        url = parse_url(value, schemes=SERVER_SCHEMES, lowest_port=0)
    except UrlError as error:
        raise unexpected(error.expected, error.hint) from None
    if isinstance(url, UnixUrl) and url.scheme == "ws":
        raise unexpected("a URL with a host and a port", f"did you mean `rs://unix:{url.path}`?")
    return value


def _check_address(value: str) -> str:
    try:
        parse_address(value)
    except UrlError as error:
        raise unexpected(error.expected, error.hint) from None
    return value


def _check_group(value: str) -> str:
    try:
        group_id(value)
    except UrlError as error:
        raise unexpected(error.expected, error.hint) from None
    return value


def _check_host(value: str) -> str:
    if not is_host(value):
        raise unexpected("the name of a host, without a port")
    return value


def _check_name(value: str) -> str:
    problem = name_problem(value)
    if problem:
        raise unexpected(problem)
    return value


def _check_fatal_stall(value: float) -> float:
    if 0 < value < 1:
        raise unexpected(_FATAL_STALL)
    return value


_FATAL_STALL = "a number of seconds from 1 up, or 0 for never"
_FatalStall = Annotated[
    Annotated[float, Field(ge=0, allow_inf_nan=False), Expected(_FATAL_STALL)], AfterValidator(_check_fatal_stall)
]
FleetName = Annotated[str, AfterValidator(_check_name), LooksLike(NAME_PATTERN)]
ListenUrl = Annotated[str, AfterValidator(_check_listen), LooksLike(LISTEN_PATTERN)]
HttpAddress = Annotated[str, AfterValidator(_check_address), LooksLike(ADDRESS_PATTERN)]
Group = Annotated[Text, AfterValidator(_check_group)]
Host = Annotated[str, AfterValidator(_check_host), LooksLike(HOST_PATTERN)]
_ListenUrls = Annotated[list[ListenUrl], Field(min_length=1)]


_IN_BRACES = re.compile(r"\{[^{}]*\}")


def _check_log_path(value: str) -> str:
    if value.endswith("/"):
        raise unexpected("the path of a file")
    unknown = sorted(set(_IN_BRACES.findall(value)) - {"{component}"})
    if unknown:
        raise unexpected("a path in which nothing but `{component}` stands in braces")
    return value


_LogPath = Annotated[Text, AfterValidator(_check_log_path)]


class LogFileTable(Table):
    """The log as a file."""

    path: _LogPath = Field(description="Path of the file; with `{component}` in it, each component has one of its own")
    max_bytes: Annotated[int, Field(ge=0), Expected("a whole number of bytes, or 0 for no limit")] = Field(
        10_000_000, description="Bytes of a file before it becomes `PATH.1`, and a new one is begun; 0: it only grows"
    )
    backups: Annotated[int, Field(ge=0, le=1000), Expected("a whole number from 0 to 1000")] = Field(
        5, description="How many such older files are kept, `PATH.1` the youngest"
    )


LogLines = Annotated[int, Field(ge=0, le=MOST_LINES), Expected(f"a whole number from 0 to {MOST_LINES}")]


class SupervisorTable(Table):
    """The supervisor itself."""

    name: FleetName | None = Field(None, description="Name of the fleet; by default that of its file, without `.toml`")
    socket: Text | None = Field(
        None,
        description="Path of the control socket; by default `NAME.sock` in the runtime folder, such as `/run/wampsup`",
    )
    socket_mode: Annotated[str, Field(pattern=r"^0?[0-7]{3}\z"), Expected('an octal mode such as `"0600"`')] | None = (
        Field(
            None,
            description='Mode of the control socket as an octal string; by default `"0600"`, with a group `"0660"`',
        )
    )
    socket_group: Group | None = Field(
        None,
        description="Group, by name or number, whose members may use the control socket as well;"
        " it takes a `socket` in a folder that they can enter",
    )
    http: HttpAddress | None = Field(
        None,
        description="Address and port, such as `127.0.0.1:9100`, at which everybody can read what is no secret,"
        " by HTTP over TCP",
    )
    http_hosts: list[Host] = Field([], description="Names of this host by which requests over TCP may call it")
    log_level: Annotated[LogLevel, OneOf()] = Field("info", description="The lowest level that is logged")
    log_format: Annotated[LogFormat, OneOf()] = Field(
        "text", description="Lines for a person, or a JSON document a line"
    )
    log_file: (
        Annotated[
            Annotated[_LogPath, Tag("<path>")] | Annotated[LogFileTable, Tag("<table>")],
            kind_of({str: "<path>", dict: "<table>"}, "a path or a table"),
        ]
        | None
    ) = Field(
        None,
        description="File to write the log to as well: a path, or a table; relative paths begin at the file's folder",
    )
    log_lines: LogLines = Field(
        500,
        description="How many lines of each component's log are kept for `wampsup logs`"
        f" ({MOST_LINES:,} of all together); 0: none",
    )
    reactor: Annotated[ReactorKind, OneOf()] = Field(
        "auto",
        description="Twisted's reactor that all run on; `auto` is the best of the system's own: epoll, kqueue or poll",
    )
    include: list[Text] = Field(
        [], description="Other files of the fleet: paths and patterns (`conf.d/*.toml`), relative to this file's folder"
    )
    python_path: list[Text] = Field(
        [], description="Folders to import components from, after the file's own one; relative to it"
    )
    exit_when: Annotated[ExitWhen, OneOf()] = Field(
        "never", description="Whether the fleet ends by itself once nothing runs any more or can by itself"
    )
    stop_timeout: Seconds = Field(
        60.0, description="Seconds that the whole fleet has to stop; who has not left by then is cut off"
    )
    start_window: Count = Field(64, description="How many components may be on their way to a router at the same time")
    stall_after: SecondsOrZero = Field(
        0.25,
        description="Seconds for which a component may keep the loop from all others before it is told; 0: for ever",
    )
    fatal_stall: _FatalStall = Field(
        0.0, description="Seconds after which a loop that is stuck ends the process with exit code 7; 0: never"
    )


class GroupTable(Table):
    """Components that are restarted together; their order is that of the file."""

    strategy: Annotated[Strategy, OneOf()] = Field(
        "one-for-one",
        description="Who is restarted when a member is: it alone, all of them, or it and those behind it in the file",
    )
    max_restarts: Limit = Field(
        5,
        description="Restarts of its members within `window` before the group fails as a whole; -1: without end",
    )
    window: Seconds = Field(300.0, description="Seconds in which the group's restarts are counted")


class RouterTable(Table):
    """The embedded router, for development and demos."""

    listen: Annotated[
        Annotated[ListenUrl, Tag("<url>")] | Annotated[_ListenUrls, Tag("<list>")],
        kind_of({str: "<url>", list: "<list>"}, "a URL or a list of URLs"),
    ] = Field(
        description="Where to listen: `ws://HOST:PORT/PATH`, `rs://HOST:PORT`, `rs://unix:PATH`, or a list of these"
    )
    realms: Annotated[list[Word], Field(min_length=1)] = Field(
        ["realm1"], description="The realms that it has, open to everybody"
    )
