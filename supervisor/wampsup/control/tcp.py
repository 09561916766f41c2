"""HTTP over TCP, where a fleet file asks for it: reads alone, for everybody who reaches the port.

Nobody knows who comes in there, so that nothing can be changed, nor logs be read. No name but our own is answered to.
"""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from wampsup.control.guard import LOCALHOST, is_address
from wampsup.control.pace import at_once
from wampsup.control.server import BACKLOG, ControlPort, ControlSite, Door
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Collection

    from wampsup.control.guard import Knows
    from wampsup.control.pace import Turn
    from wampsup.control.server import Respond
    from wampsup.model.spec import HttpAddress

_REASONS = {
    errno.EADDRINUSE: "the port is in use",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}
_log = Logger()


def listen(
    answer: Respond, address: HttpAddress, hosts: Collection[str], reactor: Any, turn: Turn = at_once
) -> ControlPort:
    """Serve at an address, to requests for it, for this machine, and for `hosts`, each when `turn` says.

    Raises:
        WampsupError: it can't be had.
    """
    knows = known(address.host, hosts)
    door = Door(party=lambda transport: transport.getPeer().host, knows=knows, vouched=False, turn=turn)
    site = ControlSite(answer, door, reactor)
    try:
        port = reactor.listenTCP(address.port, site, backlog=BACKLOG, interface=address.host)
    except CannotListenError as error:
        raise WampsupError(
            f"cannot serve HTTP on `{address}`: {_reason(error.socketError)}",
            hint="set another `http` in `[supervisor]`",
        ) from error
    url = f"http://{address.at(port.getHost().port)}/"
    _log.info("{url} answers everybody who reaches it: there it can be read, and nothing changed", url=url)
    if not is_loopback(port.getHost().host):
        _log.warn(
            "{url} can be reached from other machines: whoever does so can read all components' names, states, errors,"
            " events and metrics",
            url=url,
        )
    return ControlPort(port, site)


def known(host: str, hosts: Collection[str]) -> Knows:
    """Knows the names of a listener at `host`, of this machine, and `hosts`; and addresses, whose they may be."""
    here = socket.gethostname()
    names = {name.lower().removesuffix(".") for name in (LOCALHOST, host, here, here.partition(".")[0], *hosts)}
    return lambda name: is_address(name) or name in names


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach that address."""
    return ip_address(address).is_loopback


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return _REASONS[errno.EADDRNOTAVAIL]
    if error.errno is None:
        return str(error)
    return _REASONS.get(error.errno) or os.strerror(error.errno).lower()
