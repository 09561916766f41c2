"""What every attempt of a component is built from: all that its spec refers to, imported, adopted and checked once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autobahn.twisted.wamp import Session

from wampsup.masking import mask
from wampsup.model.secret import reveal
from wampsup.model.spec import Mistake, TcpEndpoint, TransportSpec
from wampsup.wamp.adopt import Adopted, adopt
from wampsup.wamp.authentication import try_authentication
from wampsup.wamp.callbacks import CallbackSession, callback_mistakes
from wampsup.wamp.calling import CodeRaisedError, call
from wampsup.wamp.concealing import names_in, remember_all
from wampsup.wamp.imports import ImportMistakeError, load_callable
from wampsup.wamp.originals import load_component
from wampsup.wamp.predicates import predicates_of, rules_of
from wampsup.wamp.signatures import can_take
from wampsup.wamp.trying import try_transports
from wampsup.wamp.verdict import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from autobahn.twisted.component import Component

    from wampsup.model.spec import ComponentSpec, HealthPolicy, OnUserError

DEFAULT_URL = "ws://127.0.0.1:8080/ws"
DEFAULT_TRANSPORT = TransportSpec(type="websocket", url=DEFAULT_URL, endpoint=TcpEndpoint(host="127.0.0.1", port=8080))
"""Autobahn's own default."""

TAKEN = {"main": ("the reactor", "the session"), "session_factory": ("its config",)}
"""What they are called with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Blueprint:
    """Everything that an attempt needs; `original` is the user's own Component, where it was one."""

    name: str
    main: Callable[..., Any] | None
    session_factory: Callable[..., Any]
    realm: str
    transports: tuple[TransportSpec, ...]
    extra: Callable[[], Any] = lambda: None
    authentication: Mapping[str, Any] = field(default_factory=dict)
    listeners: Mapping[str, Sequence[Callable[..., Any]]] = field(default_factory=dict)
    judge: Judge
    on_user_error: OnUserError = "fail"
    health: HealthPolicy | None = None
    max_stall: float = 0.0
    original: Component | None = None


def prepare(
    components: Iterable[ComponentSpec],
    reactor: Any,
    in_use: Mapping[str, Blueprint] | None = None,
    objects: Mapping[str, Component] | None = None,
) -> tuple[dict[str, Blueprint], list[Mistake]]:
    """Blueprints by name, and what is wrong with the components that have none.

    `in_use` are blueprints that stay, and those of components which keep the Component that they have adopted;
    `objects` are the Components of those that refer to none.
    """
    blueprints, mistakes = {}, []
    kept = {name: used.original for name, used in (in_use or {}).items() if used.original is not None}
    kept |= objects or {}
    adopted = {id(original): name for name, original in kept.items()}
    fine: dict[int, Sequence[TransportSpec]] = {}
    for spec in components:
        builder = _Builder(spec, reactor, kept.get(spec.name), fine)
        blueprint = builder.build()
        if blueprint.original is not None:
            builder.check_alone(adopted.setdefault(id(blueprint.original), spec.name))
        if builder.mistakes:
            mistakes += builder.mistakes
        else:
            blueprints[spec.name] = blueprint
    return blueprints, [_masked(mistake) for mistake in mistakes]


def _masked(mistake: Mistake) -> Mistake:
    """The mistake, which may hold what the code of a user said when it was imported, without secrets."""
    detail = mistake.detail and mask(mistake.detail)
    return replace(mistake, message=mask(mistake.message), hint=mistake.hint and mask(mistake.hint), detail=detail)


