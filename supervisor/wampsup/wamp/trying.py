"""Builds what an attempt would build, before anything starts, and tells what can't be built."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from autobahn.wamp.auth import create_authenticator

from wampsup.model.spec import Mistake
from wampsup.wamp.endpoints import client_endpoint
from wampsup.wamp.transport import known_options, transport_factory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wampsup.model.spec import ComponentSpec, TransportSpec


def try_transports(name: str, transports: Sequence[TransportSpec], reactor: Any) -> Iterator[Mistake]:
    """What is wrong with the options, serializers, endpoints and certificates of the component `name`."""
    for index, transport in enumerate(transports):
        path = ("components", name, "transports", index)
        where = f"transport `{transport.url}` of component `{name}`"
        known = known_options(transport.type)
        unknown = [option for option in transport.options if option not in known]
        for option in unknown:
            near = difflib.get_close_matches(option, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else None
            yield Mistake(path=(*path, "options", option), message=f"unknown option `{option}` in {where}", hint=hint)
        if unknown:
            continue
        try:
            transport_factory(transport, lambda: None, reactor)
            client_endpoint(transport, reactor)
        except Exception as error:  # noqa: BLE001 - Autobahn and Twisted raise what they like on a wrong value
            said = str(error) or f"a value in {dict(transport.options)} is not allowed"
            yield Mistake(path=path, message=f"{where} can't be built: {said}")


def try_authentication(spec: ComponentSpec, session_factory: Callable[..., Any]) -> Iterator[Mistake]:
    """What is wrong with the authentication of a component; it never holds a value."""
    methods = spec.authentication or {}
    path = ("components", spec.name, "authentication")
    if methods and isinstance(session_factory, type) and not hasattr(session_factory, "add_authenticator"):
        message = f"`authentication` of component `{spec.name}` needs a `Session`, and its session is none"
        hint = "derive it from autobahn.twisted.wamp.Session, or answer in its own onConnect and onChallenge"
        yield Mistake(path=path, message=message, hint=hint)
    for method, config in methods.items():
        try:
            create_authenticator(method, **config)
        except Exception as error:  # noqa: BLE001 - each method of Autobahn's checks in its own way
            message = f"authentication `{method}` of component `{spec.name}` can't be built"
            yield Mistake(path=(*path, method), message=f"{message}: {_without_values(error, config)}")


def _without_values(error: Exception, config: Mapping[str, Any]) -> str:
    """What an error says, unless that holds something that may be secret."""
    if isinstance(error, ModuleNotFoundError):
        return f"the module `{error.name}` is missing"
    said = str(error)
    return type(error).__name__ if not said or any(str(value) in said for value in config.values()) else said
