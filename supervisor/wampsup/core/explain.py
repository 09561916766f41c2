"""What a component's state means and what happens next, in one line for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from wampsup.core.component import may_try
from wampsup.model.spec import UNLIMITED
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Failed,
    Fatal,
    Kind,
    Problem,
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)
from wampsup.model.transition import GROUP, PERSON, RELOAD, SHUTDOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wampsup.core.component import Component
    from wampsup.model.spec import TransportSpec

NOTHING: Mapping[str, str | None] = {}
"""What most components wait for."""

MOST_TOLD = 32
"""Whom a component waits for: of more than that the rest is left out, since in a group there may be thousands."""

_RAISED_BY_ITS_CODE = frozenset({Kind.MAIN, Kind.HANDLER, Kind.SESSION, Kind.IS_FATAL})
_STOPPED_BY = {PERSON: "stopped by a person", SHUTDOWN: "stopped with the fleet", RELOAD: "taken out of the fleet"}
_MOST_NAMES = 3
_LONGEST_MESSAGE = 300
"""Characters of a message that a line can bear; the whole of it is in the component's last error."""


def is_timed(component: Component) -> bool:
    """Whether what its note says changes as time goes by."""
    return isinstance(component.state, Stopping | Reconnecting | BackingOff)


def in_words(problem: Problem) -> str:
    """A problem in one line: `ValueError: the kettle is dry`, `ticket refused (wamp.error.authentication_failed)`."""
    message = " ".join(problem.message.split())
    if len(message) > _LONGEST_MESSAGE:
        message = message[: _LONGEST_MESSAGE - 1] + "…"
    name = problem.type.rpartition(".")[2]
    if problem.uri is not None:
        if not message or problem.uri in message:
            return message or problem.uri
        return f"{message} ({problem.uri})"
    if problem.kind in _RAISED_BY_ITS_CODE:
        return f"{name}: {message}" if message else name
    return message or name


def note(  # noqa: C901, PLR0911 - a case for each state
    component: Component,
    name: str | None,
    now: float,
    transports: Sequence[TransportSpec] = (),
    waits_for: Mapping[str, str | None] = NOTHING,
) -> str | None:
    """Why the component called `name` is in its state and what comes next; `None` where the state says it all.

    Without a `name` it is in a fleet that no command reaches, and none is named.

    Where it has several `transports`, they are told apart by their URLs. `waits_for` names the components, with
    the names of their states, or `group:NAME`, that keep it from starting or from leaving.
    """
    state = component.state
    match state:
        case Running():
            return leaving_after(waits_for)
        case Waiting():
            return _waiting(component, waits_for)
        case Connecting():
            return _trying(component)
        case Stopped():
            return _stopped(component)
        case Stopping():
            return _stopping(component, state, now)
        case Reconnecting():
            return _reconnecting(component, state, now, transports)
        case BackingOff():
            return f"{_cause(component, 'ended by itself')}; {_next_try(component, state.next_attempt_at, now)}"
        case Completed():
            return "ended by itself"
        case Failed():
            return _failed(component, name)
        case Fatal():
            return _cause(component, "fatal") + _command("after the fix", name)
        case _:
            assert_never(state)


def leaving_after(waits_for: Mapping[str, str | None]) -> str | None:
    """What one that runs waits for before it leaves; `None` where it is not about to."""
    if not waits_for:
        return None
    return f"leaves once {named(f'`{name}`' for name in waits_for)} {'has' if len(waits_for) == 1 else 'have'} left"


def _cause(component: Component, otherwise: str) -> str:
    """The error that led to this state: an older one had no part in it."""
    error = component.last_error
    return in_words(error.problem) if error is not None and error.at == component.state.since else otherwise


def _trying(component: Component) -> str | None:
    again = component.failures > 0 or component.reconnects > 0
    if component.last_error is None or not again:
        return None
    return f"after {in_words(component.last_error.problem)}"


def _stopped(component: Component) -> str:
    trouble = _cause(component, "")
    match component.stopped_by:
        case None:
            who = "not started"
        case str(by) if by.startswith(GROUP):
            who = f"stopped with its group `{by.removeprefix(GROUP)}`"
        case by:
            who = _STOPPED_BY[by]
    return f"{who}; {trouble}" if trouble else who


def _stopping(component: Component, state: Stopping, now: float) -> str:
    cause = _cause(component, "")
    end = f"{cause}; " if cause else ""
    end += f"leaving, cut off in {in_seconds(state.deadline - now)}" if state.deadline is not None else "cut off"
    return f"{end}; then it starts again" if state.again else end


def _reconnecting(component: Component, state: Reconnecting, now: float, transports: Sequence[TransportSpec]) -> str:
    cause = _cause(component, "connection lost")
    if len(transports) <= 1:
        return f"{cause}; {_next_try(component, state.next_attempt_at, now)}"
    failed = f"{transports[component.last_error.transport].url}: " if component.last_error else ""
    over = f" over {transports[component.transport].url}"
    return f"{failed}{cause}; {_next_try(component, state.next_attempt_at, now, over)}"


def _next_try(component: Component, at: float, now: float, over: str = "") -> str:
    policy = component.policy
    if isinstance(component.state, BackingOff):
        count, limit = len(component.restarted_at), policy.restart.max_restarts
    else:
        count, limit = component.tries[component.transport], policy.transports[component.transport].max_retries
    counted = f" ({count} of {limit})" if limit != UNLIMITED and count > 0 else ""
    left = in_seconds(at - now)
    return f"next try {'now' if left == in_seconds(0) else f'in {left}'}{over}{counted}"


def _failed(component: Component, name: str | None) -> str:
    if component.given_up_with is not None:
        group, member = component.given_up_with, component.given_up_for
        cause = _cause(component, f"`{member}` failed once too often")
        return f"its group `{group}` gave up: {cause}" + _command("to try again", name and f"group:{group}")
    cause = _cause(component, "it ended by itself")
    restart = component.policy.restart
    if not any(may_try(component, index) for index in range(len(component.tries))):
        after = counted(sum(component.tries), "try", "tries")
    elif restart.policy == "never":
        return cause + _command("to try again", name)
    else:
        after = f"{counted(len(component.restarted_at), 'restart', 'restarts')} in {restart.window:g} s"
    return f"gave up after {after}: {cause}" + _command("to try again", name)


def _command(when: str, name: str | None) -> str:
    return "" if name is None else f"; {when}: wampsup start {name}"


def named(names: Iterable[str]) -> str:
    """`a`, `b` and 3 more, or and others where it is not known how many: three at most."""
    shown = list(names)
    if len(shown) > _MOST_NAMES:
        left_out = "others" if len(shown) >= MOST_TOLD else f"{len(shown) - _MOST_NAMES + 1} more"
        shown[_MOST_NAMES - 1 :] = [left_out]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _waiting(component: Component, waits_for: Mapping[str, str | None]) -> str:
    """What a waiting component waits for; without any of that it is its turn in the start window."""
    if waits_for:
        groups = (f"group `{name.removeprefix(GROUP)}`" for name in waits_for if name.startswith(GROUP))
        names = (f"`{name}` ({state})" for name, state in waits_for.items() if not name.startswith(GROUP))
        return f"waits for {named([*names, *groups])}"
    after = _trying(component)
    return f"waits for its turn; {after}" if after else "waits for its turn"


def counted(number: int, one: str, many: str) -> str:
    """`1 try`, `2 tries`."""
    return f"{number} {one if number == 1 else many}"


def in_seconds(seconds: float) -> str:
    """A time that is left, or has passed: `2.1 s`."""
    return f"{max(seconds, 0):.1f} s"
