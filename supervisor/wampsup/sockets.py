"""What would keep a fleet's sockets from being made, found before anything is opened.

It looks at names, addresses and folders alone: that a port is in use, or that another fleet runs under the name, is
known only to who opens them.
"""

from __future__ import annotations

import os
import stat
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from socket import AF_INET, AF_INET6, SOCK_STREAM, gaierror, getaddrinfo
from typing import TYPE_CHECKING

import psutil

from wampsup.config.permissions import risks_of
from wampsup.config.urls import SERVER_SCHEMES, UnixUrl, parse_url
from wampsup.control.peer import check_member
from wampsup.control.place import (
    LOCK,
    LONGEST_PATH,
    beside,
    check_length,
    check_private,
    runtime_folder,
    socket_path,
)
from wampsup.errors import WampsupError
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wampsup.model.spec import FleetSpec, HttpAddress, SupervisorSpec

_LISTEN = ("router", "listen")
_SOCKET = ("supervisor", "socket")
_GROUP = ("supervisor", "socket_group")
_TAKEN = "something of this fleet is there already"


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


def socket_places(spec: FleetSpec, environ: Mapping[str, str]) -> list[str]:
    """Where the control socket, its locks, and the embedded router's sockets lie, as far as these can be made."""
    urls = (
        parse_url(text, schemes=SERVER_SCHEMES, lowest_port=0) for text in (spec.router.listen if spec.router else ())
    )
    listening = [url.path for url in urls if isinstance(url, UnixUrl)]
    try:
        folder, socket = control_socket(spec.supervisor, environ)
    except WampsupError:
        return listening
    return [socket, *_locks(folder, socket, spec.supervisor.name), *listening]


def _locks(folder: str, socket: str, name: str) -> list[str]:
    return [beside(path, LOCK) for path in (socket, socket_path(folder, name))]


def socket_mistakes(spec: FleetSpec, environ: Mapping[str, str]) -> Iterator[Mistake]:
    """What is wrong with the places of the control socket and of the embedded router's."""
    at = _SOCKET if spec.supervisor.socket else ("supervisor", "name")
    taken: list[str] = []
    try:
        folder, socket = control_socket(spec.supervisor, environ)
        taken = [socket, *_locks(folder, socket, spec.supervisor.name)]
        _check_folder(folder)
        yield from _place_mistakes(spec.supervisor)
        problem = _problem(Path(socket), may_come=spec.supervisor.socket is None) or _lock_problem(taken[1:])
        if problem:
            yield Mistake(path=at, message=f"the control socket can't be `{socket}`: {problem}")
    except WampsupError as error:
        yield Mistake(path=at, message=error.message, hint=error.hint)
    hosts: dict[int, set[str]] = {}
    yield from _router_mistakes(spec.router.listen if spec.router else (), taken, hosts)
    yield from _http_mistakes(spec.supervisor.http, hosts)


def check_place(spec: SupervisorSpec) -> None:
    """Check the folder of a control socket that lies where the file says, and who is to come to it.

    Raises:
        WampsupError: others could put another socket in its place, or its group can't reach it.
    """
    for mistake in _place_mistakes(spec):
        raise WampsupError(mistake.message, hint=mistake.hint)


def _place_mistakes(spec: SupervisorSpec) -> Iterator[Mistake]:
    if spec.socket is None:
        return
    folder, group = spec.socket.parent, spec.socket_group
    for risk in risks_of((), (folder,), os.geteuid()):
        message = f"{risk.message}, and so put another socket in the place of the control socket"
        yield Mistake(path=_SOCKET, message=message, hint=risk.hint)
    if group is None:
        return
    try:
        check_member(group)
    except WampsupError as error:
        yield Mistake(path=_GROUP, message=error.message, hint=error.hint)
    shut = (each for each in (folder, *folder.parents) if each.is_dir() and not _lets_in(each.stat(), group))
    for each in shut:
        message = f"group {group} can't enter the folder `{each}`, in which the control socket lies"
        yield Mistake(path=_SOCKET, message=message, hint=f"chgrp {group} {each} && chmod g+x {each}")


