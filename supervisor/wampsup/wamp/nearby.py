"""Why a module may lack a name that somebody has written: it is misspelt, or the module is another one."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

from wampsup.config.words import nearest
from wampsup.wamp.calling import CodeRaisedError, call

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIKE = 0.65
"""Names are short: at less, many a name would seem to be meant."""


def name_hint(module_name: str, module: Any, reached: tuple[Sequence[str], Any], path: str) -> str | None:
    """A hint for a module that has no `path`; `reached` is the part of it that is there, with the object at its end."""
    hiding = _hidden(module_name)
    if hiding is not None:
        return hiding
    done, value = reached
    wanted, *rest = path.split(".")[len(done) :]
    near = nearest(wanted, _names(value), _ALIKE)
    if near is not None:
        return f"did you mean `{module_name}:{'.'.join((*done, near, *rest))}`?"
    file = _file(module)
    own = module_name.partition(".")[0] in sys.stdlib_module_names
    return f"`{module_name}` is a module of Python's own, `{file}`" if own and file else None


def _hidden(module_name: str) -> str | None:
    """The hint where a module of that name was imported before from elsewhere, and hides the one on the path."""
    name = module_name.partition(".")[0]
    used = _file(sys.modules.get(name))
    found = _found(name)
    if used is None or found is None or os.path.realpath(used) == os.path.realpath(found):
        return None
    return f"`{name}` was imported from `{used}`, which hides `{found}`: give that another name"


def _found(name: str) -> str | None:
    try:
        spec = call(PathFinder.find_spec, name)
    except CodeRaisedError:  # a finder of somebody's own
        return None
    return spec.origin if spec is not None and spec.has_location else None


def _file(module: Any) -> str | None:
    file = vars(module).get("__file__") if type(module) is ModuleType else None
    return file if isinstance(file, str) else None


def _names(value: Any) -> list[str]:
    """The names in a module or an object that somebody may have meant."""
    try:
        names = [name for name in call(dir, value) if isinstance(name, str) and not name.startswith("__")]
    except CodeRaisedError:
        return []
    own = vars(value) if type(value) is ModuleType else {}
    return [name for name in names if not issubclass(type(own.get(name)), ModuleType)]
