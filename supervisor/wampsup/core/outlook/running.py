"""What may happen to a component that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.core.backoff import delay
from wampsup.core.explain import in_seconds, leaving_after
from wampsup.core.outlook.words import critical, policy_of
from wampsup.model.spec import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec


def running(
    component: Component, spec: ComponentSpec, ran: float, now: float, waits_for: Mapping[str, str | None]
) -> list[str]:
    """After it has run for `ran` seconds."""
    if leaving := leaving_after(waits_for):
        return [leaving]
    clauses = [*_count(component, ran), _if_it_fails(component, ran, now)]
    if spec.health is not None:
        clauses.append(f"{spec.health.failures} misses in a row of its health check are a failure")
    if component.policy.restart.policy == "always":
        return clauses
    return [*clauses, "if it ends well it is left alone", *critical(spec)]


def _count(component: Component, ran: float) -> list[str]:
    """Whether what it has failed before counts still."""
    cleared = component.policy.restart.reset_after
    if not component.failures:
        return []
    if ran >= cleared:
        return [f"it has run for {cleared:g} s, which clears the count of its restarts"]
    return [f"a run that lasts {cleared:g} s clears the count of its restarts ({in_seconds(ran)} so far)"]


def _if_it_fails(component: Component, ran: float, now: float) -> str:
    policy = component.policy.restart
    when = "whenever it ends" if policy.policy == "always" else "if it fails"
    if policy.policy == "never":
        return f"{when} it stays so, as {policy_of(component)} has it"
    is_cleared = ran >= policy.reset_after
    used = () if is_cleared else component.restarts_in_window(now)
    if policy.max_restarts != UNLIMITED and len(used) >= policy.max_restarts:
        return f"{when} it is given up: {len(used)} of {policy.max_restarts} restarts in {policy.window:g} s are used"
    wait = delay(policy.backoff, 0 if is_cleared else component.failures, 0.0)
    often = "" if policy.max_restarts == UNLIMITED else f" ({len(used) + 1} of {policy.max_restarts})"
    return f"{when} it is started again after about {wait:.3g} s{often}"
