"""What of a component's authentication must not be shown.

Everything is a secret, except who the component says it is: that is likely to be a common word, and to mask it in the
lines that components log would garble them. wampsup shows neither, nor does the log of what Autobahn sends. A few keys
say what everybody may know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wampsup.masking import MASK, remember, remember_name
from wampsup.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMES = frozenset({"authid", "authrole", "proxy_authid", "proxy_authrole"})
_KNOWN = frozenset({"realm", "proxy_realm", "pubkey", "channel_binding"})
_DEEPEST = 16


def remember_all(methods: Mapping[str, Any]) -> None:
    """Have what is in `methods` masked from now on: tables, or authenticators that a program has made."""
    for key, text in _texts("", methods):
        if key not in _NAMES:
            remember(text)
        else:
            remember_name(text)


def names_in(methods: Mapping[str, Any]) -> frozenset[str]:
    """Who the component says it is, in all methods."""
    return frozenset(text for key, text in _texts("", methods) if key in _NAMES)


def without_names(text: str, names: Iterable[str]) -> str:
    """`text`, in which a router may have repeated who the component says it is, without these names."""
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", MASK, text)
    return text


def _texts(key: str, value: Any, depth: int = _DEEPEST) -> Iterator[tuple[str, str]]:
    """All texts in a value, each with the key that it stands under."""
    match _plain(value):
        case str() as text:
            yield key, text
        case Mapping() as table if depth:
            for inner_key, inner in table.items():
                name = str(inner_key).lstrip("_")
                if name not in _KNOWN:
                    yield from _texts(name, inner, depth - 1)
        case list() | tuple() as items if depth:
            for inner in items:
                yield from _texts(key, inner, depth - 1)


def _plain(value: Any) -> Any:
    """A value as a text, a table or a list; the table of an authenticator are its attributes."""
    match value:
        case Secret():
            return value.value
        case bytes():
            return value.decode(errors="surrogateescape")
        case _ if hasattr(value, "on_challenge"):
            return getattr(value, "__dict__", {})
        case _:
            return value
