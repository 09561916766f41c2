"""What a changed fleet file asks of a fleet that runs: to touch what has changed, and nothing else.

A component is restarted only for what its session is made of; all else that the file says of it is a rule for the
supervisor, which follows the new one from then on. So it is with the supervisor: some of its settings are rules, the
others are built into the process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from wampsup.model.spec import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Collection

    from wampsup.model.spec import ComponentSpec, FleetSpec, RouterSpec, SupervisorSpec, TransportSpec

RESTARTING = frozenset(
    {
        "main",
        "session_factory",
        "component",
        "realm",
        "transports",  # their retry policies are rules
        "extra",
        "authentication",
        "instance_of",
    }
)
"""The fields of a `ComponentSpec` that its session is made of."""

UPDATING = frozenset(
    {
        "is_fatal",
        "is_fatal_default",
        "autostart",
        "critical",
        "after",
        "requires",
        "group",
        "start_timeout",
        "stop_timeout",
        "max_stall",
        "on_user_error",
        "cleanup",
        "restart",
        "health",
    }
)
"""Its other fields but the name: rules for the supervisor."""

_FREE = frozenset({"extra", "authentication"})
"""The fields that hold whatever a file may hold."""

_RULED = (RESTARTING | UPDATING) - _FREE

AT_ONCE = frozenset({"log_file", "exit_when", "stop_timeout", "start_window", "stall_after", "fatal_stall"})
"""The fields of a `SupervisorSpec` that are rules; a change of another one needs a new process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a reload does, or would do.

    Components are told by name, in the order of the new file, and those that are `removed` in that of the old one.
    `groups` have changed in their rules or their order. `settings` take effect at once and `needs_restart` when the
    supervisor is started again; both are keys of the file, such as `supervisor.log_level`.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    restarted: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()


def plan(old: FleetSpec, new: FleetSpec) -> Plan:
    """What leads from the one fleet to the other."""
    before = {component.name: component for component in old.components}
    after = {component.name for component in new.components}
    fates: dict[str, list[str]] = {"added": [], "restarted": [], "updated": [], "unchanged": []}
    for component in new.components:
        was = before.get(component.name)
        fates["added" if was is None else _fate(was, component)].append(component.name)
    changed = _supervisor_changes(old.supervisor, new.supervisor)
    return Plan(
        removed=tuple(name for name in before if name not in after),
        groups=_group_changes(old, new),
        settings=tuple(f"supervisor.{key}" for key in changed if key in AT_ONCE),
        needs_restart=(
            *(f"supervisor.{key}" for key in changed if key not in AT_ONCE),
            *_router_changes(old.router, new.router),
        ),
        **{fate: tuple(names) for fate, names in fates.items()},
    )


def within_process(old: FleetSpec, new: FleetSpec) -> FleetSpec:
    """The new fleet as far as the process of the old one can be it: what needs a restart stays as it was."""
    rules = {key: getattr(new.supervisor, key) for key in AT_ONCE}
    return replace(new, supervisor=replace(old.supervisor, **rules), router=old.router)


def restarts(old: ComponentSpec, new: ComponentSpec) -> bool:
    """Whether a component that becomes another one needs another session."""
    return _fate(old, new) == "restarted"


def _fate(old: ComponentSpec, new: ComponentSpec) -> str:
    changed = {key for key in _RULED if getattr(old, key) != getattr(new, key)}
    changed |= {key for key in _FREE if not _same(getattr(old, key), getattr(new, key))}
    restarting = changed & RESTARTING
    if "transports" in restarting and _ways(old.transports) == _ways(new.transports):
        restarting.remove("transports")
    if restarting:
        return "restarted"
    return "updated" if changed else "unchanged"


def _ways(transports: tuple[TransportSpec, ...] | None) -> tuple[TransportSpec, ...]:
    """The transports without their retry policies."""
    return tuple(replace(transport, retry=RetryPolicy()) for transport in transports or ())


def _same(old: Any, new: Any) -> bool:
    """Whether two values are the same in a file, where `1`, `1.0` and `true` are three, and `nan` is itself."""
    if type(old) is not type(new):
        return False
    if isinstance(old, Mapping):
        return old.keys() == new.keys() and all(_same(value, new[key]) for key, value in old.items())
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, float) and math.isnan(old):
        return math.isnan(new)
    return bool(old == new)


def _group_changes(old: FleetSpec, new: FleetSpec) -> tuple[str, ...]:
    """Groups that came, went, or have other rules, or another order of the members that stay in them."""
    were, are = ({group.name: group for group in fleet.groups} for fleet in (old, new))
    staying = {(one.name, one.group) for one in old.components} & {(one.name, one.group) for one in new.components}
    order_was, order_is = (_orders(fleet, staying) for fleet in (old, new))
    return tuple(
        name
        for name in dict.fromkeys([*are, *were])
        if were.get(name) != are.get(name) or order_was.get(name) != order_is.get(name)
    )


def _orders(fleet: FleetSpec, staying: Collection[tuple[str, str | None]]) -> dict[str | None, list[str]]:
    """The names of the members that stay, in their order, by group."""
    orders: dict[str | None, list[str]] = {}
    for one in fleet.components:
        if (one.name, one.group) in staying:
            orders.setdefault(one.group, []).append(one.name)
    return orders


def _supervisor_changes(old: SupervisorSpec, new: SupervisorSpec) -> list[str]:
    return [field.name for field in fields(new) if getattr(old, field.name) != getattr(new, field.name)]


def _router_changes(old: RouterSpec | None, new: RouterSpec | None) -> tuple[str, ...]:
    if old is None or new is None:
        return () if old is new else ("router",)
    return tuple(
        f"router.{field.name}" for field in fields(new) if getattr(old, field.name) != getattr(new, field.name)
    )
