"""A session whose callbacks are functions, such as a component of type `function` in Crossbar.io has.

`wampsup import crossbar` writes it into fleet files:

    session_factory = "wampsup.wamp.callbacks:CallbackSession"
    extra = { callbacks = { join = "package.module:function" } }

Each callback is called with the session first, then with what Autobahn tells of the event: `connect` with the
transport, `join` and `leave` with their details, `disconnect` with `was_clean=`. It may be plain, return a
Deferred, or be `async`.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from autobahn.twisted.wamp import Session

from wampsup.config.schema.fields import is_reference
from wampsup.config.words import did_you_mean, listed, shown
from wampsup.model.spec import Mistake
from wampsup.wamp.imports import ImportMistakeError, load_callable
from wampsup.wamp.signatures import can_take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.model.spec import ComponentSpec

CALLBACKS = "callbacks"
"""The key of `extra` that names them; they don't see it in `session.config.extra`."""

EVENTS: dict[str, tuple[str, ...]] = {
    "connect": ("the session", "the transport"),
    "join": ("the session", "the details"),
    "leave": ("the session", "the details"),
    "disconnect": ("the session",),
}
"""What each is called with; `disconnect` with `was_clean=` as well."""


class CallbackSession(Session):
    """It joins as any session does, with `authentication` where the component has it."""

    def __init__(self, config: Any) -> None:
        """Import the callbacks.

        Raises:
            ImportMistakeError: one of them is not there.
            TypeError: `extra` names none.
        """
        extra = dict(config.extra or {})
        named = extra.pop(CALLBACKS, None)
        if not isinstance(named, dict):
            raise TypeError('it needs `callbacks` in its `extra`, such as `{ join = "package.module:function" }`')
        config.extra = extra
        super().__init__(config)
        self._callbacks = {event: load_callable(reference) for event, reference in named.items()}

    async def onConnect(self) -> None:
        """Let `connect` do its work, then join."""
        await self._call("connect", self._transport)
        usual: Any = super()
        await _done(usual.onConnect())

    async def onJoin(self, details: Any) -> None:
        """Let `join` do its work, and be ready then."""
        await self._call("join", details)

    async def onLeave(self, details: Any) -> None:
        """Disconnect, and let `leave` know, in the order in which Autobahn does both."""
        usual: Any = super()
        await _done(usual.onLeave(details))
        await self._call("leave", details)

    def onClose(self, wasClean: bool) -> None:  # noqa: FBT001, N803 - Autobahn calls it so
        """Remember how the transport was closed, which `onDisconnect` is not told."""
        self._was_clean = wasClean
        super().onClose(wasClean)

    async def onDisconnect(self) -> None:
        """Let `disconnect` know."""
        await self._call("disconnect", was_clean=self._was_clean)

    async def _call(self, event: str, *args: Any, **kwargs: Any) -> None:
        callback = self._callbacks.get(event)
        if callback is not None:
            await _done(callback(self, *args, **kwargs))


def callback_mistakes(spec: ComponentSpec) -> Iterator[Mistake]:
    """What is wrong with the callbacks of a component whose session is a `CallbackSession`."""
    named = (spec.extra or {}).get(CALLBACKS)
    where = f"of component `{spec.name}`"
    if not isinstance(named, dict):
        message = f"`extra` {where} needs `{CALLBACKS}`, as its session is made of functions"
        hint = f'such as `{CALLBACKS} = {{ join = "package.module:function" }}`'
        yield Mistake(path=("components", spec.name, "extra"), message=message, hint=hint)
        return
    for event, reference in named.items():
        path = ("components", spec.name, "extra", CALLBACKS, event)
        key = f"`extra.{CALLBACKS}.{event}` {where}"
        if event not in EVENTS:
            hint = did_you_mean(event, EVENTS) or f"its keys are {listed(EVENTS)}"
            yield Mistake(path=path, message=f"unknown key {key}", hint=hint, at_key=True)
        elif not isinstance(reference, str) or not is_reference(reference):
            message = f"{key} must be a reference such as `package.module:function`, not {shown(reference)}"
            yield Mistake(path=path, message=message)
        else:
            try:
                _check(event, reference)
            except ImportMistakeError as mistake:
                yield Mistake(path=path, message=f"{key}: {mistake}", hint=mistake.hint, detail=mistake.detail)


def _check(event: str, reference: str) -> None:
    if event != "disconnect":
        load_callable(reference, *EVENTS[event])
    elif not can_take(load_callable(reference), *EVENTS[event], was_clean=True):
        raise ImportMistakeError(f"`{reference}` must take the session and `was_clean`")


async def _done(result: Any) -> None:
    """Wait for what a function has returned, where that is something to wait for."""
    if inspect.isawaitable(result):
        await result
