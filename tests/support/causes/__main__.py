"""Runs all causes on a reactor of the kind that is asked for, and prints what came of it as JSON."""

from __future__ import annotations

import inspect
import json
import sys
import time
from pathlib import Path
from typing import Any

from wampsup.reactor.kinds import install

reactor: Any = install(sys.argv[1])  # type: ignore[arg-type]

from twisted.internet.defer import ensureDeferred  # noqa: E402 - a reactor is installed first

from support.causes import of_asyncio, of_sockets, of_threads, of_twisted  # noqa: E402, F401 - they add theirs
from support.causes.book import CAUSES, OTHER, Burner, Cause  # noqa: E402
from wampsup.reactor.ledger import OWN  # noqa: E402

LONGEST = 30.0
"""Seconds until those that have not burnt everything are given up."""

causes = [one for one in CAUSES.values() if hasattr(reactor, "_asyncioEventloop") or not one.on_loop]
folder = Path(sys.argv[2])


def begin(one: Cause) -> None:
    own_folder = folder / one.name
    own_folder.mkdir()
    begun = one.begin(Burner(one, reactor, own_folder))
    if inspect.iscoroutine(begun):
        ensureDeferred(begun)


def look(until: float) -> None:
    if time.monotonic() < until and any(len(one.seen) < one.burns for one in causes):
        reactor.callLater(0.05, look, until)
    else:
        reactor.callLater(0.3, reactor.stop)  # nobody is to burn more


for each in causes:
    reactor.callWhenRunning(each.run, begin, each)
reactor.callWhenRunning(look, time.monotonic() + LONGEST)
before = time.process_time()
reactor.run()
process = time.process_time() - before

told = {
    one.name: {"burns": one.burns, "seen": one.seen, "burnt": one.burnt, "busy": one.account.busy_ns / 1e9}
    for one in causes
}
own = OWN.busy_ns / 1e9
told_of_all = {"causes": told, "process": process, "own": own, "other": OTHER.account.busy_ns / 1e9}
sys.stdout.write(json.dumps(told_of_all))
