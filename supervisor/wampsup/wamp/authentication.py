"""What stands under `authentication`: tried before anything starts, and handed to Autobahn.

All methods of a component share one HELLO. Autobahn sends the `authid` and `authrole` of the last one alone, so each of
them is given what any of them has.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autobahn.twisted.wamp import Session
from autobahn.wamp.auth import HAS_ARGON, create_authenticator
from autobahn.wamp.interfaces import IAuthenticator

from wampsup.model.secret import reveal
from wampsup.model.spec import Mistake, TcpEndpoint, UnixEndpoint
from wampsup.wamp.answers import Scram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wampsup.model.spec import ComponentSpec, TransportSpec

_SHARED = ("authid", "authrole")
_NEEDS = {"cryptosign": (("nacl",), "encryption"), "scram": (("argon2", "passlib"), "scram")}
"""The modules that a method needs, and the extra that installs them."""


def for_autobahn(methods: Mapping[str, Any]) -> dict[str, Any]:
    """The methods as Component takes them, with their secrets; objects that a program has made stay as they are."""
    tables = {method: reveal(config) for method, config in methods.items()}
    shared = {key: name for table in tables.values() for key, name in _names(table)}
    return {method: _for_autobahn(method, table, shared) for method, table in tables.items()}


def _for_autobahn(method: str, table: Any, shared: Mapping[str, str]) -> Any:
    if not isinstance(table, Mapping):
        return table
    said = {**shared, **table}
    return Scram(**said) if method == "scram" and HAS_ARGON else said  # type: ignore[no-untyped-call]


def _names(config: Any) -> Iterator[tuple[str, str]]:
    said = _said_by(config)
    return ((key, said[key]) for key in _SHARED if isinstance(said.get(key), str))


def _said_by(config: Any) -> Mapping[str, Any]:
    """A table, or what an authenticator was made with, in the way of Autobahn's own Session."""
    said: Mapping[str, Any] = config if isinstance(config, Mapping) else getattr(config, "_args", {})
    return said


def try_authentication(
    spec: ComponentSpec,
    methods: Mapping[str, Any],
    session_factory: Callable[..., Any],
    transports: Sequence[TransportSpec],
) -> Iterator[Mistake]:
    """What is wrong with the authentication of a component; it never holds a value.

    `methods` are those of its spec, or of the Component that it has adopted.
    """
    if not methods:
        return
    if isinstance(session_factory, type) and not hasattr(session_factory, "add_authenticator"):
        message = f"`authentication` of component `{spec.name}` needs a session that is a `Session`"
        hint = "derive it from autobahn.twisted.wamp.Session, or answer in its own onConnect and onChallenge"
        yield Mistake(path=_place(spec), message=message, hint=hint)
    session = Session()
    for method, config in for_autobahn(methods).items():
        problem = _missing(method) or _problem(session, method, config)
        if problem is not None:
            keys, said, what_to_do = problem
            message = f"authentication `{method}` of component `{spec.name}` can't be built: {said}"
            yield Mistake(path=_place(spec, method, *keys), message=message, hint=what_to_do)
        elif _binds(config):
            for transport in filter(_is_plain, transports):
                message = f"`channel_binding` of component `{spec.name}` needs TLS, and `{transport.url}` has none"
                yield Mistake(path=_place(spec, method, "authextra", "channel_binding"), message=message)


def _place(spec: ComponentSpec, *keys: str) -> tuple[str, ...]:
    """Where it stands in the file; that of an adopted Component does not."""
    return ("components", spec.name, *(("authentication", *keys) if spec.authentication else ("component",)))


Found = tuple[tuple[str, ...], str, str | None]
"""Below which keys of the method something is wrong, what, and what to do."""


def _missing(method: str) -> Found | None:
    modules, extra = _NEEDS.get(method, ((), ""))
    for module in modules:
        if importlib.util.find_spec(module) is None:
            return (), f"the module `{module}` is missing", f"pip install 'wampsup[{extra}]'"
    return None


def _problem(session: Any, method: str, config: Any) -> Found | None:
    """Let Autobahn make the authenticator, and add it to those of a session."""
    if isinstance(config, Scram):  # which checks nothing by itself
        lacking = [key for key in ("authid", "password") if key not in _said_by(config)]
        if lacking:
            return (), f"it needs `{lacking[0]}`", None
    try:
        authenticator = create_authenticator(method, **config) if isinstance(config, Mapping) else config
    except Exception as error:  # noqa: BLE001 - each method of Autobahn's checks in its own way
        is_key = "public key" in str(error).lower()
        return (("authextra", "pubkey") if is_key else ()), _without_values(error, config), None
    if not isinstance(authenticator, IAuthenticator):
        return (), "it is neither a table nor an IAuthenticator", None
    try:
        session.add_authenticator(authenticator)
    except ValueError:  # what it says holds the values
        return (), "it disagrees with another method", "all of them share one `authid`, `authrole` and `authextra`"
    return None


def _without_values(error: Exception, config: Any) -> str:
    """What an error says, unless that holds something that may be secret."""
    said = str(error)
    values = config.values() if isinstance(config, Mapping) else ()
    return type(error).__name__ if not said or any(str(value) in said for value in values) else said


def _binds(config: Any) -> bool:
    extra = config.get("authextra") if isinstance(config, Mapping) else None
    return isinstance(extra, Mapping) and extra.get("channel_binding") is not None


def _is_plain(transport: TransportSpec) -> bool:
    """Whether there is certainly no TLS on the way."""
    match transport.endpoint:
        case TcpEndpoint(tls=None) | UnixEndpoint(tls=None):
            return True
        case _:
            return False
