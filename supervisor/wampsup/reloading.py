"""Reads the fleet file again, and hands what has changed to the fleet that runs: all of it, or nothing.

The file is read in a thread of its own (that of a large fleet takes its time, and components may keep the reactor's
threads busy), and what it refers to is prepared in slices, so that the supervisor answers meanwhile. Reloads come one
after the other. A module is imported once in the life of a process: its changes need a restart of the supervisor.
"""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import nullcontext
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from wampsup.config import load
from wampsup.core.reload import Plan, plan, within_process
from wampsup.errors import WampsupError
from wampsup.log_places import log_clashes, log_mistakes
from wampsup.logs.mistakes import traced
from wampsup.reactor.kinds import unavailable
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from wampsup.config import FleetFile
    from wampsup.model.spec import ComponentSpec, FleetSpec, Mistake
    from wampsup.wamp.blueprint import Blueprint

T = TypeVar("T")

SLICE = 50
"""Components that are prepared before anything else has its turn: about 5 ms."""

_CHANGES = ("added", "removed", "restarted", "updated", "groups", "settings")
_IMPORTED_ONCE = "`{module}` has been imported before; what has changed in it since needs a restart of the supervisor"
_NEW_PATH = "a change of `python_path` needs a restart of the supervisor"

_log = Logger()


class ReloadableFleet(Protocol):
    """What a reload needs of a fleet."""

    @property
    def spec(self) -> FleetSpec:
        """What it is now."""

    @property
    def ending(self) -> bool:
        """Whether it shuts down."""

    def reload(self, spec: FleetSpec, blueprints: Mapping[str, Blueprint]) -> None:
        """Become that fleet; `blueprints` are those of the components that are new or have changed."""


