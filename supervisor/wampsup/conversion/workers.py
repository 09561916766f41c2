"""What the components of a worker have of it: where they import from, when they are restarted, when they end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wampsup.conversion.transport import absolute

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from wampsup.conversion.item import Item

_RESTART: dict[str, dict[str, Any]] = {
    "restart-always": {"policy": "always", "max_restarts": -1},
    "restart-on-failed": {"max_restarts": -1},
    "restart-failed": {"max_restarts": -1},
    "restart-never": {"policy": "never"},
}
_OWN_PROCESS = "has no counterpart: all components of a fleet share one process"
_NOT_HERE = {
    "title": _OWN_PROCESS,
    "python": _OWN_PROCESS,
    "cpu_affinity": _OWN_PROCESS,
    "reactor": _OWN_PROCESS,
    "extra": "has no counterpart in a fleet file",
    "expose_controller": "there is no controller outside of Crossbar.io: `config.controller` is missing",
    "expose_shared": "there is nothing that components share: `config.shared` is missing",
}
_OF_ROUTERS = frozenset({"title", "python", "cpu_affinity", "reactor", "extra"})
"""Options that stay with the router, as the router stays."""

LAST_STOPPED = "shutdown-on-last-component-stopped"
_CRITICAL = {
    "shutdown-on-any-component-failed": "ends the fleet when one fails, and not only this container",
    "shutdown-on-any-component-stopped": "ends the fleet when one fails, but not when one has done its work",
}


@dataclass(kw_only=True, slots=True)
class Worker:
    """What the options of a worker mean for its components (`keys`) and for the fleet that they become a part of."""

    python_path: list[str] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    ends_with_last: bool = False


def container(item: Item, folder: Path) -> Worker:
    """The options of a container worker."""
    item.note_others({"id", "type", "options", "components"})
    options = item["options"]
    options.note_others({*_NOT_HERE, "pythonpath", "env", "shutdown", "restart", "disabled"})
    worker = Worker(python_path=_python_path(options, folder), ends_with_last=options["shutdown"].value == LAST_STOPPED)
    _note_process(options, _NOT_HERE.keys())
    _disabled(options["disabled"], worker)
    _shutdown(options["shutdown"], worker)
    restart = options["restart"]
    if isinstance(restart.value, str) and restart.value in _RESTART:
        worker.keys["restart"] = dict(_RESTART[restart.value])
    elif restart.value is not None:
        restart.note("is no restart mode of Crossbar.io")
    return worker


def router(item: Item, folder: Path) -> Worker:
    """The options of a router worker that has components."""
    worker = Worker(python_path=_python_path(item["options"], folder))
    _note_process(item["options"], _NOT_HERE.keys() - _OF_ROUTERS)
    _disabled(item["options"]["disabled"], worker)
    return worker


def _python_path(options: Item, folder: Path) -> list[str]:
    paths = []
    for each in options["pythonpath"]:
        if isinstance(each.value, str) and each.value:
            paths.append(absolute(folder, each.value))
        else:
            each.note("is no path")
    return paths


def _note_process(options: Item, names: Collection[str]) -> None:
    for name, why in _NOT_HERE.items():
        if name in names and options[name]:
            options[name].note(why)
    variables = ", ".join(f"`{name}`" for name in options["env"]["vars"].keys())  # noqa: SIM118 - it is no dict
    if variables:
        options["env"]["vars"].note(f"a fleet sets no environment variables: start it with {variables}")
    if options["env"]["inherit"].value not in (None, True):
        options["env"]["inherit"].note("a fleet has all of the environment that it is started with")
    options["env"].note_others({"vars", "inherit"})


def _disabled(item: Item, worker: Worker) -> None:
    if item.value is True:
        item.note("its components wait for `wampsup start NAME`")
        worker.keys["autostart"] = False
    elif item:
        item.note("depends on the environment of the node; its components start with the fleet")


def _shutdown(item: Item, worker: Worker) -> None:
    if isinstance(item.value, str) and item.value in _CRITICAL:
        worker.keys["critical"] = True
        item.note(f"its components are `critical`, which {_CRITICAL[item.value]}")
    elif item.value not in (None, "shutdown-manual", LAST_STOPPED):
        item.note("is no shutdown mode of a container")