def _lets_in(folder: os.stat_result, group: int) -> bool:
    return bool(folder.st_mode & (stat.S_IXGRP if folder.st_gid == group else stat.S_IXOTH))


def _check_folder(folder: str) -> None:
    """Check the runtime folder, or that it can be made.

    Raises:
        WampsupError: it is none, or others can look into it; or it can't be made.
    """
    if os.path.lexists(folder):
        check_private(folder)
        return
    nearest = next(above for above in Path(folder).parents if os.path.lexists(above))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise WampsupError(f"cannot make the folder `{folder}`: `{nearest}` takes none")


def _lock_problem(locks: Sequence[str]) -> str | None:
    wrong = (path for path in locks if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)))  # noqa: PTH113, PTH114
    return next((f"its lock `{path}` exists and is no file" for path in wrong), None)


def _http_mistakes(http: HttpAddress | None, hosts: dict[int, set[str]]) -> Iterator[Mistake]:
    problem = http and _host_problem(http.host, http.port, hosts)
    if problem:
        yield Mistake(path=("supervisor", "http"), message=f"HTTP can't be served on `{http}`: {problem}")


def _router_mistakes(listen: Sequence[str], taken: Sequence[str], hosts: dict[int, set[str]]) -> Iterator[Mistake]:
    paths = {os.path.realpath(path) for path in taken}
    for index, text in enumerate(listen):
        url = parse_url(text, schemes=SERVER_SCHEMES, lowest_port=0)
        if isinstance(url, UnixUrl):
            problem = _problem(Path(url.path)) or _twice(os.path.realpath(url.path), paths)
        else:
            problem = _host_problem(url.host, url.port, hosts)
        if problem:
            path = _LISTEN if len(listen) == 1 else (*_LISTEN, index)
            yield Mistake(path=path, message=f"the router can't listen on `{text}`: {problem}")


def _twice(path: str, paths: set[str]) -> str | None:
    if path in paths:
        return _TAKEN
    paths.add(path)
    return None


def _host_problem(host: str, port: int, hosts: dict[int, set[str]]) -> str | None:
    """What is wrong with an address, where the fleet listens on `hosts` by port, to which it is added."""
    addresses = _addresses(host)
    if not any(map(_is_local, addresses)):
        return "this machine has no such address"
    new, known = {str(address) for address in addresses}, hosts.setdefault(port, set())
    both = known | new
    overlaps = bool(known & new) or (bool(known) and any(ip_address(each).is_unspecified for each in both))
    known |= new
    return _TAKEN if port and overlaps else None


def _addresses(host: str) -> list[IPv4Address | IPv6Address]:
    """The addresses of a host; a name means its IPv4 addresses, as it does to the router."""
    try:
        found = getaddrinfo(host, None, AF_INET6 if ":" in host else AF_INET, SOCK_STREAM)
    except (gaierror, UnicodeError):
        return []
    return [_unmapped(ip_address(str(address).partition("%")[0])) for *_, (address, *_) in found]


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return getattr(address, "ipv4_mapped", None) or address


def _is_local(address: IPv4Address | IPv6Address) -> bool:
    """Whether a socket can be bound to that address."""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return True
    own = {each.address.partition("%")[0] for addresses in psutil.net_if_addrs().values() for each in addresses}
    return str(address) in own


def _problem(path: Path, *, may_come: bool = False) -> str | None:
    """Why there can be no socket at that path; its folder may come later, where that is so."""
    length = len(os.fsencode(path))
    if length > LONGEST_PATH:
        return f"the path is too long ({length} bytes, at most {LONGEST_PATH})"
    if may_come and not os.path.lexists(path.parent):
        return None
    if not path.parent.is_dir():
        return f"there is no folder `{path.parent}`"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"the folder `{path.parent}` can't be written to"
    if os.path.lexists(path) and not stat.S_ISSOCK(path.lstat().st_mode):
        return f"`{path}` exists and is no socket"
    return None
