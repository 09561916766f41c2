"""From `is_fatal` to predicates: functions, exceptions by name, WAMP error URIs with patterns, and the built-in table.

A name that leads nowhere must not pass for a URI, which no error would ever have.
"""

from __future__ import annotations

import builtins
import inspect
import sys
from typing import TYPE_CHECKING, Any

from wampsup.config.words import did_you_mean
from wampsup.model.spec import Mistake
from wampsup.wamp.calling import CodeRaisedError, call
from wampsup.wamp.imports import ImportMistakeError, NoSuchModuleError, NoSuchNameError, load_callable, load_object
from wampsup.wamp.signatures import can_take
from wampsup.wamp.verdict import Predicate, by_class, by_table, by_uri

if TYPE_CHECKING:
    from wampsup.model.spec import ComponentSpec

_BUILTINS = {
    name: value
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}


class _NoPredicateError(Exception):
    def __init__(self, problem: str, hint: str | None = None) -> None:
        super().__init__(problem)
        self.hint = hint


def predicates_of(spec: ComponentSpec, own: Predicate | None) -> tuple[list[Predicate], list[Mistake]]:
    """The predicates of a component in the order in which they are asked, and what is wrong with them.

    `own` is that of an adopted Component, which counts where the file has none.
    """
    found: list[Predicate] = []
    mistakes: list[Mistake] = []

    def take(item: str | Predicate, *key: str | int) -> None:
        path = ("components", spec.name, *key)
        try:
            found.append(_predicate(item) if isinstance(item, str) else _function(item))
        except ImportMistakeError as error:
            message = f"`is_fatal` of component `{spec.name}`: {error}"
            mistakes.append(Mistake(path=path, message=message, hint=error.hint, detail=error.detail))
        except _NoPredicateError as error:
            what = f"`{item}` in `is_fatal`" if isinstance(item, str) else "`is_fatal` of the Component"
            message = f"{what} of component `{spec.name}` {error}"
            mistakes.append(Mistake(path=path, message=message, hint=error.hint))

    if isinstance(spec.is_fatal, str):
        take(spec.is_fatal, "is_fatal")
    elif spec.is_fatal is not None:
        for index, item in enumerate(spec.is_fatal):
            take(item, "is_fatal", index)
    elif own is not None:
        take(own, "component")
    return found + ([by_table] if spec.is_fatal_default else []), mistakes


def rules_of(spec: ComponentSpec, own: Predicate | None) -> list[str]:
    """The words for the predicates of a component, in their order."""
    if spec.is_fatal is not None:
        items = (spec.is_fatal,) if isinstance(spec.is_fatal, str) else spec.is_fatal
        rules = [f"`{item}` in its `is_fatal`" for item in items]
    else:
        rules = [] if own is None else ["`is_fatal` of its Component"]
    return [*rules, "the built-in table of fatal errors"] if spec.is_fatal_default else rules


def _predicate(item: str) -> Predicate:
    if ":" in item:
        value = load_callable(item)
        return by_class(value) if _is_exception(value) else _function(value)
    value = _named(item)
    if value is None:
        return by_uri(item)
    if not _is_exception(value):
        raise _NoPredicateError("is no exception")
    return by_class(value)


def _named(item: str) -> Any:
    """What an item without a colon names; `None` where it is a URI."""
    *modules, name = item.split(".")
    if not all(part.isidentifier() for part in (*modules, name)):
        return None
    if not modules:
        return _builtin(name)
    for cut in range(len(modules), 0, -1):
        try:
            return load_object(f"{'.'.join(modules[:cut])}:{'.'.join([*modules[cut:], name])}")
        except NoSuchModuleError:  # but maybe a class within a module
            continue
        except NoSuchNameError as error:
            if cut == len(modules) or (name[:1].isupper() and _is_code(modules[0])):
                raise NoSuchNameError(str(error), hint=error.hint and error.hint.replace(":", ".")) from None
            return None
    if name in _BUILTINS:
        raise _NoPredicateError("leads nowhere", f"did you mean `builtins.{name}`?")
    return None


def _builtin(name: str) -> Any:
    if name[:1].isupper() and name not in _BUILTINS:
        hint = did_you_mean(name, _BUILTINS) or "name its module as well, as in `package.module.Error`"
        raise _NoPredicateError("is no builtin exception", hint)
    return _BUILTINS.get(name)


def _is_code(module: str) -> bool:
    """Whether a name that begins so is likely to be one of Python: `io` is a module as well as the begin of URIs."""
    return module not in sys.stdlib_module_names or hasattr(sys.modules[module], "__path__")


def _is_exception(value: Any) -> bool:
    return issubclass(type(value), type) and issubclass(value, BaseException)


def _function(value: Any) -> Predicate:
    try:
        problem = call(_problem, value)
    except CodeRaisedError:  # an object that hides what it is: nobody knows
        problem = None
    if problem is not None:
        raise _NoPredicateError(problem)
    predicate: Predicate = value
    return predicate


def _problem(value: Any) -> str | None:
    """Why it can't answer whether an exception is fatal."""
    if isinstance(value, type):
        return "is a class, and no exception"
    called = value if inspect.isroutine(value) else type(value).__call__
    if inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called) or inspect.iscoroutinefunction(value):
        return "is async, and has to answer at once"
    if inspect.isgeneratorfunction(called):
        return "is a generator, and has to answer at once"
    return None if can_take(value, ValueError()) else "must take the exception, and nothing else"
