"""From `package.module:name` to the object."""

from __future__ import annotations

import contextlib
import importlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ImportMistakeError(Exception):
    """A reference leads nowhere: one sentence for the person, the module's own traceback (`detail`) for the log."""

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail


class NoSuchModuleError(ImportMistakeError):
    """There is no such module."""


class NoSuchNameError(ImportMistakeError):
    """The module has no such name."""


class ReactorRunError(BaseException):
    """Somebody runs the reactor too early; no `except Exception` of a module is to take that for its own."""


@contextlib.contextmanager
def reactor_at_rest() -> Iterator[None]:
    """Until the end of this context, running the reactor raises: it would not come back."""
    from twisted.internet import reactor  # noqa: PLC0415 - it takes hold of the process where it is imported

    shared: Any = reactor
    usual, shared.run = shared.run, _refuse
    try:
        yield
    finally:
        shared.run = usual


def may_run(reactor: Any) -> bool:
    """Whether the reactor may be run now: it does not run already, and is not at rest."""
    return not reactor.running and reactor.run is not _refuse


def _refuse(*_args: object, **_kwargs: object) -> None:
    raise ReactorRunError


def load_object(reference: str) -> Any:
    """The object that `reference` names.

    Raises:
        ImportMistakeError: the module does not import, or has no such name.
    """
    module_name, _, path = reference.partition(":")
    try:
        with reactor_at_rest():
            value = importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except ReactorRunError as error:
        raise ImportMistakeError(
            f"module `{module_name}` runs the reactor when it is imported: "
            'put `run(...)` under `if __name__ == "__main__":`'
        ) from error
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise NoSuchModuleError(f"there is no module `{error.name}`") from error
        raise _does_not_import(module_name, error) from error
    except BaseException as error:
        raise _does_not_import(module_name, error) from error
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except AttributeError:
            raise NoSuchNameError(f"module `{module_name}` has no `{path}`") from None
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
