"""From `package.module:name` to the object."""

from __future__ import annotations

import importlib
from typing import Any

from wampsup.wamp.calling import CodeRaisedError, ReactorRunError, call
from wampsup.wamp.nearby import name_hint
from wampsup.wamp.signatures import can_take


class ImportMistakeError(Exception):
    """A reference leads nowhere: one sentence for the person, the code's own traceback (`detail`) for the log."""

    def __init__(self, message: str, detail: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.hint = hint


class NoSuchModuleError(ImportMistakeError):
    """There is no such module."""


class NoSuchNameError(ImportMistakeError):
    """The module has no such name."""


def load_object(reference: str) -> Any:
    """The object that `reference` names.

    Raises:
        ImportMistakeError: the module does not import, has no such name, or raises where it is looked for.
    """
    module_name, _, path = reference.partition(":")
    try:
        module = value = call(importlib.import_module, module_name)
    except CodeRaisedError as raised:
        raise _not_imported(module_name, raised) from raised
    done: list[str] = []
    for name in path.split("."):
        try:
            value = call(getattr, value, name)
        except CodeRaisedError as raised:
            if isinstance(raised.error, AttributeError):
                hint = name_hint(module_name, module, (done, value), path)
                raise NoSuchNameError(f"module `{module_name}` has no `{path}`", hint=hint) from None
            raise raised_by(reference, raised) from raised
        done.append(name)
    try:
        call(getattr, value, "__class__")  # which whoever asks what it is will look at
    except CodeRaisedError as raised:
        raise raised_by(reference, raised) from raised
    return value


def load_callable(reference: str, *taken: str) -> Any:
    """The callable that `reference` names; `taken` are the words for the arguments that it will be called with.

    Raises:
        ImportMistakeError: as `load_object`, or the object can't be called, or not with these arguments.
    """
    value = load_object(reference)
    if not callable(value):
        raise ImportMistakeError(f"`{reference}` is not callable")
    if taken and not can_take(value, *taken):
        raise ImportMistakeError(f"`{reference}` must take {' and '.join(taken)}")
    return value


def raised_by(reference: str, raised: CodeRaisedError) -> ImportMistakeError:
    """The mistake where the code at `reference` raises."""
    if isinstance(raised.error, ReactorRunError):
        return ImportMistakeError(f"`{reference}` runs the reactor")
    return ImportMistakeError(f"`{reference}` raised {raised.said}", raised.detail)


def _not_imported(module_name: str, raised: CodeRaisedError) -> ImportMistakeError:
    error = raised.error
    if isinstance(error, ReactorRunError):
        return ImportMistakeError(
            f"module `{module_name}` runs the reactor when it is imported: "
            'put `run(...)` under `if __name__ == "__main__":`'
        )
    if type(error) is ModuleNotFoundError and f"{module_name}.".startswith(f"{error.name}."):
        return NoSuchModuleError(f"there is no module `{error.name}`")
    where = f" ({raised.where})" if raised.where else ""
    return ImportMistakeError(f"module `{module_name}` does not import: {raised.said}{where}", raised.detail)
