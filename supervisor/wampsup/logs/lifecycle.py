"""Tells the log of every transition of every component, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from twisted.logger import Logger, LogLevel

from wampsup.core.explain import NOTHING, note
from wampsup.masking import mask
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Failed,
    Fatal,
    Kind,
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wampsup.core.component import Component
    from wampsup.model.spec import TransportSpec
    from wampsup.runtime.unit import Unit

_log = Logger()
_TRACED = frozenset({Kind.MAIN, Kind.HANDLER, Kind.SESSION, Kind.IS_FATAL})
"""The kinds of errors whose traceback leads into the component's own code."""

_DETAILS = (Waiting, Connecting, Stopping)
"""States that are told at `debug`; each start goes through two of them, and most logs do not show them."""


def tell(
    unit: Unit,
    before: Component,
    after: Component,
    *_cause: object,
    commands: bool = True,
    detailed: bool = True,
) -> None:
    """Log a transition; a watcher for `Fleet.watch`.

    Without `commands`, what a person may type next is left out; unless `detailed`, so is what is said at `debug` alone.
    """
    if after.state is not before.state and (detailed or not isinstance(after.state, _DETAILS)):
        level, message, traceback = _lines(unit, before, after, commands=commands)
        _log.emit(level, "{message}", message=message, component=unit.name, own_traceback=traceback)


def tell_host(unit: Unit, before: Component, after: Component, *_cause: object, commands: bool = True) -> None:
    """The same for a log that is not ours, which takes the text alone; our own lines take it apart again."""
    if after.state is not before.state:
        level, message, traceback = _lines(unit, before, after, commands=commands)
        message, traceback = mask(message), traceback and mask(traceback)
        text = message if traceback is None else f"{message}\n{traceback}"
        _log.emit(
            level,
            "{component}: {text}",
            text=text,
            component=unit.name,
            own_message=message,
            own_traceback=traceback,
        )


def _lines(unit: Unit, before: Component, after: Component, *, commands: bool) -> tuple[LogLevel, str, str | None]:
    """How urgent it is, what to say, and the traceback that belongs to it."""
    level, message = told(unit.name if commands else None, before, after, unit.transports, unit.waits_for)
    return level, message, _new_traceback(before, after)


def _new_traceback(before: Component, after: Component) -> str | None:
    """What leads to the error of this transition in the component's own code."""
    error = after.last_error
    if isinstance(after.state, Stopping) or error is None or error is before.last_error:
        return None
    if error.problem.kind not in _TRACED:
        return None
    return error.problem.traceback


def told(
    name: str | None,
    before: Component,
    after: Component,
    transports: Sequence[TransportSpec] = (),
    waits_for: Mapping[str, str | None] = NOTHING,
) -> tuple[LogLevel, str]:
    """How urgent the component's new state is, and what to say of it; `name` as in `note`."""
    state = after.state
    said = note(after, name, state.since, transports, waits_for)
    match state:
        case Running(joined=joined):
            return LogLevel.info, f"joined {joined.realm} as {joined.session_id} over {joined.transport}"
        case Connecting(attempt=attempt):
            return LogLevel.debug, f"connecting (attempt {attempt})"
        case Waiting() | Stopping():
            return LogLevel.debug, f"{state.name}{f': {said}' if said else ''}"
        case Stopped() | Completed():
            had_ended = isinstance(before.state, Completed | Failed | Fatal)  # then nothing has happened to it
            return LogLevel.debug if had_ended else LogLevel.info, state.name
        case BackingOff() | Reconnecting():
            return LogLevel.warn, said or state.name
        case Failed() | Fatal():
            return LogLevel.error, f"{state.name}: {said}"
        case _:
            assert_never(state)
