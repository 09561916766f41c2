"""Whose code runs now: each attempt of a component, and what comes of its code, runs in a context with its scope."""

from __future__ import annotations

from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from wampsup.reactor.ledger import OWN, ledger
from wampsup.reactor.made import FEW, Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account

P = ParamSpec("P")
R = TypeVar("R")


class Scope:
    """One attempt of a component: its account, and what its code has made that may outlive it.

    `late` is called, once the attempt is over, whenever its code makes something all the same.
    """

    __slots__ = ("__weakref__", "_prune_at", "account", "late", "made")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.made: list[Made] | None = None
        self.late: Callable[[], None] | None = None
        self._prune_at = FEW

    def note(self, thing: Any) -> None:
        """Something was made: a DelayedCall, what the reactor reads or writes, or a thread. It is not kept alive."""
        made = self.made
        if made is None:
            made = self.made = []
        elif len(made) >= self._prune_at:
            made[:] = [one for one in made if one.is_there()]
            self._prune_at = max(FEW, 2 * len(made))
        made.append(Made(thing))
        if self.late is not None:
            self.late()


current: ContextVar[Scope | None] = ContextVar("wampsup_scope", default=None)

_own_context = Context()
_NOBODYS = (None, OWN)


def component_name() -> str | None:
    """The component whose code runs now; `None` for the supervisor itself."""
    return payer().name


def payer(context: Context | None = None) -> Account:
    """Whose account is charged for what runs in `context`, by default the one that runs now."""
    scope = current.get() if context is None else context.get(current)
    return OWN if scope is None else scope.account


def context_of(scope: Scope) -> Context:
    """A fresh context for that attempt of a component."""
    context = copy_context()
    context.run(current.set, scope)
    return context


def way_into(context: Context) -> Callable[..., Any]:
    """What runs a function in `context`; in a copy where an event that runs there waits for others."""
    return context.copy().run if ledger.iterating else context.run


def within(context: Context, function: Callable[P, R]) -> Callable[P, R]:
    """`function`, but in a copy of `context`, and charged to its component; where that runs already, it goes on."""
    scope, account = context[current], payer(context)

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if current.get() is scope and ledger.account is account:
            return function(*args, **kwargs)
        result: R = ledger.within(account, context.copy().run, function, *args, **kwargs)
        return result

    return run


def outside(function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
    """Call `function` as the supervisor's own, where a component's code may have led here."""
    if current.get() is None and ledger.account in _NOBODYS:
        return function(*args, **kwargs)
    result: R = ledger.within(OWN, _own_context.copy().run, function, *args, **kwargs)
    return result
