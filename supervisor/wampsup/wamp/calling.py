"""Calls code of the user's before anything starts: whatever it raises becomes one error that can be told."""

from __future__ import annotations

import contextlib
import importlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_NOT_THEIRS = frozenset({__file__, importlib.__file__})
"""Files that raise on behalf of code which is not Python."""


class ReactorRunError(BaseException):
    """Somebody runs the reactor too early; no `except Exception` of a module is to take that for its own."""


class CodeRaisedError(Exception):
    """Code of the user's has raised `error`: `said` is that in one line, `detail` its traceback for the log."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.said = _attempted(_said, error) or f"{type(error).__name__}: <exception str() failed>"
        self.detail = _attempted(_traceback, error)
        super().__init__(self.said)

    @property
    def where(self) -> str | None:
        """The file and the line that raised, where the error does not say so itself."""
        return _attempted(_where, self.error)


def call(code: Callable[..., T], *args: Any) -> T:
    """What `code` returns; running the reactor raises meanwhile.

    Raises:
        CodeRaisedError: it raised anything but KeyboardInterrupt, which is that of the person at the keyboard.
    """
    try:
        with reactor_at_rest():
            return code(*args)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CodeRaisedError(error) from error


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


def _attempted(tell: Callable[[BaseException], str | None], error: BaseException) -> str | None:
    """What `tell` says of an error that may not even be able to say what it is."""
    try:
        return tell(error)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - see above
        return None


def _said(error: BaseException) -> str:
    lines = (line.strip() for line in str(error).splitlines())
    return f"{type(error).__name__}: {' '.join(filter(None, lines))}".removesuffix(": ")


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _where(error: BaseException) -> str | None:
    last = traceback.extract_tb(error.__traceback__)[-1]
    if isinstance(error, SyntaxError) or last.filename.startswith("<") or last.filename in _NOT_THEIRS:
        return None
    return f"{Path(last.filename).name}, line {last.lineno}"
