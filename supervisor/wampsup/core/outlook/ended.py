"""What comes next for a component that is leaving, or has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.core.component import may_try
from wampsup.core.explain import counted, in_seconds
from wampsup.core.outlook.words import a_person, command, critical, policy_of
from wampsup.model.state import Desired, Kind
from wampsup.model.transition import GROUP, PERSON, RELOAD, SHUTDOWN

if TYPE_CHECKING:
    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec
    from wampsup.model.state import Stopping


def stopping(component: Component, state: Stopping, now: float) -> list[str]:
    """While its session leaves."""
    if state.deadline is None:
        leaves = "it is being cut off"
    else:
        leaves = f"it leaves, and is cut off unless it has within {in_seconds(state.deadline - now)}"
    error = component.last_error
    if component.desired is Desired.DOWN:
        then = "it is stopped"
    elif state.again:
        then = "it starts again"
    elif component.given_up_with is not None:
        then = f"it has failed with its group `{component.given_up_with}`"
    elif error is not None and error.at == state.since:
        then = f"{policy_of(component)} decides"
    else:
        then = "it waits until it can start again"
    return [leaves, f"then {then}"]


def stopped(component: Component, name: str) -> list[str]:
    """While nobody wants it."""
    match component.stopped_by:
        case None:
            return ["nobody has started it yet", a_person(name)]
        case str(by) if by == PERSON:
            why = f"it stays stopped, also through reloads, until a person starts it: {command(name)}"
        case str(by) if by == SHUTDOWN:
            why = "the fleet shuts down"
        case str(by) if by == RELOAD:
            why = "it is no part of the fleet any more"
        case by:
            group = by.removeprefix(GROUP)
            return [f"its group `{group}` was restarted, and {policy_of(component)} leaves it", a_person(name)]
    return [why]


def completed(component: Component, name: str) -> list[str]:
    """After it has ended well."""
    return [f"it ended well, and {policy_of(component)} leaves it so", f"to run it again: {command(name)}"]


def failed(component: Component, spec: ComponentSpec) -> list[str]:
    """After it has been given up."""
    policy = component.policy.restart
    name = spec.name
    if component.given_up_with is not None:
        why = f"its group `{component.given_up_with}` gave up"
        name = f"{GROUP}{component.given_up_with}"
    elif not any(may_try(component, index) for index in range(len(component.tries))):
        why = f"gave up after {counted(sum(component.tries), 'try', 'tries')} to connect"
    elif policy.policy == "never":
        why = f"{policy_of(component)} leaves it"
    else:
        why = f"gave up after {counted(len(component.restarted_at), 'restart', 'restarts')} in {policy.window:g} s"
    return [why, a_person(name), *critical(spec)]


def fatal(component: Component, spec: ComponentSpec) -> list[str]:
    """After an error that no retry can mend."""
    problem = None if component.last_error is None else component.last_error.problem
    says = f"{(problem and problem.rule) or '`is_fatal`'} says that no retry can mend this"
    clauses = [says, f"after the fix, {a_person(spec.name)}"]
    if problem is not None and problem.kind is Kind.AUTH:
        clauses.append("a fix in the fleet file or in a secret takes wampsup reload, which starts it as well")
    return clauses + critical(spec)
