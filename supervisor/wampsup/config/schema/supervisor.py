"""The tables of the fleet as a whole: `[supervisor]`, `[router]` and `[groups.NAME]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Tag

from wampsup.config.names import COMPONENT_NAME, name_problem
from wampsup.config.schema.fields import Count, Expected, Limit, OneOf, Seconds, Table, Text, Word, kind_of, unexpected
from wampsup.config.urls import SERVER_SCHEMES, UnixUrl, UrlError, parse_url
from wampsup.model.spec import ExitWhen, LogFormat, LogLevel, Strategy


def _check_listen(value: str) -> str:
    try:
        url = parse_url(value, schemes=SERVER_SCHEMES, lowest_port=0)
    except UrlError as error:
        raise unexpected(error.expected, error.hint) from None
    if isinstance(url, UnixUrl) and url.scheme == "ws":
        raise unexpected("a URL with a host and a port", f"did you mean `rs://unix:{url.path}`?")
    return value


def _check_name(value: str) -> str:
    problem = name_problem(value)
    if problem:
        raise unexpected(problem)
    return value


FleetName = Annotated[str, AfterValidator(_check_name)]
ListenUrl = Annotated[str, AfterValidator(_check_listen)]
_ListenUrls = Annotated[list[ListenUrl], Field(min_length=1)]


class SupervisorTable(Table):
    """The supervisor itself."""

    name: FleetName | None = Field(None, description=f"Name of the fleet; by default the file's stem. {COMPONENT_NAME}")
    socket: Text | None = Field(None, description="Path of the control socket, relative to the file's folder")
    socket_mode: Annotated[str, Field(pattern=r"^0?[0-7]{3}\z"), Expected('an octal mode such as `"0600"`')] = Field(
        "0600", description="Mode of the control socket, as an octal string"
    )
    log_level: Annotated[LogLevel, OneOf()] = Field("info", description="What is logged: this level and those above it")
    log_format: Annotated[LogFormat, OneOf()] = Field("text", description="Lines for a person, or JSON")
    include: list[Text] = Field(
        [], description="Other files of the fleet: paths and patterns (`conf.d/*.toml`), relative to this file's folder"
    )
    python_path: list[Text] = Field(
        [], description="Folders to import from, relative to the file's folder, which always comes first"
    )
    exit_when: Annotated[ExitWhen, OneOf()] = Field(
        "never", description="Whether the fleet ends by itself once no component runs or will run again"
    )
    stop_timeout: Seconds = Field(60.0, description="Seconds that the whole fleet has to stop")
    start_window: Count = Field(64, description="How many components may be joining at the same time")


class GroupTable(Table):
    """Components that are restarted together; their order is that of the file."""

    strategy: Annotated[Strategy, OneOf()] = Field(
        "one-for-one", description="Who is restarted when a member is: it alone, all, or those behind it as well"
    )
    max_restarts: Limit = Field(
        5, description="Automatic restarts of its members within `window` before the whole group is given up; -1: never"
    )
    window: Seconds = Field(300.0, description="Seconds in which restarts are counted")


class RouterTable(Table):
    """The embedded router, for development and demos."""

    listen: Annotated[
        Annotated[ListenUrl, Tag("<url>")] | Annotated[_ListenUrls, Tag("<list>")],
        kind_of({str: "<url>", list: "<list>"}, "a URL or a list of URLs"),
    ] = Field(
        description="Where to listen: `ws://HOST:PORT/PATH`, `rs://HOST:PORT`, `rs://unix:PATH`, or a list of these"
    )
    realms: Annotated[list[Word], Field(min_length=1)] = Field(
        ["realm1"], description="The realms that the router serves"
    )
