"""Checks what a program says in `wampsup.run` and `wampsup.Fleet` by the rules that the fleet file has for it.

It is laid out as the document of a file would be, and checked as that is; so each limit, and what is said where it is
not kept, exists once. The file's place is left out of the sentence: a program knows a field by its name alone.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from wampsup.config.order import order_mistakes
from wampsup.config.report import schema_mistakes
from wampsup.config.schema import RestartTable
from wampsup.config.words import subject
from wampsup.model.spec import Backoff, RestartPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wampsup.model.spec import Mistake

_TEXTS = frozenset({"exit_when", "log_level", "name", "on_user_error", "policy"})
"""The fields that hold text; all others are numbers."""


def check_settings(**said: object) -> None:
    """Check what is said of the fleet as a whole, under the keys of `[supervisor]`.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: it is one that it can't be.
    """
    _refuse(schema_mistakes({"supervisor": said}), said)


def check_defaults(**said: object) -> None:
    """Check what is said of every component, under the keys of `[defaults]`.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: it is one that it can't be.
    """
    _refuse(schema_mistakes({"defaults": said}), said)


def check_restart(restart: object) -> None:
    """Check a policy for restarts, which its own type does not do.

    Raises:
        TypeError: it is none, or one of its values is of the wrong type.
        ValueError: one of its values can't be.
    """
    if not isinstance(restart, RestartPolicy):
        such = '`RestartPolicy(policy="always")`'
        raise TypeError(f"`restart` must be a RestartPolicy such as {such}, not `{restart!r:.60}`")
    backoff: object = restart.backoff
    if not isinstance(backoff, Backoff):
        raise TypeError(f"`backoff` must be a Backoff, not `{backoff!r:.60}`")
    table = _values(restart) | _values(backoff)
    del table["backoff"]
    _refuse(schema_mistakes({"defaults": {"restart": table}}), table)
    path = ("defaults", "restart")
    _refuse(order_mistakes(path, table, {}, RestartTable, ("initial_delay", "max_delay")), table)


def check_on_end(on_end: object) -> None:
    """Check that `on_end` can be called.

    Raises:
        TypeError: it can't.
    """
    if on_end is not None and not callable(on_end):
        raise TypeError(f"`on_end` must be a function that takes an exit code, not `{on_end!r:.60}`")


def _values(policy: Any) -> dict[str, object]:
    return {field.name: getattr(policy, field.name) for field in fields(policy)}


def _refuse(mistakes: Iterable[Mistake], said: Mapping[str, object]) -> None:
    """Raise the first mistake, if there is one."""
    for mistake in mistakes:
        field = str(mistake.path[-1])
        sentence = f"`{field}`{mistake.message.removeprefix(subject(mistake.path))}"
        is_of_its_type = isinstance(said[field], str if field in _TEXTS else int | float)
        raise ValueError(sentence) if is_of_its_type else TypeError(sentence)
