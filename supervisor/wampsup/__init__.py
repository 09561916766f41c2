"""A supervisor for WAMP components written with Autobahn|Python.

    wampsup.run(components)         in place of `autobahn.twisted.component.run`
    wampsup.Fleet                   a fleet as a service of Twisted's, or on a reactor that you run
    wampsup.RestartPolicy, Backoff  when a component is started again

What is named here is loaded when it is asked for: the commands that talk to a running fleet don't pay for Twisted.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.library.fleet import Fleet
    from wampsup.library.running import run
    from wampsup.model.spec import Backoff, RestartPolicy

__version__ = "0.1.0"

__all__ = ["Backoff", "Fleet", "RestartPolicy", "__version__", "run"]

_MODULES = {
    "Backoff": "wampsup.model.spec",
    "Fleet": "wampsup.library.fleet",
    "RestartPolicy": "wampsup.model.spec",
    "run": "wampsup.library.running",
}


if not TYPE_CHECKING:  # else every misspelt name would have a type

    def __getattr__(name: str) -> object:
        """Load what is asked for (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
        value = getattr(importlib.import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """All names, loaded or not."""
    return sorted({*globals(), *__all__})
