"""What the keys of a fleet file ask of each other: checks that no key can answer for itself.

They run on the raw document next to the schema, so that both kinds of mistakes come in one pass. Hence a value may be
of any type here; one that the schema refuses is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.config.authentication_rules import authentication_mistakes
from wampsup.config.names import name_problem
from wampsup.config.order import order_mistakes
from wampsup.config.reference_rules import reference_mistakes
from wampsup.config.schema import RestartTable, keys_at, lacks
from wampsup.config.tables import table_in
from wampsup.config.transport_rules import transport_mistakes
from wampsup.config.words import subject
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path

_KINDS = ("main", "session_factory", "component")
_EXAMPLE = '`[components.clock]` with `main = "clock:main"`'


def rule_mistakes(document: Mapping[str, Any], *, complete: bool = True) -> Iterator[Mistake]:
    """All that is wrong between keys; where the document is not `complete`, nobody is missed."""
    if complete and document.get("components", {}) == {} and set(document) <= set(keys_at(())):
        hint = f"add a table such as {_EXAMPLE}"
        yield Mistake(path=("components",), message="the fleet has no components", hint=hint, at_key=True)
    yield from _group_mistakes(table_in(document, "supervisor"))
    defaults = table_in(document, "defaults")
    yield from _restart_mistakes(("defaults",), defaults, {})
    yield from transport_mistakes(("defaults", "transports"), defaults.get("transports"))
    yield from authentication_mistakes(("defaults", "authentication"), table_in(defaults, "authentication"))
    if complete:
        yield from reference_mistakes(document)
    for name in table_in(document, "groups"):
        yield from _name_mistakes(("groups", name), name)
    for name, table in table_in(document, "components").items():
        yield from _name_mistakes(("components", name), name)
        if isinstance(table, dict):
            yield from _component_mistakes(("components", name), table, defaults)


def _group_mistakes(supervisor: Mapping[str, Any]) -> Iterator[Mistake]:
    """What keeps the members of `socket_group` from the control socket."""
    if "socket_group" not in supervisor:
        return
    if "socket" not in supervisor:
        message = "`socket_group` needs a `socket`: the usual place of control sockets is open to their owner alone"
        hint = 'such as `socket = "/run/edge/edge.sock"`, in a folder that the group can enter'
        yield Mistake(path=("supervisor", "socket_group"), message=message, hint=hint, at_key=True)
    mode = supervisor.get("socket_mode")
    if isinstance(mode, str) and mode[-2:-1] in set("01234"):
        message = f"`socket_mode` `{mode}` keeps out the group that `socket_group` lets in"
        yield Mistake(path=("supervisor", "socket_mode"), message=message, hint='such as `"0660"`')


def _name_mistakes(path: Path, name: str) -> Iterator[Mistake]:
    problem = name_problem(name)
    if problem:
        yield Mistake(path=path, message=f"the name of {subject(path)} must be {problem}", at_key=True)


def _component_mistakes(path: Path, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Mistake]:
    yield from _kind_mistakes(path, table)
    yield from _instance_mistakes(path, {**defaults, **table})
    yield from _restart_mistakes(path, table, table_in(defaults, "restart"))
    yield from _health_mistakes(path, table, table_in(defaults, "health"))
    yield from transport_mistakes((*path, "transports"), table.get("transports"))
    yield from authentication_mistakes((*path, "authentication"), table_in(table, "authentication"))


def _kind_mistakes(path: Path, table: Mapping[str, Any]) -> Iterator[Mistake]:
    kinds = [kind for kind in table if kind in _KINDS]
    if lacks(table, path, *_KINDS):
        hint = "give it one of `main`, `session_factory`, `component`"
        yield Mistake(path=path, message=f"{subject(path)} says nothing to run", hint=hint, at_key=True)
    if "component" in kinds and len(kinds) > 1:
        first, second, *_ = kinds
        message = f"{subject(path)} has both `{first}` and `{second}`"
        yield Mistake(path=(*path, second), message=message, hint="keep one of them", at_key=True)


def _instance_mistakes(path: Path, merged: Mapping[str, Any]) -> Iterator[Mistake]:
    if "instances" in merged and "instance" in table_in(merged, "extra"):
        place = (*path, "extra", "instance")
        message = f"{subject(place)} is set by its `instances`"
        yield Mistake(path=place, message=message, hint="choose another key", at_key=True)


def _health_mistakes(path: Path, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Mistake]:
    own, path = table.get("health"), (*path, "health")
    if isinstance(own, dict) and "procedure" not in defaults and lacks(own, path, "procedure"):
        hint = 'such as `procedure = "com.example.health"`'
        yield Mistake(path=path, message=f"{subject(path)} needs a `procedure`", hint=hint, at_key=True)


def _restart_mistakes(path: Path, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Mistake]:
    own = table_in(table, "restart")
    yield from order_mistakes((*path, "restart"), own, defaults, RestartTable, ("initial_delay", "max_delay"))
