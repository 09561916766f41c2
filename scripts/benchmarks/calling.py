"""A callee, and a caller that keeps 64 calls in flight; run as a script, both of them as raw Components."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from autobahn.wamp.exception import ApplicationError
from twisted.internet import defer

CALLS = 10_000
IN_FLIGHT = 64


async def callee(_reactor: Any, session: Any) -> None:
    """Add numbers for whoever calls."""
    await session.register(lambda a, b: a + b, "com.example.add")
    await defer.Deferred[None]()


async def caller(_reactor: Any, session: Any) -> None:
    """Call until the callee is there, then as often as possible; the seconds that it took go to the file `$TOOK`."""
    await _answered(session)
    await _calls(session, CALLS // 10)
    began = time.perf_counter()
    await _calls(session, CALLS)
    took = Path(os.environ["TOOK"])
    written = took.with_suffix(".part")
    written.write_text(str(time.perf_counter() - began))
    written.rename(took)
    await defer.Deferred[None]()


async def _answered(session: Any) -> None:
    while True:
        try:
            await session.call("com.example.add", 1, 1)
        except ApplicationError:
            continue
        return


async def _calls(session: Any, count: int) -> None:
    async def one_after_the_other(share: int) -> None:
        for number in range(share):
            await session.call("com.example.add", number, 1)

    await defer.gatherResults([defer.ensureDeferred(one_after_the_other(count // IN_FLIGHT)) for _ in range(IN_FLIGHT)])


if __name__ == "__main__":
    import txaio
    from autobahn.twisted.component import Component, run

    txaio.start_logging(level="warn")  # type: ignore[attr-defined]  # made by use_twisted
    transport = {"type": "rawsocket", "url": sys.argv[1]}
    run([Component(main=main, realm="realm1", transports=[transport]) for main in (callee, caller)])
