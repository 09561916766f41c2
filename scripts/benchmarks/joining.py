"""A component that does nothing but join; run as a script, `JOINS` of them, raw."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from twisted.internet import defer

joined = 0


def main(_reactor: Any, _session: Any) -> defer.Deferred[None]:
    """Note when the last one has joined, and stay."""
    global joined  # noqa: PLW0603 - counts over all components of the process
    joined += 1
    if joined == int(os.environ["JOINS"]):
        done = Path(os.environ["JOINED"])
        written = done.with_suffix(".part")
        written.write_text(str(time.time()))
        written.rename(done)
    return defer.Deferred()


if __name__ == "__main__":
    from datetime import UTC, datetime

    import txaio
    from autobahn.twisted.component import Component
    from twisted.internet import reactor

    print(datetime.now(UTC).isoformat(), "this process answers on nothing and starts its components", flush=True)
    txaio.start_logging(level="warn")  # type: ignore[attr-defined]  # made by use_twisted
    transport = {"type": "rawsocket", "url": sys.argv[1]}
    for _ in range(int(os.environ["JOINS"])):
        Component(main=main, realm="realm1", transports=[transport]).start(reactor)
    reactor.run()  # type: ignore[misc]
