"""The fleet file's tables as pydantic models: types, limits, defaults, and a description of every key.

The models check each value for itself. What keys ask of each other is checked by `config.rules`, and `config.build`
turns checked tables into the specs of `wampsup.model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import Field

from wampsup.config.schema.authentication import (
    AnonymousProxyTable,
    AnonymousTable,
    AuthenticationTable,
    CryptosignTable,
    ProxiedTable,
    ScramTable,
    TicketTable,
    WampcraTable,
)
from wampsup.config.schema.component import ComponentTable, DefaultsTable, HealthTable, RestartTable
from wampsup.config.schema.fields import Table
from wampsup.config.schema.supervisor import GroupTable, LogFileTable, RouterTable, SupervisorTable
from wampsup.config.schema.transport import EndpointTable, ProxyTable, TlsTable, TransportTable
from wampsup.config.words import misspelt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path

__all__ = [
    "AuthenticationTable",
    "ComponentTable",
    "DefaultsTable",
    "EndpointTable",
    "FleetTable",
    "GroupTable",
    "HealthTable",
    "LogFileTable",
    "RestartTable",
    "RouterTable",
    "SupervisorTable",
    "Table",
    "TlsTable",
    "TransportTable",
    "keys_at",
    "lacks",
    "types_at",
]


class FleetTable(Table):
    """A whole fleet file."""

    supervisor: SupervisorTable = Field(
        SupervisorTable(), description="The fleet as a whole, and the process that it runs in"
    )
    router: RouterTable | None = Field(None, description="The embedded router, for development and demos")
    defaults: DefaultsTable = Field(DefaultsTable(), description="What a component does not say is taken from here")
    components: dict[str, ComponentTable] = Field(
        {}, description="The components, each a table under its name: `[components.NAME]`"
    )
    groups: dict[str, GroupTable] = Field(
        {}, description="Components that are restarted together, each group a table under its name: `[groups.NAME]`"
    )


_TABLES: dict[str, type[Table]] = {
    "supervisor": SupervisorTable,
    "log_file": LogFileTable,
    "router": RouterTable,
    "defaults": DefaultsTable,
    "authentication": AuthenticationTable,
    "restart": RestartTable,
    "health": HealthTable,
    "transports": TransportTable,
    "endpoint": EndpointTable,
    "tls": TlsTable,
    "proxy": ProxyTable,
    "anonymous": AnonymousTable,
    "anonymous-proxy": AnonymousProxyTable,
    "ticket": TicketTable,
    "wampcra": WampcraTable,
    "cryptosign": CryptosignTable,
    "scram": ScramTable,
    "authextra": ProxiedTable,  # that of `anonymous-proxy`: the others take any key
}


def keys_at(path: Path) -> list[str]:
    """The keys that the table at `path` may have."""
    return [field.alias or key for key, field in _table_at(path).model_fields.items()]


def types_at(path: Path) -> frozenset[type]:
    """The types that a plain value at `path` may have, or most likely has; none where the schema does not say."""
    *table, key = path
    if table[-1:] == ["options"]:  # most of Autobahn's options are numbers or switches
        return frozenset({int, float, bool})
    try:
        field = _table_at(tuple(table)).model_fields[str(key)]
    except KeyError:
        return frozenset()
    return frozenset(_plain_types(field.annotation))


def _table_at(path: Path) -> type[Table]:
    match [key for key in path if isinstance(key, str)]:
        case []:
            return FleetTable
        case ["components", _]:
            return ComponentTable
        case ["groups", _]:
            return GroupTable
        case [*_, name]:
            return _TABLES[name]
    raise AssertionError(path)  # mypy does not see that all has been matched


def _plain_types(annotation: Any) -> Iterator[type]:
    if annotation in (str, int, float, bool):
        yield annotation
    for inner in get_args(annotation):
        yield from [type(inner)] if get_origin(annotation) is Literal else _plain_types(inner)


def lacks(table: Mapping[str, Any], path: Path, *keys: str) -> bool:
    """Whether the table at `path` has none of the keys, nor one that was likely meant to be one of them."""
    return misspelt(table, keys_at(path)).isdisjoint(keys) and not any(key in table for key in keys)
