"""The embedded router as a process of its own, on the port given."""

from __future__ import annotations

import sys

from twisted.internet import reactor

from wampsup.model.spec import RouterSpec
from wampsup.router import Router

spec = RouterSpec(listen=(f"rs://127.0.0.1:{sys.argv[1]}",), realms=("realm1",))
Router(spec, reactor).start()
reactor.run()  # type: ignore[attr-defined]
