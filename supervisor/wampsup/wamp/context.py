"""Whose code runs now: each attempt, and all user code in it, runs in a context that names its component."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

component_name: contextvars.ContextVar[str | None] = contextvars.ContextVar("component_name", default=None)


def of_component(name: str) -> contextvars.Context:
    """A fresh context in which `component_name` is `name`."""
    context = contextvars.copy_context()
    context.run(component_name.set, name)
    return context


def within(context: contextvars.Context, function: Callable[P, R]) -> Callable[P, R]:
    """`function`, but in `context`: in a copy, since a context can't be entered while it is entered already."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(function, *args, **kwargs)

    return run
