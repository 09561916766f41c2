"""All benchmarks; exits 1 where a goal is missed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from asking import asking
from calls import Calls
from joins import Joins
from memory import ours, theirs
from pairs import judge, judge_one, measure
from recoveries import recoveries
from status import Status, many
from steps import Steps
from storm import Storm

from support.crossbar import Crossbar


def main() -> int:
    """Run them all."""
    with tempfile.TemporaryDirectory(prefix="wampsup-bench-") as name:
        folder = Path(name)
        status = Status(folder)
        with status.running():
            measured = measure(status.ours, status.theirs, 15)
            met = judge("status of 200, against supervisorctl", measured, 0.3)
            with asking(status.socket) as connection:
                met &= judge_one("the same over a connection that stays", connection.warm(500), 0.0015)
                share = connection.share()
                met &= judge_one("processor time of 200 of these a second", share, 0.15, "{:.1%}".format)
        with many(folder) as connection:
            met &= judge_one("status of 10,000 over a connection that stays", connection.warm(30), 0.1)
        large, small = Steps(2000), Steps(20)
        met &= judge("an event in a fleet of 2000, against one of 20", measure(large.time, small.time, 15), 2.0)
        router = Crossbar()
        try:
            router.start()
            joins = Joins(folder, router.rawsocket_url)
            runs = measure(joins.ours, joins.theirs, 9)
            met &= judge("1000 joins, against raw Components", [(a.joining, b.joining) for a, b in runs], 1.1)
            met &= judge("the same with the process's start", [(a.whole, b.whole) for a, b in runs], 1.1)
            calls = Calls(folder, router.rawsocket_url)
            measured = measure(calls.ours, calls.theirs, 9)
            met &= judge("10,000 calls with 64 in flight, against raw Components", measured, 1 / 0.97)
            measured = measure(lambda: ours(folder, calls.url), lambda: theirs(folder, calls.url), 3)
            met &= judge("memory of a component, against a raw one", measured, 1.1, "{:.1f} KiB".format)
            for way, url in (("websocket", router.websocket_url), ("rawsocket", router.rawsocket_url)):
                starts, again = recoveries(url, 200)
                what = f"from a crash to running again over {way}, against a raw Component's"
                met &= judge(f"{what} start", starts, 1.2)
                met &= judge(f"{what} stop and start", again, 1.2)
            storm = Storm(folder, router)
            storm.rage()
            met &= storm.judge(0.05)
        finally:
            router.close()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
