"""The words that prospects are told in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.core.explain import counted, in_seconds
from wampsup.model.spec import UNLIMITED

if TYPE_CHECKING:
    from wampsup.core.component import Component
    from wampsup.model.spec import Backoff, ComponentSpec


def critical(spec: ComponentSpec) -> list[str]:
    """What more an end for good means."""
    return ["it is critical: its end for good ends the fleet"] if spec.critical else []


def tried(count: int, limit: int) -> list[str]:
    """How often it has been tried; nothing where it has not."""
    if not count:
        return []
    return [f"tried {counted(count, 'time', 'times') if limit == UNLIMITED else f'{count} of {limit}'}"]


def next_in(left: float, over: str = "") -> str:
    """When it is tried again."""
    shown = in_seconds(left)
    return f"next {'now' if shown == in_seconds(0) else f'in {shown}'}{over}"


def for_ever(backoff: Backoff) -> str:
    """How it goes on without a limit."""
    if backoff.growth == 1:
        between = f"about {min(backoff.initial_delay, backoff.max_delay):g} s between two tries"
    else:
        between = f"{backoff.max_delay:g} s between two tries at most"
    return f"it goes on for ever, with {between}"


def policy_of(component: Component) -> str:
    """Its restart policy by name."""
    return f"its restart policy `{component.policy.restart.policy}`"


def command(name: str) -> str:
    """What a person types to start it."""
    return f"wampsup start {name}"


def a_person(name: str) -> str:
    """Nothing else starts it."""
    return f"a person has to start it: {command(name)}"
