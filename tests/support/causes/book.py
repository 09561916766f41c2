"""What each cause burns by its own clock, and what it saw of itself meanwhile."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wampsup.reactor.account import Account
from wampsup.reactor.scope import Scope, component_name, context_of, within

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 0.02
"""Of processor time, for each burn."""

own: ContextVar[str | None] = ContextVar("own", default=None)
"""Something of the component's, as a library may keep it."""


@dataclass
class Cause:
    """One component: `begin` is its code, and `burns` how often it burns in all."""

    name: str
    begin: Callable[[Burner], object]
    burns: int
    on_loop: bool
    account: Account = field(init=False)
    seen: list[tuple[str | None, str | None]] = field(default_factory=list)
    burnt: float = 0.0

    def __post_init__(self) -> None:
        self.account = Account(self.name)

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call it as this component's code."""
        context = context_of(Scope(self.account))
        context.run(own.set, self.name)
        return within(context, function)(*args)


OTHER = Cause("other", lambda _burner: None, 0, on_loop=False)
"""A component that fires what others wait for."""

CAUSES: dict[str, Cause] = {}


class Burner:
    """What a cause is given: the reactor, a folder of its own and a component that is not itself."""

    def __init__(self, cause: Cause, reactor: Any, folder: Path) -> None:
        self._cause = cause
        self.reactor = reactor
        self.folder = folder

    def __call__(self, *_: object) -> None:
        """Burn, in whatever thread and context this is."""
        began = time.thread_time()
        self._cause.seen.append((component_name(), own.get()))
        while time.thread_time() < began + SECONDS:
            pass
        self._cause.burnt += time.thread_time() - began

    def by_other(self, function: Callable[..., Any], *args: Any) -> None:
        """The other component calls it, soon."""
        OTHER.run(self.reactor.callLater, 0.02, function, *args)


def cause(burns: int, *, on_loop: bool = False) -> Callable[[Callable[[Burner], object]], Callable[[Burner], object]]:
    """That function is a cause; `on_loop` only where there is a loop of asyncio."""

    def add(begin: Callable[[Burner], object]) -> Callable[[Burner], object]:
        name = begin.__name__
        CAUSES[name] = Cause(name, begin, burns, on_loop)
        return begin

    return add