class Reloader:
    """Reloads `fleet` from the file at `path`, which it was made of, with `blueprints`.

    Each reload, but no dry run, happens within `around()`; then `done` is called with what has changed, in words, or
    `failed`.
    """

    def __init__(  # noqa: PLR0913 - all but four by name
        self,
        path: Path,
        blueprints: Mapping[str, Blueprint],
        fleet: ReloadableFleet,
        reactor: Any,
        *,
        done: Callable[[str], None] = lambda _changes: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._blueprints = dict(blueprints)
        self._fleet = fleet
        self._reactor = reactor
        self._done = done
        self._failed = failed
        self.around: Callable[[], AbstractContextManager[None]] = nullcontext
        self._turn = DeferredLock()
        self._hung_up = False

    def reload(self, *, dry_run: bool) -> Deferred[Plan]:
        """Reload, or with `dry_run` do all of it but the change; fires with what has changed, or would.

        Where it fails, or is cancelled, nothing has changed. It fails with FleetFileError, where the file or something
        that it refers to is wrong, and with WampsupError, where the fleet shuts down.
        """
        return Deferred.fromCoroutine(self._in_turn(dry_run=dry_run))

    def hang_up(self) -> None:
        """Reload, and tell nobody but the log. Several of these become one where they have to wait for their turn."""
        if not self._hung_up:
            self._hung_up = True
            self.reload(dry_run=False).addErrback(_log_failure)

    async def _in_turn(self, *, dry_run: bool) -> Plan:
        await self._turn.acquire()
        try:
            self._hung_up = False
            with nullcontext() if dry_run else self.around():
                return await self._reload(dry_run=dry_run)
        except Exception:
            if not dry_run:
                self._failed()
            raise
        finally:
            self._turn.release()

    async def _reload(self, *, dry_run: bool) -> Plan:
        self._check_alive()
        old = self._fleet.spec

        def read() -> tuple[FleetFile, Plan, list[Mistake]]:
            fleet_file = load(self._path)
            return fleet_file, plan(old, fleet_file.spec), list(_log_mistakes(old, fleet_file))

        fleet_file, planned, mistakes = await _in_thread(self._reactor, read)
        blueprints = await self._prepare(fleet_file, planned, mistakes)
        self._check_alive()
        if not dry_run:
            changed = {name: blueprints[name] for name in _changed(planned)}
            self._fleet.reload(within_process(old, fleet_file.spec), changed)
            self._blueprints = blueprints
            self._done(_in_words(planned))
            _log_done(planned)
        return planned

    def _check_alive(self) -> None:
        if self._fleet.ending:
            raise WampsupError("the fleet is shutting down")

    async def _prepare(self, fleet_file: FleetFile, planned: Plan, found: list[Mistake]) -> dict[str, Blueprint]:
        """The blueprints of all components, those that stay and those that are new, where no mistake has been found."""
        importlib.invalidate_caches()  # a module may be younger than the last look at its folder
        imported = frozenset(sys.modules)
        specs = {component.name: component for component in fleet_file.spec.components}
        blueprints = {name: self._blueprints[name] for name in (*planned.unchanged, *planned.updated)}
        changed = [specs[name] for name in _changed(planned)]
        mistakes: list[Mistake] = []
        for start in range(0, len(changed), SLICE):
            made, wrong = prepare(changed[start : start + SLICE], self._reactor, blueprints)
            blueprints |= made
            mistakes += wrong
            await deferLater(self._reactor, 0)
        lacking = [*found, *unavailable(fleet_file.spec.supervisor.reactor)]
        if lacking or mistakes:
            level = self._fleet.spec.supervisor.log_level
            new_path = "supervisor.python_path" in planned.needs_restart
            hinted = (_hinted(one, specs[str(one.path[1])], imported, new_path=new_path) for one in mistakes)
            raise fleet_file.error([*lacking, *(traced(mistake, level) for mistake in hinted)])
        return blueprints


def _log_mistakes(old: FleetSpec, fleet_file: FleetFile) -> Iterator[Mistake]:
    """What is wrong with the log files; those that are the same may fail, which the log tells."""
    is_new = fleet_file.spec.supervisor.log_file != old.supervisor.log_file
    return (log_mistakes if is_new else log_clashes)(fleet_file, os.environ)


def _in_thread(reactor: Any, call: Callable[[], T]) -> Deferred[T]:
    """Call it in a thread of its own, which nobody waits for at the end."""
    result: Deferred[T] = Deferred()

    def work() -> None:
        try:
            done = call()
        except BaseException:  # noqa: BLE001 - whoever waits for it has to hear of it
            reactor.callFromThread(result.errback, Failure())
        else:
            reactor.callFromThread(result.callback, done)

    Thread(target=work, name="reload", daemon=True).start()
    return result


def _changed(planned: Plan) -> tuple[str, ...]:
    return (*planned.added, *planned.restarted, *planned.updated)


def _hinted(mistake: Mistake, component: ComponentSpec, imported: Collection[str], *, new_path: bool) -> Mistake:
    """Say of a reference that leads nowhere why that may be so, although the code is there."""
    module = _module(mistake, component)
    if module is None:
        return mistake
    if module in imported:
        once = _IMPORTED_ONCE.format(module=module)
        return replace(mistake, hint=f"{once}; or: {mistake.hint}" if mistake.hint else once)
    return replace(mistake, hint=_NEW_PATH) if new_path and mistake.hint is None else mistake


def _module(mistake: Mistake, component: ComponentSpec) -> str | None:
    """The module of the reference at the mistake's place."""
    _, _, key, *index = mistake.path
    value: Any = getattr(component, str(key))
    for position in index:
        is_there = isinstance(value, tuple) and isinstance(position, int)
        value = value[position] if is_there else value.get(position) if isinstance(value, dict) else None
    module, colon, _ = value.partition(":") if isinstance(value, str) else ("", "", "")
    return module if colon else None


def _in_words(planned: Plan) -> str:
    counts = {key: len(getattr(planned, key)) for key in _CHANGES}
    return ", ".join(f"{count} {key}" for key, count in counts.items() if count) or "nothing has changed"


def _log_done(planned: Plan) -> None:
    _log.info("the fleet file has been read again: {changes}", changes=_in_words(planned))
    if planned.needs_restart:
        keys = ", ".join(f"`{key}`" for key in planned.needs_restart)
        _log.warn("what has changed in {keys} needs a restart of the supervisor", keys=keys)


def _log_failure(failure: Failure) -> None:
    if isinstance(failure.value, WampsupError):
        _log.error("SIGHUP has changed nothing:\n{text}", text=failure.value.render())
    else:
        _log.failure("a bug of wampsup: SIGHUP has changed nothing", failure=failure)
