"""How a fleet looks in JSON. Plain dictionaries: a list of components is asked for often, and must cost little."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING

import psutil

from wampsup import __version__
from wampsup.control import usage
from wampsup.core.explain import note
from wampsup.core.outlook import outlook
from wampsup.core.times import rfc3339
from wampsup.model.state import STATE_NAMES, BackingOff, Reconnecting, Running

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wampsup.control.fleet import ReachedView, UnitView
    from wampsup.core.component import Component
    from wampsup.model.spec import Backoff, HealthPolicy, TransportSpec
    from wampsup.model.state import LastError
    from wampsup.reactor.leftovers import Leftovers

Json = dict[str, object]

_process = lru_cache(maxsize=1)(psutil.Process)
_written = lru_cache(maxsize=1 << 13)(rfc3339)
"""Times of components are the same in one answer after the other, and to write them takes a third of the work."""


def component(unit: UnitView, now: float, *, traceback: bool = True) -> Json:
    """One component, as in a list: three parts, since a list keeps each for as long as it can (`listing`)."""
    return standing(unit, traceback=traceback) | reasons(unit, now) | usage.in_short(unit.account)


def standing(unit: UnitView, *, traceback: bool = True) -> Json:
    """What changes only when the component does, or what the file says of it; a `traceback` shows lines of code."""
    now_is = unit.component
    state = now_is.state
    joined = state.joined if isinstance(state, Running) else None
    due = _written(state.next_attempt_at) if isinstance(state, BackingOff | Reconnecting) else None
    return {
        "name": unit.name,
        "group": unit.spec.group,
        "state": state.name,
        "desired": now_is.desired.value,
        "since": _written(state.since),
        "realm": unit.realm if joined is None else joined.realm,
        "session_id": None if joined is None else joined.session_id,
        "transport": unit.transports[now_is.transport].url if joined is None else joined.transport,
        "attempts": now_is.attempts,
        "restarts": now_is.restarts,
        "reconnects": now_is.reconnects,
        "next_attempt_at": due,
        "last_error": None if now_is.last_error is None else _last_error(now_is.last_error, traceback=traceback),
    }


def reasons(unit: UnitView, now: float) -> Json:
    """What it waits for, and why it is where it is: that depends on others as well, and on the time."""
    waits_for = unit.waits_for
    told = note(unit.component, unit.name, now, unit.transports, waits_for)
    return {"waits_for": list(waits_for), "note": told or usage.stalls(unit.account)}


def component_in_full(unit: UnitView, now: float, *, traceback: bool = True) -> Json:
    """One component with its policy and transports: nothing that may hold a secret."""
    spec = unit.spec
    return component(unit, now, traceback=traceback) | {
        "runs": {"main": spec.main, "session_factory": spec.session_factory, "component": spec.component},
        "policy": _policy(unit),
        "transports": [_transport(transport) for transport in unit.transports],
        "authentication": sorted(spec.authentication or ()),
        "usage": usage.of_component(unit.account),
        "left_behind": _left_behind(unit.leftovers),
        "next": outlook(unit.component, spec, now, unit.transports, unit.waits_for),
    }


def reached(result: ReachedView) -> Json:
    """What became of a command to one component; `timed_out`: it may still get there."""
    return {
        "name": result.name,
        "ok": result.ok,
        "state": result.state,
        "error": result.error,
        "timed_out": result.timed_out,
    }


def supervisor(*, name: str, fleet_file: str, started_at: float, now: float, counts: Mapping[str, int]) -> Json:
    """The supervisor itself: memory in bytes, CPU in seconds."""
    return {
        "name": name,
        "version": __version__,
        "pid": os.getpid(),
        "started_at": rfc3339(started_at),
        "uptime": round(now - started_at, 3),
        "fleet_file": fleet_file,
        "counts": counts,
        "loop": usage.of_loop(),
        "memory": {"rss": _process(os.getpid()).memory_info().rss},
        "cpu": usage.of_process(),
    }


def counts(components: Iterable[Component]) -> dict[str, int]:
    """How many components are in which state, those states alone that there are."""
    found = Counter(one.state.name for one in components)
    return {state: found[state] for state in STATE_NAMES if found[state]}


def _last_error(error: LastError, *, traceback: bool) -> Json:
    problem = error.problem
    return {
        "kind": problem.kind.value,
        "type": problem.type,
        "uri": problem.uri,
        "message": problem.message,
        "traceback": problem.traceback if traceback else None,
        "at": _written(error.at),
    }


def _left_behind(leftovers: Leftovers) -> Json:
    """What its ended attempts have left: how much in all, what runs or is held still, and the last ones by name."""
    return {
        "count": leftovers.count,
        "threads": leftovers.threads(),
        "contexts": leftovers.contexts(),
        "last": [asdict(one) | {"note": str(one)} for one in leftovers.last],
    }


def _policy(unit: UnitView) -> Json:
    spec = unit.spec
    restart = spec.restart
    return {
        "restart": {
            "policy": restart.policy,
            **_backoff(restart.backoff),
            "reset_after": restart.reset_after,
            "max_restarts": restart.max_restarts,
            "window": restart.window,
        },
        "autostart": spec.autostart,
        "critical": spec.critical,
        "after": list(spec.after),
        "requires": list(spec.requires),
        "health": None if spec.health is None else _health(spec.health),
        "start_timeout": spec.start_timeout,
        "stop_timeout": spec.stop_timeout,
        "max_stall": spec.max_stall,
        "on_user_error": spec.on_user_error,
        "cleanup": spec.cleanup,
        "is_fatal": spec.is_fatal,
        "is_fatal_default": spec.is_fatal_default,
    }


def _health(health: HealthPolicy) -> Json:
    return {
        "procedure": health.procedure,
        "interval": health.interval,
        "timeout": health.timeout,
        "failures": health.failures,
    }


def _backoff(backoff: Backoff) -> Json:
    return {
        "initial_delay": backoff.initial_delay,
        "max_delay": backoff.max_delay,
        "growth": backoff.growth,
        "jitter": backoff.jitter,
    }


def _transport(transport: TransportSpec) -> Json:
    backoff = transport.retry.backoff
    return {
        "type": transport.type,
        "url": transport.url,
        "serializers": list(transport.serializers),
        "max_retries": transport.retry.max_retries,
        "initial_retry_delay": backoff.initial_delay,
        "max_retry_delay": backoff.max_delay,
        "retry_delay_growth": backoff.growth,
        "retry_delay_jitter": backoff.jitter,
    }
