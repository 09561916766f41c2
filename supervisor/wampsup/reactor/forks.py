"""A process that a component forks off takes nothing of the supervisor's with it, and is none itself.

It has copies of all descriptors: where it outlives the supervisor, nobody else could have that one's name and its
ports. And code that forks, and lets the child come back to the loop (as `sys.exit` does, which the loop catches), would
make a second supervisor of it, which answers half of what this one is asked. It ends with the event that it began in.
"""

from __future__ import annotations

import contextlib
import os
import select
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any

from wampsup.reactor.aware import owner_of
from wampsup.reactor.ledger import OWN, ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account


class Forks:
    """Looks after what the children of this process have."""

    def __init__(self) -> None:
        self._followed: list[tuple[Any, Callable[[], None]]] = []
        self._registered = False
        self._thread = 0

    def follow(self, reactor: Any, give_up: Callable[[], None]) -> Callable[[], None]:
        """Until the result is called: a child calls `give_up`, and loses those sockets of the reactor's that are ours.

        It is called in the reactor's thread.

        Those that belong to components stay: these may have forked to hand them over.
        """
        if not self._registered:
            os.register_at_fork(after_in_child=self._part)
            self._registered = True
        self._thread = get_ident()
        followed = (reactor, give_up)
        self._followed.append(followed)
        return partial(self._followed.remove, followed)

    def _part(self) -> None:
        """Part from the supervisor, in the child."""
        if not self._followed:
            return
        for reactor, give_up in self._followed:
            give_up()
            _close_ours(reactor)
            _be_deaf(reactor)
        if ledger.account is not None and get_ident() == self._thread:
            ledger.late, ledger.patience_ns = _end, -1
        self._followed = []


def _close_ours(reactor: Any) -> None:
    for reader in reactor.getReaders():
        socket = getattr(reader, "socket", None)
        if socket is not None and owner_of(reader) is OWN:
            with contextlib.suppress(OSError):
                socket.close()


def _be_deaf(reactor: Any) -> None:
    """Keep from the kernel's list of what is waited for: that is the parent's as well."""
    if hasattr(select, "epoll") and isinstance(getattr(reactor, "_poller", None), select.epoll):
        reactor._poller = _Nothing()  # noqa: SLF001 - see `aware`


class _Nothing:
    """Takes whatever epoll does, and waits for nothing."""

    def register(self, *_: Any) -> None:
        """Take it."""

    unregister = modify = register


def _end(account: Account, _took: int, _function: Callable[..., object]) -> None:
    if ledger.account is None:  # else it goes on within an event
        whose = account.name or "the supervisor"
        said = f"wampsup: a process that `{whose}` has forked has come back to the loop: it ends\n"
        with contextlib.suppress(OSError):
            os.write(2, said.encode(errors="replace"))
        os._exit(1)


forks = Forks()
"""Those of this process."""
