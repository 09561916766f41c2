"""What comes next for a component that is on its way up, or waits to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.core.component import may_try
from wampsup.core.explain import in_seconds, named
from wampsup.core.outlook.words import command, for_ever, next_in, tried
from wampsup.model.spec import UNLIMITED
from wampsup.model.transition import GROUP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec, TransportSpec
    from wampsup.model.state import Connecting

_OVER = frozenset({"stopped", "completed", "failed", "fatal"})
"""States that nothing but a person, or the fleet, ends."""


def waiting(spec: ComponentSpec, waits_for: Mapping[str, str | None]) -> list[str]:
    """While it is held, or it is not its turn."""
    if not waits_for:
        return ["it starts when one of those that are on their way up is there: the start window is full"]
    groups = [f"group `{name.removeprefix(GROUP)}`" for name in waits_for if name.startswith(GROUP)]
    others = {name: state for name, state in waits_for.items() if not name.startswith(GROUP)}
    clauses = []
    if others:
        once = "that runs" if len(others) == 1 else "they run"
        also = "" if any(name in spec.requires for name in others) else ", or won't come by itself"
        shown = named([f"`{name}` ({state})" for name, state in others.items()])
        clauses.append(f"waits for {shown}: it starts once {once}{also}")
    if groups:
        clauses.append(f"{named(groups)} has to leave first: then all start again in their order")
    over = [name for name, state in others.items() if state in _OVER]
    return [*clauses, *(f"a person has to start `{name}`: {command(name)}" for name in over[:1])]


def connecting(component: Component, state: Connecting, now: float) -> list[str]:
    """While an attempt is under way."""
    if state.deadline is None:
        return ["it took too long to become ready, and is being cut off"]
    tries = component.tries[component.transport]
    which = [f"this is try {tries}"] if tries > 1 else []
    left = in_seconds(state.deadline - now)
    has_tries = any(may_try(component, index) for index in range(len(component.tries)))
    then = "that is tried again" if has_tries else "it is given up"
    return [*which, f"it has {left} left to join and become ready", f"if it can't connect, {then}"]


def reconnecting(component: Component, left: float, transports: Sequence[TransportSpec]) -> list[str]:
    """While there is no connection."""
    retry = component.policy.transports[component.transport]
    over = f" over {transports[component.transport].url}" if len(transports) > 1 else ""
    count, others = component.tries[component.transport], range(len(component.tries))
    clauses = [*tried(count, retry.max_retries), next_in(left, over)]
    if retry.max_retries == UNLIMITED:
        clauses.append(for_ever(retry.backoff))
    elif count >= retry.max_retries and not any(may_try(component, i) for i in others if i != component.transport):
        clauses.append("if it can't connect then, it is given up")
    return [*clauses, "this counts for no restart"]


def backing_off(component: Component, left: float) -> list[str]:
    """After a failure."""
    policy = component.policy.restart
    limit = policy.max_restarts
    if limit == UNLIMITED:
        return [*tried(component.failures, limit), next_in(left), for_ever(policy.backoff)]
    count = len(component.restarted_at)
    last = [f"with one more failure within {policy.window:g} s it is given up"] if count >= limit else []
    clears = f"a run that lasts {policy.reset_after:g} s clears the count"
    return [f"tried {count} of {limit} in {policy.window:g} s", next_in(left), *last, clears]
