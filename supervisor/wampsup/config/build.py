"""From a checked document to the spec of the fleet.

A component takes what it does not say from `[defaults]`: `restart` key by key, everything else as a whole (a
component with `extra` or `transports` of its own gets nothing of the default ones). Relative paths are relative to
the file's folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.config.rules import table_in
from wampsup.config.schema import ComponentTable, FleetTable
from wampsup.config.transports import build_transports, place_url
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    FleetSpec,
    RestartPolicy,
    RouterSpec,
    SupervisorSpec,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wampsup.config.schema import RestartTable, RouterTable, SupervisorTable


def build(document: Mapping[str, Any], path: Path) -> FleetSpec:
    """The spec of a document without mistakes, which stands in the file at `path`."""
    folder = path.parent
    fleet = FleetTable.model_validate(document)
    defaults = table_in(document, "defaults")
    components = table_in(document, "components")
    return FleetSpec(
        supervisor=_supervisor(fleet.supervisor, path),
        router=None if fleet.router is None else _router(fleet.router, folder),
        components=tuple(_component(name, merge(table, defaults), folder) for name, table in components.items()),
    )


def merge(table: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A component's table with what it takes from the defaults."""
    merged = {**defaults, **table}
    if "restart" in merged:
        merged["restart"] = {**table_in(defaults, "restart"), **table_in(table, "restart")}
    return merged


def _supervisor(table: SupervisorTable, path: Path) -> SupervisorSpec:
    folder = path.parent
    return SupervisorSpec(
        name=table.name or path.stem,
        socket=folder / table.socket if table.socket else None,
        socket_mode=int(table.socket_mode, 8),
        log_level=table.log_level,
        log_format=table.log_format,
        python_path=(folder, *(folder / entry for entry in table.python_path)),
        exit_when=table.exit_when,
        stop_timeout=table.stop_timeout,
        start_window=table.start_window,
    )


def _router(table: RouterTable, folder: Path) -> RouterSpec:
    listen = [table.listen] if isinstance(table.listen, str) else table.listen
    return RouterSpec(listen=tuple(place_url(url, folder) for url in listen), realms=tuple(table.realms))


def _component(name: str, merged: Mapping[str, Any], folder: Path) -> ComponentSpec:
    table = ComponentTable.model_validate(merged)
    authentication = table.authentication
    return ComponentSpec(
        name=name,
        main=table.main,
        session_factory=table.session_factory,
        component=table.component,
        realm=table.realm,
        transports=None if table.transports is None else build_transports(table.transports, folder),
        extra=table.extra,
        authentication=None if authentication is None else authentication.model_dump(exclude_unset=True),
        is_fatal=tuple(table.is_fatal) if isinstance(table.is_fatal, list) else table.is_fatal,
        is_fatal_default=table.is_fatal_default,
        autostart=table.autostart,
        critical=table.critical,
        start_timeout=table.start_timeout,
        stop_timeout=table.stop_timeout,
        on_user_error=table.on_user_error,
        restart=_restart(table.restart),
    )


def _restart(table: RestartTable) -> RestartPolicy:
    return RestartPolicy(
        policy=table.policy,
        backoff=Backoff(
            initial_delay=table.initial_delay, max_delay=table.max_delay, growth=table.growth, jitter=table.jitter
        ),
        reset_after=table.reset_after,
        max_restarts=table.max_restarts,
        window=table.window,
    )
