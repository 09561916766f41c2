"""Compression of WebSocket messages as a fleet file says it: words and tables for Autobahn's offers.

An offer is a word (`"deflate"`), or a table with the parameters of Autobahn's class for it (`{ type = "deflate",
request_max_window_bits = 10 }`). What the router makes of the offers is accepted, unless a function says otherwise.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from autobahn.websocket.compress import PERMESSAGE_COMPRESSION_EXTENSION, PerMessageCompressOffer

from wampsup.config.schema.fields import is_reference
from wampsup.config.words import did_you_mean, listed, shown
from wampsup.model.spec import Mistake
from wampsup.wamp.imports import ImportMistakeError, load_callable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OFFERS, ACCEPT = "perMessageCompressionOffers", "perMessageCompressionAccept"

_PREFIX = "permessage-"
_PACKAGES = {"snappy": "python-snappy", "brotli": "brotli"}
_EXPECTED = 'a word such as `"deflate"`, a table with such a `type`, or a list of both'


class CompressionError(ValueError):
    """An offer that can't be made: `path` leads to what is wrong, from the option's value on."""

    def __init__(self, message: str, *, path: tuple[str | int, ...] = (), hint: str | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.hint = hint


def make_offers(value: Any) -> list[Any]:
    """Autobahn's offers, in the order in which they are said; its own objects stay as they are.

    Raises:
        CompressionError: one of them can't be made.
    """
    if not isinstance(value, list | tuple):
        return [_offer(value, ())]
    return [_offer(item, (index,)) for index, item in enumerate(value)]


def accept_function(value: Any, offers: Sequence[Any]) -> Callable[[Any], Any]:
    """What decides about the router's response: a function, a reference to one, or (`None`) whatever was offered.

    Raises:
        ImportMistakeError: there is no such function.
    """
    if isinstance(value, str):
        loaded: Callable[[Any], Any] = load_callable(value)
        return loaded
    if callable(value):
        return value  # type: ignore[no-any-return]  # an adopted Component's own
    offered = {offer.EXTENSION_NAME for offer in offers}

    def accept(response: Any) -> Any:
        name = response.EXTENSION_NAME
        return PERMESSAGE_COMPRESSION_EXTENSION[name]["ResponseAccept"](response) if name in offered else None

    return accept


def compression_mistakes(option: str, name: str, value: Any, where: str, *, offered: bool) -> Iterator[Mistake]:
    """What is wrong with one of the two options; `where` goes into the sentence."""
    path = ("options", option)
    try:
        if name == OFFERS:
            make_offers(value)
        elif not offered:
            message = f"option `{option}` {where} needs `per_message_compression_offers`"
            yield Mistake(path=path, message=message, at_key=True)
        elif isinstance(value, str) and is_reference(value):
            load_callable(value)
        elif not callable(value):
            message = f"option `{option}` {where} must be a reference such as `package.module:function`"
            yield Mistake(path=path, message=f"{message}, not {shown(value)}")
    except CompressionError as error:
        yield Mistake(path=(*path, *error.path), message=f"option `{option}` {where} {error}", hint=error.hint)
    except ImportMistakeError as mistake:
        yield Mistake(
            path=path, message=f"option `{option}` {where}: {mistake}", hint=mistake.hint, detail=mistake.detail
        )


def _offer(value: Any, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, PerMessageCompressOffer):
        return value
    kind, parameters = value, {}
    if isinstance(value, dict):
        parameters = dict(value)
        kind = parameters.pop("type", None)
    if not isinstance(kind, str):
        raise CompressionError(f"must be {_EXPECTED}, not {shown(value)}", path=path)
    made = _class(kind, (*path, "type") if isinstance(value, dict) else path)
    for name, parameter in parameters.items():
        _check_parameter(made, name, parameter, (*path, name))
    try:
        return made(**parameters)
    except Exception as error:  # noqa: BLE001 - Autobahn raises no narrower one
        raise CompressionError(f"has parameters that do not go together: {error}", path=path) from None


def _class(kind: str, path: tuple[str | int, ...]) -> Any:
    extension = PERMESSAGE_COMPRESSION_EXTENSION.get(f"{_PREFIX}{kind.removeprefix(_PREFIX)}")
    if extension is not None:
        return extension["Offer"]
    package = _PACKAGES.get(kind.removeprefix(_PREFIX))
    if package is not None:
        raise CompressionError(f"offers `{kind}`, which is not installed", path=path, hint=f"pip install {package}")
    installed = [name.removeprefix(_PREFIX) for name in PERMESSAGE_COMPRESSION_EXTENSION]
    raise CompressionError(
        f"must offer one of {listed(installed)}, not {shown(kind, quoted=False)}",
        path=path,
        hint=did_you_mean(kind, installed),
    )


def _check_parameter(made: Any, name: str, value: Any, path: tuple[str | int, ...]) -> None:
    known = list(inspect.signature(made).parameters)
    if name not in known:
        hint = did_you_mean(name, known) or f"its parameters are {listed(known)}"
        raise CompressionError(f"has an unknown parameter `{name}`", path=path, hint=hint)
    default = inspect.signature(made).parameters[name].default
    if type(value) is not type(default) or not _takes(made, name, value):
        raise CompressionError(f"must have {_expected(made, name, default)}, not {shown(value)}", path=path)


def _takes(made: Any, name: str, value: Any) -> bool:
    try:
        made(**{name: value})
    except Exception:  # noqa: BLE001 - Autobahn raises no narrower one
        return False
    return True


def _expected(made: Any, name: str, default: Any) -> str:
    if isinstance(default, bool):
        return f"`true` or `false` as `{name}`"
    permissible = getattr(made, "WINDOW_SIZE_PERMISSIBLE_VALUES", None) or made.COMPRESS_LEVEL_PERMISSIBLE_VALUES
    return f"0, or a whole number from {permissible[0]} to {permissible[-1]}, as `{name}`"
