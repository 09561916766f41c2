"""One thing that an ended attempt has left behind, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.python.reflect import safe_repr, safe_str

from wampsup.reactor.made import called

if TYPE_CHECKING:
    from wampsup.reactor.made import Made


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftover:
    """One thing: its `kind` (`timer`, `socket`, `thread`), what it is, and where it was made, if that is known."""

    kind: str
    what: str
    place: str | None
    cleaned: bool

    def __str__(self) -> str:
        """For a person: `timer poll made at feed.py:31 in on_join (cancelled)`."""
        made = f" made at {self.place}" if self.place else ""
        done = {"timer": " (cancelled)", "socket": " (closed)"}[self.kind] if self.cleaned else ""
        return f"{self.kind} {self.what}{made}{done}"


def describe(made: Made, *, cleaned: bool) -> Leftover:
    """Say what it is, and what becomes of it."""
    thing, kind = made.thing, made.kind
    if kind == "timer":
        what = _name(called(thing), placed=made.place is not None)
    elif kind == "thread":
        what = f"`{thing.name}`"
    else:
        what = _socket(thing)
    return Leftover(kind=kind, what=what, place=made.place, cleaned=cleaned and kind != "thread")


def _name(function: Any, *, placed: bool) -> str:
    """What a timer is for: a function, that of a LoopingCall; and where that stands, if nothing else is known."""
    function = getattr(function, "f", function)  # LoopingCall
    name, code = getattr(function, "__qualname__", None), getattr(function, "__code__", None)
    stands = f" of {code.co_filename}:{code.co_firstlineno}" if code is not None and not placed else ""
    return f"`{name}`{stands}" if name else str(safe_repr(function))[:80]


def _socket(selectable: Any) -> str:
    """`to 127.0.0.1:8080`, or `listening on 127.0.0.1:8081`."""
    for asked, said in (("getPeer", "to"), ("getHost", "listening on")):
        try:
            address = getattr(selectable, asked)()
            where = f"{address.host}:{address.port}" if hasattr(address, "port") else safe_str(address.name)
        except Exception:  # noqa: BLE001, S112 - it has no address of that sort, or none any more
            continue
        return f"{said} {where}"
    return str(safe_repr(selectable))[:80]
