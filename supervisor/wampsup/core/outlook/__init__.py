"""What happens next to a component, and why: in words, for who wants to know more than its note says.

Clauses are joined by semicolons. Counts are those of the note: what has been tried so far, of what may be tried again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from wampsup.core.explain import NOTHING
from wampsup.core.outlook import ended, running, trying
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Failed,
    Fatal,
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec, TransportSpec


def outlook(
    component: Component,
    spec: ComponentSpec,
    now: float,
    transports: Sequence[TransportSpec] = (),
    waits_for: Mapping[str, str | None] = NOTHING,
) -> str:
    """What happens next to `component`, which is that of `spec`; the others are as in `explain.note`."""
    return "; ".join(_clauses(component, spec, now, transports, waits_for))


def _clauses(  # noqa: C901, PLR0911 - a case for each state
    component: Component,
    spec: ComponentSpec,
    now: float,
    transports: Sequence[TransportSpec],
    waits_for: Mapping[str, str | None],
) -> list[str]:
    state = component.state
    match state:
        case Running():
            return running.running(component, spec, now - state.since, now, waits_for)
        case Waiting():
            return trying.waiting(spec, waits_for)
        case Connecting():
            return trying.connecting(component, state, now)
        case Reconnecting():
            return trying.reconnecting(component, state.next_attempt_at - now, transports)
        case BackingOff():
            return trying.backing_off(component, state.next_attempt_at - now)
        case Stopping():
            return ended.stopping(component, state, now)
        case Stopped():
            return ended.stopped(component, spec.name)
        case Completed():
            return ended.completed(component, spec.name)
        case Failed():
            return ended.failed(component, spec)
        case Fatal():
            return ended.fatal(component, spec)
        case _:
            assert_never(state)
