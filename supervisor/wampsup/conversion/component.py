"""One component of Crossbar.io as a table of a fleet file.

A class is a session factory. A component of type `function` is a session whose callbacks are functions, called with
the session first; `wampsup.wamp.callbacks` has such a session, which finds their names in its `extra`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wampsup.config.schema.fields import is_reference
from wampsup.config.words import shown
from wampsup.conversion.values import literal, note_secrets, refuse_places, remember_all, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from wampsup.config.positions import Path as Place
    from wampsup.conversion.item import Item
    from wampsup.conversion.transport import Transport

CALLBACK_SESSION = "wampsup.wamp.callbacks:CallbackSession"
CALLBACKS = ("connect", "join", "leave", "disconnect")


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What a component runs: what that is called, its session factory, and what its `extra` says of it."""

    name: str
    session_factory: str
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A component taken over from `place`; `aside` are tables that the file shows as comments."""

    name: str
    place: Place
    table: dict[str, Any]
    aside: dict[str, Any] = field(default_factory=dict)


def code_of(item: Item) -> Code:
    """What the component at `item` runs.

    Raises:
        LeftOutError: nothing that could be run here.
    """
    kind = item["type"].text()
    match kind:
        case "class":
            reference = _reference(item["classname"])
            return Code(name=reference.rpartition(":")[2], session_factory=reference)
        case "function":
            callbacks = _callbacks(item["callbacks"])
            first = callbacks.get("join") or next(iter(callbacks.values()))
            module = first.partition(":")[0].rpartition(".")[2]  # the functions are called `on_join` and the like
            return Code(name=module, session_factory=CALLBACK_SESSION, extra={"callbacks": callbacks})
    raise item["type"].left_out(f"a component of type `{kind}` has no counterpart in a fleet file")


def table_for(item: Item, code: Code, transport: Transport, folder: Path) -> dict[str, Any]:
    """The component at `item` as a table.

    Raises:
        LeftOutError: something that it needs is missing or wrong.
    """
    extra = table_of(item["extra"])
    if item["extra"].value is not None and not isinstance(item["extra"].value, dict):
        raise item["extra"].left_out("must be an object")
    if twice := extra.keys() & code.extra.keys():
        raise item["extra"][twice.pop()].left_out("the callbacks of a function have this place in a fleet file")
    refuse_places(item["extra"], extra)
    note_secrets(item["extra"])
    # Crossbar.io adds the node's folder, so that no component ever sees an `extra` that is none.
    extra |= {"cbdir": str(folder)}
    table = {"session_factory": code.session_factory, "realm": item["realm"].text(), "transports": transport}
    return {**literal(table), "extra": {**code.extra, **literal(extra)}}


def authentication_aside(item: Item) -> dict[str, Any]:
    """What a function's `auth` says, for a comment: Crossbar.io demands it of a component, and then joins without."""
    auth = table_of(item["auth"])
    if not auth.keys() - {"anonymous"}:
        return {}
    remember_all(item["auth"])
    item["auth"].note(
        "Crossbar.io does not use it and joins as anonymous; the fleet file has it as a comment, with its secrets"
    )
    return {"authentication": literal(auth)}


def _callbacks(item: Item) -> dict[str, str]:
    item.note_others(CALLBACKS, f"is none of the callbacks of Crossbar.io: {', '.join(CALLBACKS)}")
    callbacks = {name: _reference(item[name]) for name in CALLBACKS if item[name]}
    if not callbacks:
        raise item.left_out("a function needs a callback")
    return callbacks


def _reference(item: Item) -> str:
    module, _, name = item.text().rpartition(".")
    reference = f"{module}:{name}"
    if not is_reference(reference):
        raise item.left_out(f"must be such as `package.module.name`, not {shown(item.value)}")
    return reference
