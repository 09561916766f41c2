"""What would keep a fleet's sockets from being made, found before anything is opened.

It looks at names, addresses and folders alone: that a port is in use, or that another fleet runs under the name, is
known only to who opens them.
"""

from __future__ import annotations

import os
import stat
from ipaddress import ip_address
from pathlib import Path
from socket import AF_INET, AF_INET6, gaierror, getaddrinfo
from typing import TYPE_CHECKING

import psutil

from wampsup.config.urls import SERVER_SCHEMES, UnixUrl, parse_url
from wampsup.control.place import LONGEST_PATH, check_length, check_private, runtime_folder, socket_path
from wampsup.errors import WampsupError
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wampsup.model.spec import FleetSpec, SupervisorSpec

_LISTEN = ("router", "listen")
_SOCKET = ("supervisor", "socket")


def control_socket(spec: SupervisorSpec, environ: Mapping[str, str]) -> tuple[str, str]:
    """The runtime folder, and the path of the control socket.

    Raises:
        WampsupError: the path is too long.
    """
    folder = runtime_folder(environ, os.geteuid())
    if spec.socket is None:
        socket = socket_path(folder, spec.name)
        check_length(socket, "choose a shorter `name`")
    else:
        socket = str(spec.socket)
        check_length(socket, "set a shorter `socket` in `[supervisor]`")
    return folder, socket


def socket_mistakes(spec: FleetSpec, environ: Mapping[str, str]) -> Iterator[Mistake]:
    """What is wrong with the places of the control socket and of the embedded router's."""
    at = _SOCKET if spec.supervisor.socket else ("supervisor", "name")
    try:
        folder, socket = control_socket(spec.supervisor, environ)
        if os.path.lexists(folder):
            check_private(folder)
    except WampsupError as error:
        yield Mistake(path=at, message=error.message, hint=error.hint)
    else:
        if spec.supervisor.socket and (problem := _problem(Path(socket))):
            yield Mistake(path=at, message=f"the control socket can't be `{socket}`: {problem}")
    yield from _router_mistakes(spec.router.listen if spec.router else ())


def _router_mistakes(listen: Sequence[str]) -> Iterator[Mistake]:
    seen: set[object] = set()
    for index, text in enumerate(listen):
        url = parse_url(text, schemes=SERVER_SCHEMES, lowest_port=0)
        if isinstance(url, UnixUrl):
            place: object = url.path
            problem = _problem(Path(url.path))
        else:
            place = (url.host, url.port) if url.port else text + str(index)
            problem = None if _is_local(url.host) else "this machine has no such address"
        if place in seen:
            problem = "it listens there already"
        seen.add(place)
        if problem:
            path = _LISTEN if len(listen) == 1 else (*_LISTEN, index)
            yield Mistake(path=path, message=f"the router can't listen on `{text}`: {problem}")


def _is_local(host: str) -> bool:
    """Whether a socket can be bound to that host; a name means its IPv4 addresses, as it does to the router."""
    try:
        found = getaddrinfo(host, None, AF_INET6 if ":" in host else AF_INET)
    except (gaierror, UnicodeError):
        return False
    own = {each.address for addresses in psutil.net_if_addrs().values() for each in addresses}
    addresses = [ip_address(str(address)) for *_, (address, *_) in found]
    return any(each.is_loopback or each.is_unspecified or str(each) in own for each in addresses)


def _problem(path: Path) -> str | None:
    """Why there can be no socket at that path."""
    length = len(os.fsencode(path))
    if length > LONGEST_PATH:
        return f"the path is too long ({length} bytes, at most {LONGEST_PATH})"
    if not path.parent.is_dir():
        return f"there is no folder `{path.parent}`"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"the folder `{path.parent}` can't be written to"
    if os.path.lexists(path) and not stat.S_ISSOCK(path.lstat().st_mode):
        return f"`{path}` exists and is no socket"
    return None