class _Builder:
    """Builds one blueprint and collects all mistakes on the way.

    `fine` are transports that have been tried, by their identities: those of the defaults are tried once for all.
    """

    def __init__(
        self, spec: ComponentSpec, reactor: Any, kept: Component | None, fine: dict[int, Sequence[TransportSpec]]
    ) -> None:
        self.spec = spec
        self.reactor = reactor
        self.kept = kept
        self.fine = fine
        self.mistakes: list[Mistake] = []

    def build(self) -> Blueprint:
        spec = self.spec
        original = self.kept if self.kept is not None else self._load(load_component, spec.component, "component")
        own = self._adopted(original) if original is not None else None
        transports = spec.transports or (own.transports if own else (DEFAULT_TRANSPORT,))
        loaded = self._callable("session_factory", own)
        session_factory = Session if loaded is None else loaded
        authentication = spec.authentication or (own.authentication if own else {})
        remember_all(authentication)
        self._try(transports)
        self.mistakes += try_authentication(spec, authentication, session_factory, transports)
        if session_factory is CallbackSession:
            self.mistakes += callback_mistakes(spec)
        predicates, mistakes = predicates_of(spec, own.is_fatal if own else None)
        self.mistakes += mistakes
        return Blueprint(
            name=spec.name,
            main=self._callable("main", own),
            session_factory=session_factory,
            realm=spec.realm or (own.realm if own else "realm1"),
            transports=transports,
            extra=_extra(spec, own),
            authentication=authentication,
            listeners=own.listeners if own else {},
            judge=Judge(predicates, names_in(authentication), rules_of(spec, own.is_fatal if own else None)),
            on_user_error=spec.on_user_error,
            health=spec.health,
            max_stall=spec.max_stall,
            original=original,
        )

    def _try(self, transports: Sequence[TransportSpec]) -> None:
        if id(transports) not in self.fine:
            wrong = [*try_transports(self.spec.name, transports, self.reactor)]
            self.mistakes += wrong
            if not wrong:
                self.fine[id(transports)] = transports

    def check_alone(self, owner: str) -> None:
        """A Component can be one component alone: its `stop()` could not tell two apart."""
        if owner != self.spec.name:
            instance_of = self.spec.instance_of
            both = f"components `{owner}` and `{self.spec.name}`"
            who = f"all instances of `{instance_of}`" if owner.rpartition("@")[0] == instance_of else both
            message = f"{who} are the same Component"
            self._mistake("component", message=message, hint="name a function that returns a new one each time")

    def _mistake(self, *key: str | int, message: str, hint: str | None = None, detail: str | None = None) -> None:
        path = ("components", self.spec.name, *key)
        self.mistakes.append(Mistake(path=path, message=message, hint=hint, detail=detail))

    def _load(self, load: Callable[..., Any], reference: str | None, key: str) -> Any:
        if reference is None:
            return None
        try:
            return load(reference, *TAKEN.get(key, ()))
        except ImportMistakeError as mistake:
            message = f"`{key}` of component `{self.spec.name}`: {mistake}"
            self._mistake(key, message=message, hint=mistake.hint, detail=mistake.detail)
            return None

    def _callable(self, key: str, own: Adopted | None) -> Callable[..., Any] | None:
        """The code that the file names, else that of the Component; where there is none, nothing."""
        reference = getattr(self.spec, key)
        if reference or own is None:
            loaded: Callable[..., Any] | None = self._load(load_callable, reference, key)
            return loaded
        code: Callable[..., Any] | None = own.main if key == "main" else own.session_factory
        if code is not None and not can_take(code, *TAKEN[key]):
            taken = " and ".join(TAKEN[key])
            message = f"`{key}` of the Component of component `{self.spec.name}` must take {taken}"
            self._mistake("component", message=message)
        return code

    def _adopted(self, original: Component) -> Adopted | None:
        try:
            return call(adopt, original)
        except CodeRaisedError as raised:
            message = f"the Component of component `{self.spec.name}` can't be used: {raised.said}"
            hint = "where it has an `__init__` of its own, that must call the one of Component"
            self._mistake("component", message=message, hint=hint, detail=raised.detail)
            return None


def _extra(spec: ComponentSpec, own: Adopted | None) -> Callable[[], Any]:
    """What the file says, else what the Component has; the number of an instance alone takes nothing from that."""
    if spec.extra is None:
        return (lambda: own.extra) if own else lambda: None
    said = spec.extra
    number_alone = spec.instance_of is not None and said.keys() == {"instance"}
    rest = own.extra if own and number_alone and isinstance(own.extra, Mapping) else {}
    return lambda: {**copy.deepcopy(dict(rest)), **reveal(copy.deepcopy(said))}
