"""Whether a callable can be called in a certain way, as far as that can be known without calling it.

Only plain code is judged: functions as they are called (a decorated one by its outermost wrapper, whatever it claims
its signature to be), methods, partials, classes and objects made of these. Of all else nobody knows, and it passes.
"""

from __future__ import annotations

import functools
import inspect
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, inlineCallbacks

if TYPE_CHECKING:
    from collections.abc import Generator


@inlineCallbacks
def _inline() -> Generator[Deferred[Any], Any, None]:
    yield Deferred()


_HANDS_ON = frozenset({_inline.__code__})
"""Wrappers that call what they wrap with their own arguments."""

_PLACEHOLDER = id(getattr(functools, "Placeholder", object))
"""What stands in a partial of Python 3.14 for arguments to come."""


def can_take(code: Any, /, *args: Any, **kwargs: Any) -> bool:
    """Whether `code` can be called with such arguments; True as well where nobody knows. It is not called."""
    kind = type(code)
    if kind is FunctionType:
        return _function_takes(code, *args, **kwargs)
    if kind is MethodType:
        return can_take(code.__func__, code.__self__, *args, **kwargs)
    if kind is functools.partial:
        given = (*code.args, *args)
        return _PLACEHOLDER in map(id, given) or can_take(code.func, *given, **{**code.keywords, **kwargs})
    if issubclass(kind, type):
        return _class_takes(code, *args, **kwargs)
    called = inspect.getattr_static(kind, "__call__", None)
    return type(called) is not FunctionType or can_take(called, code, *args, **kwargs)


def _function_takes(function: Any, /, *args: Any, **kwargs: Any) -> bool:
    if function.__code__ in _HANDS_ON and type(getattr(function, "__wrapped__", None)) is FunctionType:
        return _function_takes(function.__wrapped__, *args, **kwargs)
    # A copy has none of the attributes that may speak of another signature.
    plain = FunctionType(function.__code__, {}, None, function.__defaults__, function.__closure__)
    plain.__kwdefaults__ = function.__kwdefaults__
    try:
        inspect.signature(plain).bind(*args, **kwargs)
    except TypeError:
        return False
    except ValueError:  # code that no compiler has made
        return True
    return True


def _class_takes(cls: Any, /, *args: Any, **kwargs: Any) -> bool:
    if inspect.getattr_static(type(cls), "__call__") is not type.__dict__["__call__"]:
        return True
    new = inspect.getattr_static(cls, "__new__")
    if new is not object.__dict__["__new__"]:
        new = new.__func__ if type(new) is staticmethod else new
        return type(new) is not FunctionType or _function_takes(new, cls, *args, **kwargs)
    made = inspect.getattr_static(cls, "__init__")
    if made is object.__dict__["__init__"]:
        return not args and not kwargs
    return type(made) is not FunctionType or _function_takes(made, None, *args, **kwargs)
