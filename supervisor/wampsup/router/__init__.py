"""The embedded WAMP router: a small broker and dealer in the supervisor's process, for development, demos and tests.

Framing, serializers, validation and handshakes are Autobahn's; what is ours is who may join (`authentication`), who is
there (`realm`, `session`, `meta`), who gets which event (`broker`) and which call (`dealer`, `calls`), and the sockets
(`connections`, `listeners`). It keeps nothing on disk and authorizes every role to do everything: production runs a
real router.

    router = Router(RouterSpec(listen=("ws://127.0.0.1:8080/ws",), realms=("realm1",)), reactor)
    await router.start()
    await router.stop()
"""

from __future__ import annotations

from wampsup.router.authentication import Principal
from wampsup.router.limits import Limits
from wampsup.router.router import Router

__all__ = ["Limits", "Principal", "Router"]
