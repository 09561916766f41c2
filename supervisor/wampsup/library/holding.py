"""A Component is in one fleet at a time: its `stop()` could not tell two apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.library.plan import Plan

_held: dict[int, str] = {}
"""The Components of the fleets of this process that run, by their identities, and what those fleets are called."""


def hold(plan: Plan) -> Callable[[], None]:
    """Hold the Components of a fleet that starts; what it returns lets go of them.

    Raises:
        WampsupError: another fleet holds one of them.
    """
    own = {id(each.original): name for name, each in plan.blueprints.items() if each.original is not None}
    for component, name in own.items():
        if component in _held:
            message = f"component `{name}` is in fleet `{_held[component]}` already, which runs"
            raise WampsupError(message, hint="make a Component for each fleet")
    _held.update(dict.fromkeys(own, plan.spec.supervisor.name))

    def let_go() -> None:
        for component in own:
            del _held[component]

    return let_go
