"""Components that a program hands over as objects: one or several, with names or without."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path

from autobahn.twisted.component import Component

from wampsup.config.names import name_problem
from wampsup.wamp.adopt import adopt

Components = Component | Iterable[Component] | Mapping[str, Component]
"""What `wampsup.run` and `wampsup.Fleet` take; in a mapping each has its name."""


def named(components: Components) -> dict[str, Component]:
    """The components by name, in their order; those without one are called after their code.

    Raises:
        ValueError: one of them is no Component, is there twice, or has a name that can't be one.
    """
    if isinstance(components, Mapping):
        given = dict(components)
        for name in given:
            _check_name(name)
    else:
        given = _after_their_code([components] if isinstance(components, Component) else components)
    seen: dict[int, str] = {}
    for name, component in given.items():
        owner = seen.setdefault(id(component), name)
        if owner != name:
            raise ValueError(f"`{owner}` and `{name}` are the same Component: make one for each")
        _check_component(component)
    return given


def _after_their_code(components: object) -> dict[str, Component]:
    if not isinstance(components, Iterable):
        raise _no_component(components)
    given: dict[str, Component] = {}
    for number, component in enumerate(components, 1):
        _check_component(component)
        name = base = _called(component) or f"component-{number}"
        count = 1
        while name in given:
            count += 1
            name = f"{base}-{count}"
        given[name] = component
    return given


def _called(component: Component) -> str | None:
    """The name of its `main`; of the module of a `main` called so; or of its session's class."""
    own = adopt(component)
    code = own.main or own.session_factory
    name = getattr(code, "__name__", "")
    if own.main is not None and name == "main":
        name = _module(code)
    elif own.main is None and own.session_factory is Component.session_factory:
        return None
    return None if name_problem(name) else name


def _module(code: object) -> str:
    module = inspect.getmodule(code)
    if module is None:
        return ""
    if module.__name__ == "__main__":
        return Path(getattr(module, "__file__", None) or "").stem
    return module.__name__.rpartition(".")[2]


def _check_name(name: object) -> None:
    problem = name_problem(name) if isinstance(name, str) else "a string"
    if problem:
        raise ValueError(f"`{name}` can't be a component's name, which must be {problem}")


def _check_component(component: object) -> None:
    if not isinstance(component, Component):
        raise _no_component(component)


def _no_component(value: object) -> ValueError:
    return ValueError(f"{value!r:.80} is no Component of autobahn.twisted.component")
