"""From the reference in `component` to an Autobahn Component as its user wrote it."""

from __future__ import annotations

import inspect
from types import CoroutineType
from typing import Any

from autobahn.twisted.component import Component
from twisted.internet.defer import Deferred

from wampsup.wamp.calling import CodeRaisedError, call
from wampsup.wamp.imports import ImportMistakeError, load_object, raised_by
from wampsup.wamp.signatures import can_take

_LONGEST = 60


def load_component(reference: str) -> Component:
    """The Component that `reference` names, or the one that the callable there returns.

    Raises:
        ImportMistakeError: there is none.
    """
    value = load_object(reference)
    try:
        return call(_component, reference, value)
    except CodeRaisedError as raised:
        if isinstance(raised.error, ImportMistakeError):
            raise raised.error from None
        raise raised_by(reference, raised) from raised


def _component(reference: str, value: Any) -> Component:
    if callable(value) and not isinstance(value, Component):
        if not can_take(value):
            raise ImportMistakeError(f"`{reference}` must take no arguments, and return the Component")
        value = value()
        if _is_late(value):
            raise ImportMistakeError(f"`{reference}` is async, and has to return its Component at once")
    if isinstance(value, Component):
        return value
    hint = "it must be a Component of autobahn.twisted.component, or a function that returns one"
    raise ImportMistakeError(f"`{reference}` is no Autobahn Component, but {_shown(value)}", hint=hint)


def _is_late(value: Any) -> bool:
    """Whether a value only says that there will be another one later, which nobody waits for."""
    if isinstance(value, CoroutineType):
        value.close()
    elif isinstance(value, Deferred):
        value.addErrback(lambda _: None)
    return inspect.isawaitable(value) or inspect.isasyncgen(value)


def _shown(value: Any) -> str:
    try:
        return call(repr, value)[:_LONGEST]
    except CodeRaisedError:
        return f"an object of type `{type(value).__qualname__}`"
