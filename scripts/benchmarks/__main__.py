"""All benchmarks; exits 1 where a goal is missed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from joins import Joins
from pairs import judge, measure
from recoveries import recoveries
from status import Status
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
            met = judge("status of 200, against supervisorctl", measured, 0.35)
        large, small = Steps(2000), Steps(20)
        met &= judge("an event in a fleet of 2000, against one of 20", measure(large.time, small.time, 15), 2.0)
        router = Crossbar()
        try:
            router.start()
            joins = Joins(folder, router.rawsocket_url)
            runs = measure(joins.ours, joins.theirs, 9)
            met &= judge("1000 joins, against raw Components", [(a.joining, b.joining) for a, b in runs], 1.1)
            met &= judge("the same with the process's start", [(a.whole, b.whole) for a, b in runs], 1.1)
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
