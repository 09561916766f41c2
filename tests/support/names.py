"""A name resolver that a test installs on its reactor, and takes away again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from support.reactor import reactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@implementer(IHostnameResolver)
class Names:
    """What each name leads to; `asked` are the names, with the kinds of addresses that were wanted."""

    def __init__(self, known: dict[str, list[str]]) -> None:
        self.known = known
        self.asked: list[tuple[str, Any]] = []

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        receiver: Any,
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        """What an endpoint calls."""
        self.asked.append((hostName, addressTypes))
        receiver.resolutionBegan(receiver)
        for address in self.known.get(hostName, ()):
            made = IPv6Address if ":" in address else IPv4Address
            if addressTypes is None or made in addressTypes:
                receiver.addressResolved(made("TCP", address, portNumber))
        receiver.resolutionComplete()
        return receiver


@contextmanager
def names(**known: list[str]) -> Iterator[Names]:
    """On the reactor: within, names lead where `known` says (`_` stands for a dot), and no others lead anywhere."""
    made = Names({name.replace("_", "."): addresses for name, addresses in known.items()})
    usual = reactor.installNameResolver(made)
    try:
        yield made
    finally:
        reactor.installNameResolver(usual)
