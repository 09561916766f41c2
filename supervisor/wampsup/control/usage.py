"""How accounts look in JSON: what components, the supervisor's own loop, and the whole process have used.

Where the reactor keeps no accounts (one of a host's own), nothing is known of busy times: they are `None`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wampsup.reactor.ledger import OWN
from wampsup.reactor.meter import WINDOWS, meter
from wampsup.reactor.threads import collect

if TYPE_CHECKING:
    from wampsup.reactor.account import Account

Json = dict[str, object]

CLOCKS = {"busy": "CLOCK_THREAD_CPUTIME_ID", "longest": "CLOCK_MONOTONIC"}
"""What times are taken by: processor time that was used, and time that the reactor was kept from all else."""

_SHOWN = 10
"""Seconds of the window that is shown where there is room for one."""


def seconds(account: Account) -> float | None:
    """Processor time in seconds."""
    return round(account.busy_ns / 1e9, 6) if meter.counts else None


def percent(account: Account, window: int = _SHOWN) -> float | None:
    """The share of the last `window` seconds in which it was busy; 100 is a whole processor."""
    share = meter.share(account, window) if meter.counts else None
    return None if share is None else round(100 * share, 2)


def longest_stall_ms(account: Account) -> float | None:
    """The longest time in milliseconds for which it kept the reactor from all else, once that was a stall."""
    return _ms(account.longest_stall_ns) if meter.counts else None


def stalls(account: Account) -> str | None:
    """How often it has kept the reactor from all else, for how long, and where, in words; `None` for never."""
    if not account.stalls:
        return None
    longest = f"{account.longest_stall_ns / 1e9:.2f} s"
    often = f"once, for {longest}" if account.stalls == 1 else f"{account.stalls} times, for {longest} at most"
    last = "" if account.stalls == 1 else "last "
    return f"has blocked the reactor {often}" + (f", {last}at {account.stalled_at}" if account.stalled_at else "")


def in_short(account: Account) -> Json:
    """What a list of components shows of an account; see `figures` there."""
    return {
        "busy_seconds": seconds(account),
        "busy_percent": percent(account),
        "stalls": account.stalls,
        "longest_stall_ms": longest_stall_ms(account),
        "messages_in": account.messages_in,
        "messages_out": account.messages_out,
    }


def of_component(account: Account) -> Json:
    """All of a component's account."""
    return _of_events(account, seconds(account)) | {
        "stalls": account.stalls,
        "longest_stall_ms": longest_stall_ms(account),
        "messages_in": account.messages_in,
        "messages_out": account.messages_out,
        "bytes_in": account.bytes_in,
        "bytes_out": account.bytes_out,
    }


def of_loop() -> Json | None:
    """What no component could be charged for, and how late the reactor came to what was due."""
    if not meter.counts:
        return None
    collect()  # else what threads of components use would be ours until the next tick
    own = _of_events(OWN, round(meter.own_busy_ns() / 1e9, 6))
    return own | {"longest_lag_ms": _ms(meter.longest_lag_ns)}


def of_process() -> Json:
    """Processor time of the whole process, in seconds and in percent of one processor."""
    return {"seconds": round(time.process_time(), 3), "percent": _percents(meter.process)}


def _of_events(account: Account, busy: float | None) -> Json:
    return {
        "clocks": CLOCKS,
        "busy_seconds": busy,
        "busy_percent": _percents(account),
        "events": account.events,
        "longest_event_ms": _ms(account.longest_ns) if meter.counts else None,
    }


def _percents(account: Account) -> Json:
    """By the seconds of each window."""
    return {str(window): percent(account, window) for window in WINDOWS}


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 3)
