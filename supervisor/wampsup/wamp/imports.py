"""From `package.module:name` to the object."""

from __future__ import annotations

import importlib
import traceback
from pathlib import Path
from typing import Any


class ImportMistakeError(Exception):
    """A reference leads nowhere: one sentence for the person, the module's own traceback (`detail`) for the log."""

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail


def load_object(reference: str) -> Any:
    """The object that `reference` names.

    Raises:
        ImportMistakeError: the module does not import, or has no such name.
    """
    module_name, _, path = reference.partition(":")
    try:
        value = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise ImportMistakeError(f"there is no module `{error.name}`") from error
        raise _does_not_import(module_name, error) from error
    except (Exception, SystemExit) as error:
        raise _does_not_import(module_name, error) from error
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except AttributeError:
            raise ImportMistakeError(f"module `{module_name}` has no `{path}`") from None
    return value


def load_callable(reference: str) -> Any:
    """The callable that `reference` names.

    Raises:
        ImportMistakeError: as `load_object`, or the object can't be called.
    """
    value = load_object(reference)
    if not callable(value):
        raise ImportMistakeError(f"`{reference}` is not callable")
    return value


def _does_not_import(module_name: str, error: BaseException) -> ImportMistakeError:
    said = f"{type(error).__name__}: {error}".removesuffix(": ")
    where = _where(error)
    message = f"module `{module_name}` does not import: {said}{f' ({where})' if where else ''}"
    return ImportMistakeError(message, traceback.format_exc())


def _where(error: BaseException) -> str | None:
    """The file and the line that raised, where the error does not say so itself."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    if isinstance(error, SyntaxError) or last.filename.startswith("<") or last.filename == importlib.__file__:
        return None
    return f"{Path(last.filename).name}, line {last.lineno}"
