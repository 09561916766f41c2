"""The protocol options of a transport: those of Autobahn's `setProtocolOptions`, each value checked before it is used.

Autobahn itself takes almost any value, and fails later, at each connection, or does as if it had not been given.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from autobahn.twisted.rawsocket import WampRawSocketClientFactory
from autobahn.twisted.websocket import WampWebSocketClientFactory
from autobahn.websocket.protocol import WebSocketProtocol

from wampsup.config.words import did_you_mean, listed, shown
from wampsup.model.spec import Mistake
from wampsup.wamp.compression import ACCEPT, OFFERS, accept_function, compression_mistakes, make_offers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wampsup.model.spec import TransportSpec

FACTORIES: dict[str, Any] = {"websocket": WampWebSocketClientFactory, "rawsocket": WampRawSocketClientFactory}

_LARGEST_FRAME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an option takes."""

    expected: str
    fits: Callable[[Any], bool]


def _whole_from(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


_SPEC_VERSIONS = WebSocketProtocol.SUPPORTED_SPEC_VERSIONS
_SWITCH = _Rule("`true` or `false`", lambda value: isinstance(value, bool))
_SECONDS = _Rule("a number of seconds, or 0 for no limit", _is_seconds)
_BYTES = _Rule("a number of bytes, or 0 for no limit", _whole_from(0, _LARGEST_FRAME))
_RULES = {
    "websocket": {
        "version": _Rule(
            f"a whole number from {_SPEC_VERSIONS[0]} to {_SPEC_VERSIONS[-1]}",
            _whole_from(_SPEC_VERSIONS[0], _SPEC_VERSIONS[-1]),
        ),
        "utf8validateIncoming": _SWITCH,
        "acceptMaskedServerFrames": _SWITCH,
        "maskClientFrames": _SWITCH,
        "applyMask": _SWITCH,
        "maxFramePayloadSize": _BYTES,
        "maxMessagePayloadSize": _BYTES,
        "autoFragmentSize": _Rule("a number of bytes, or 0 to fragment nothing", _whole_from(0, _LARGEST_FRAME)),
        "failByDrop": _SWITCH,
        "echoCloseCodeReason": _SWITCH,
        "serverConnectionDropTimeout": _SECONDS,
        "openHandshakeTimeout": _SECONDS,
        "closeHandshakeTimeout": _SECONDS,
        "tcpNoDelay": _SWITCH,
        "autoPingInterval": _Rule("a number of seconds, or 0 for no pings", _is_seconds),
        "autoPingTimeout": _SECONDS,
        "autoPingSize": _Rule("a number of bytes from 12 to 125", _whole_from(12, 125)),
        "autoPingRestartOnAnyTraffic": _SWITCH,
    },
    "rawsocket": {"maxMessagePayloadSize": _Rule("a number of bytes from 512 to 16777216", _whole_from(512, 2**24))},
}


@cache
def known_options(kind: str) -> Mapping[str, str]:
    """The options of Autobahn's `setProtocolOptions` for a transport type: both spellings, to Autobahn's own."""
    parameters = [name for name in inspect.signature(FACTORIES[kind].setProtocolOptions).parameters if name != "self"]
    return {spelling: name for name in parameters for spelling in (name, snake_case(name))}


def protocol_options(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What `setProtocolOptions` takes for these options, which `option_mistakes` has nothing against.

    Raises:
        KeyError: an option that this transport type doesn't have.
        CompressionError: an offer that can't be made.
        ImportMistakeError: a function that can't be imported.
    """
    names = known_options(kind)
    given = {names[name]: value for name, value in options.items() if value is not None}
    if OFFERS in given:
        offers = make_offers(given[OFFERS])
        given |= {OFFERS: offers, ACCEPT: accept_function(given.get(ACCEPT), offers)}
    return given


def option_mistakes(transport: TransportSpec, where: str) -> Iterator[Mistake]:
    """What is wrong with the options of `transport`, each at its place from the transport on."""
    known = known_options(transport.type)
    spelt: dict[str, str] = {}
    for option, value in transport.options.items():
        path = ("options", option)
        if option not in known:
            snakes = [snake_case(name) for name in dict.fromkeys(known.values())]
            alike = snakes if option.islower() else known.values()
            hint = did_you_mean(option, alike) or f"its options are {listed(snakes)}"
            yield Mistake(path=path, message=f"unknown option `{option}` in {where}", hint=hint, at_key=True)
            continue
        name = known[option]
        if name in spelt:
            message = f"`{spelt[name]}` and `{option}` in {where} are the same option"
            yield Mistake(path=path, message=message, hint="keep one of them", at_key=True)
        elif name in {OFFERS, ACCEPT}:
            offered = any(known.get(each) == OFFERS for each in transport.options)
            yield from compression_mistakes(option, name, value, f"in {where}", offered=offered)
        else:
            yield from _value_mistakes(option, value, _RULES[transport.type].get(name), where)
        spelt[name] = option


def _value_mistakes(option: str, value: Any, rule: _Rule | None, where: str) -> Iterator[Mistake]:
    if value is not None and rule is not None and not rule.fits(value):
        message = f"option `{option}` in {where} must be {rule.expected}, not {shown(value)}"
        yield Mistake(path=("options", option), message=message)


def snake_case(name: str) -> str:
    """`auto_ping_size` for `autoPingSize`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
