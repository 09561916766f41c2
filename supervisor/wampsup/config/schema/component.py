"""The tables of components: `[defaults]`, `[components.NAME]` and what they hold."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Field, Tag

from wampsup.config.schema.authentication import AuthenticationTable
from wampsup.config.schema.fields import (
    REFERENCE_PATTERN,
    Count,
    Delay,
    Expected,
    Growth,
    Limit,
    LooksLike,
    OneOf,
    Reference,
    Seconds,
    SecondsOrZero,
    Share,
    Table,
    Uri,
    Word,
    Words,
    is_reference,
    kind_of,
    unexpected,
)
from wampsup.config.schema.transport import Transports
from wampsup.model.spec import OnUserError, RestartCondition

MOST_INSTANCES = 10_000


def _check_is_fatal(value: str) -> str:
    if not is_reference(value):
        raise unexpected(
            "a reference such as `package.module:function`", "to name an error, put it into a list: `[...]`"
        )
    return value


def _check_is_no_policy(value: Any) -> Any:
    if value in get_args(RestartCondition):
        raise unexpected("a table", f'restart = {{ policy = "{value}" }}')
    return value


def _check_is_no_procedure(value: Any) -> Any:
    if isinstance(value, str):
        raise unexpected("a table", f'health = {{ procedure = "{value}" }}')
    return value


FatalReference = Annotated[str, AfterValidator(_check_is_fatal), LooksLike(REFERENCE_PATTERN)]


class RestartTable(Table):
    """When a component that ended is started again, and when that is given up."""

    policy: Annotated[RestartCondition, OneOf()] = Field(
        "on-failure", description="After which ends it is started again: failures, all, or none"
    )
    initial_delay: Delay = Field(1.0, description="Seconds before the first restart")
    max_delay: Delay = Field(60.0, description="Seconds that no delay exceeds, however often it has failed")
    growth: Growth = Field(2.0, description="Each delay is this many times the one before")
    jitter: Share = Field(0.1, description="Share of a delay by which it is made longer or shorter at random")
    reset_after: SecondsOrZero = Field(60.0, description="Seconds of running after which delay and count begin anew")
    max_restarts: Limit = Field(
        5, description="Restarts within `window` before it is given up and `failed`; -1: without end"
    )
    window: Seconds = Field(300.0, description="Seconds in which restarts are counted")


class HealthTable(Table):
    """How a running component is asked whether it works."""

    procedure: Uri | None = Field(
        None, description="URI of a procedure that is called through the router; any result will do"
    )
    interval: Seconds = Field(10.0, description="Seconds between an answer and the next call")
    timeout: Seconds = Field(5.0, description="Seconds that an answer may take")
    failures: Count = Field(
        3, description="Calls in a row that fail or take too long until that is a failure of the component"
    )


class DefaultsTable(Table):
    """Keys that a component takes from here unless it has them itself."""

    realm: Word | None = Field(None, description="Realm to join; by default `realm1`")
    transports: Transports | None = Field(
        None,
        description="Ways to the router, tried in turn: a URL, a table or a list; by default `ws://127.0.0.1:8080/ws`",
    )
    extra: dict[str, Any] | None = Field(
        None, description="Whatever the component's code wants to be told: `session.config.extra`"
    )
    authentication: AuthenticationTable | None = Field(
        None, description="Methods to authenticate with, and what each needs"
    )
    is_fatal: (
        Annotated[
            Annotated[FatalReference, Tag("<reference>")] | Annotated[list[Word], Tag("<list>")],
            kind_of({str: "<reference>", list: "<list>"}, "a reference or a list of errors"),
        ]
        | None
    ) = Field(
        None,
        description="Errors that no restart can help: a function `is_fatal(error)`, or a list of WAMP URIs"
        " (`wamp.error.*`), exception names (`builtins.ValueError`) and functions",
    )
    is_fatal_default: bool = Field(
        default=True,
        description="Whether a built-in table of such errors (no such realm, not authorized and so on) counts as well",
    )
    autostart: bool = Field(
        default=True, description="Whether it starts together with the fleet, or only when a person starts it"
    )
    critical: bool = Field(
        default=False, description="Whether its end, `failed` or `fatal`, ends the fleet with exit code 1"
    )
    after: Words | None = Field(
        None, description="Whom it starts after and stops before: a component, `group:NAME` or a list of these"
    )
    requires: Words | None = Field(
        None,
        description="Who must run for it to start, named as in `after`; without one of them it leaves and waits",
    )
    group: Word | None = Field(None, description="The group that it is in: one of `[groups]`")
    instances: (
        Annotated[int, Field(ge=0, le=MOST_INSTANCES), Expected(f"a whole number from 0 to {MOST_INSTANCES}")] | None
    ) = Field(None, description="How many of it there are: `NAME@1`, `NAME@2`, ...; `extra.instance` is the number")
    start_timeout: Seconds = Field(30.0, description="Seconds that it has to join and be ready")
    stop_timeout: Seconds = Field(10.0, description="Seconds that it has to leave; then its connection is cut")
    max_stall: SecondsOrZero = Field(
        0.0, description="Seconds for which it may keep the loop from all others before it is restarted; 0: for ever"
    )
    on_user_error: Annotated[OnUserError, OneOf()] = Field(
        "fail",
        description="What an error in `onJoin`, `on_join` or a registration is: a failure, or a line in the log",
    )
    cleanup: bool = Field(
        default=True,
        description="Whether timers that its code has left behind are cancelled, and sockets closed, when it has ended",
    )
    restart: Annotated[RestartTable, BeforeValidator(_check_is_no_policy)] = Field(
        RestartTable(), description="When it is started again after its end, and when that is given up"
    )
    health: Annotated[HealthTable, BeforeValidator(_check_is_no_procedure)] | None = Field(
        None, description="How it is asked whether it works, while it runs"
    )


class ComponentTable(DefaultsTable):
    """One component; one of `main`, `session_factory` and `component` says what it is."""

    main: Reference | None = Field(
        None,
        description="A function `main(reactor, session)`, as `package.module:function`: it ends when that returns",
    )
    session_factory: Reference | None = Field(
        None, description="An `ApplicationSession` or `Session` subclass, as `package.module:Class`; also beside `main`"
    )
    component: Reference | None = Field(
        None, description="An Autobahn `Component`, or a function that returns one, as `package.module:name`"
    )
