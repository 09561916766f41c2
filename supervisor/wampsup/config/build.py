"""From a checked document to the spec of the fleet.

A component takes what it does not say from `[defaults]`: `restart` and `health` key by key, everything else as a whole
(a component with `extra` or `transports` of its own gets nothing of the default ones). With `instances` it becomes as
many components, which differ in `extra.instance` alone. Relative paths are relative to the folder of the file that they
stand in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wampsup.config.addresses import group_id, parse_address
from wampsup.config.references import References
from wampsup.config.schema import ComponentTable, FleetTable, Table
from wampsup.config.tables import merge, table_in
from wampsup.config.transports import build_transports, place_url
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    FleetSpec,
    GroupSpec,
    HealthPolicy,
    LogFileSpec,
    RestartPolicy,
    RouterSpec,
    SupervisorSpec,
)

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wampsup.config.positions import Path
    from wampsup.config.schema import (
        DefaultsTable,
        GroupTable,
        HealthTable,
        LogFileTable,
        RestartTable,
        RouterTable,
        SupervisorTable,
    )
    from wampsup.model.spec import TransportSpec

    FolderOf = Callable[[Path], pathlib.Path]


def build(document: Mapping[str, Any], path: pathlib.Path, folder_of: FolderOf) -> FleetSpec:
    """The spec of a document without mistakes, which stands in the file at `path` and in those that it includes.

    `folder_of` tells the folder of the file in which a path of keys stands.
    """
    fleet = FleetTable.model_validate(document)
    return FleetSpec(
        supervisor=_supervisor(fleet.supervisor, path, folder_of),
        router=None if fleet.router is None else _router(fleet.router, folder_of(("router", "listen"))),
        components=tuple(_components(fleet.defaults, document, folder_of)),
        groups=tuple(_group(name, table) for name, table in fleet.groups.items()),
    )


def _supervisor(table: SupervisorTable, path: pathlib.Path, folder_of: FolderOf) -> SupervisorSpec:
    folder = folder_of(("supervisor", "python_path"))
    return SupervisorSpec(
        name=table.name or path.stem,
        socket=folder_of(("supervisor", "socket")) / table.socket if table.socket else None,
        socket_mode=int(table.socket_mode or ("0600" if table.socket_group is None else "0660"), 8),
        socket_group=None if table.socket_group is None else group_id(table.socket_group),
        http=None if table.http is None else parse_address(table.http),
        http_hosts=tuple(table.http_hosts),
        log_level=table.log_level,
        log_format=table.log_format,
        log_file=_log_file(table.log_file, folder_of(("supervisor", "log_file"))),
        log_lines=table.log_lines,
        reactor=table.reactor,
        python_path=(path.parent, *(folder / entry for entry in table.python_path)),
        exit_when=table.exit_when,
        stop_timeout=table.stop_timeout,
        start_window=table.start_window,
        stall_after=table.stall_after,
        fatal_stall=table.fatal_stall,
    )


def _log_file(table: LogFileTable | str | None, folder: pathlib.Path) -> LogFileSpec | None:
    match table:
        case None:
            return None
        case str():
            return LogFileSpec(path=folder / table)
    return LogFileSpec(path=folder / table.path, max_bytes=table.max_bytes, backups=table.backups)


def _router(table: RouterTable, folder: pathlib.Path) -> RouterSpec:
    listen = [table.listen] if isinstance(table.listen, str) else table.listen
    return RouterSpec(listen=tuple(place_url(url, folder) for url in listen), realms=tuple(table.realms))


def _components(common: DefaultsTable, document: Mapping[str, Any], folder_of: FolderOf) -> Iterator[ComponentSpec]:
    defaults = table_in(document, "defaults")
    default_transports = _transports(common, folder_of(("defaults", "transports")))
    references = References(document)
    merged = {name: merge(table, defaults) for name, table in references.components.items()}
    tables = {name: ComponentTable.model_validate(table) for name, table in merged.items()}
    names = {name: _names(name, table.instances) for name, table in tables.items()}

    def expanded(name: str, key: str) -> tuple[str, ...]:
        return tuple(each for other in references.resolved(name, key) for each in names[other])

    for name, table in tables.items():
        has_own = "transports" in references.components[name]
        transports = _transports(table, folder_of(("components", name))) if has_own else default_transports
        spec = _component(name, table, merged[name], transports)
        spec = replace(spec, after=expanded(name, "after"), requires=expanded(name, "requires"))
        yield from [spec] if table.instances is None else _instances(spec, names[name])


def _names(name: str, instances: int | None) -> list[str]:
    return [name] if instances is None else [f"{name}@{number}" for number in range(1, instances + 1)]


def _instances(spec: ComponentSpec, names: Iterable[str]) -> Iterator[ComponentSpec]:
    for number, name in enumerate(names, 1):
        extra = {**(spec.extra or {}), "instance": number}
        yield replace(spec, name=name, instance_of=spec.name, extra=extra)


def _transports(table: DefaultsTable, folder: pathlib.Path) -> tuple[TransportSpec, ...] | None:
    return None if table.transports is None else build_transports(table.transports, folder)


def _component(
    name: str, table: ComponentTable, said: Mapping[str, Any], transports: tuple[TransportSpec, ...] | None
) -> ComponentSpec:
    return ComponentSpec(
        name=name,
        main=table.main,
        session_factory=table.session_factory,
        component=table.component,
        realm=table.realm,
        transports=transports,
        extra=table.extra,
        authentication=_as_written(table.authentication, said.get("authentication")),
        is_fatal=tuple(table.is_fatal) if isinstance(table.is_fatal, list) else table.is_fatal,
        is_fatal_default=table.is_fatal_default,
        autostart=table.autostart,
        critical=table.critical,
        group=table.group,
        start_timeout=table.start_timeout,
        stop_timeout=table.stop_timeout,
        max_stall=table.max_stall,
        on_user_error=table.on_user_error,
        cleanup=table.cleanup,
        restart=_restart(table.restart),
        health=None if table.health is None else _health(table.health),
    )


def _as_written(value: Any, said: Any) -> Any:
    """A checked table as the dictionary that it was, in its order: Autobahn offers methods in the order of the file.

    `model_dump` would take each `Secret` apart.
    """
    if not isinstance(value, Table):
        return value
    checked = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
    checked |= value.model_extra or {}
    return {key: _as_written(checked[key], inner) for key, inner in said.items()}


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


def _health(table: HealthTable) -> HealthPolicy | None:
    """The policy, unless only `[defaults]` has `health`, to say how often but not what to call."""
    if table.procedure is None:
        return None
    return HealthPolicy(
        procedure=table.procedure, interval=table.interval, timeout=table.timeout, failures=table.failures
    )


def _group(name: str, table: GroupTable) -> GroupSpec:
    return GroupSpec(name=name, strategy=table.strategy, max_restarts=table.max_restarts, window=table.window)
