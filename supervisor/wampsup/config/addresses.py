"""Where HTTP is served over TCP, and to whom the control socket is given: values that the system has to know."""

from __future__ import annotations

import grp
import re
from ipaddress import IPv6Address

from wampsup.config.urls import UrlError
from wampsup.config.words import did_you_mean
from wampsup.model.spec import HttpAddress

ADDRESS_PATTERN = r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$"
HOST_PATTERN = r"^[A-Za-z0-9._-]+$"

_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\[\]]*)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65535
_EXPECTED = "an address and a port such as `127.0.0.1:9100` or `[::1]:9100`"


def parse_address(text: str) -> HttpAddress:
    """Read `HOST:PORT`.

    Raises:
        UrlError: it is something else.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise UrlError(_EXPECTED, _meant(text))
    if int(found["port"]) > _HIGHEST_PORT:
        raise UrlError(f"an address with a port from 0 to {_HIGHEST_PORT}")
    if found["ipv6"] is not None:
        try:
            IPv6Address(found["ipv6"])
        except ValueError:
            raise UrlError(_EXPECTED) from None
    return HttpAddress(found["ipv6"] or found["host"], int(found["port"]))


def is_host(text: str) -> bool:
    """Whether a text may be a host's name, without a port."""
    return re.fullmatch(HOST_PATTERN, text) is not None


def group_id(text: str) -> int:
    """The number of a group that is given by name or by number.

    Raises:
        UrlError: this system has no such group.
    """
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError:
        hint = did_you_mean(text, [each.gr_name for each in grp.getgrall()])
        raise UrlError("a group of this system, or its number", hint) from None


def _meant(text: str) -> str | None:
    bare = text.partition("://")[2].rstrip("/") or text.removeprefix(":")
    meant = f"127.0.0.1:{bare}" if bare.isdecimal() else bare
    return f"did you mean `{meant}`?" if meant != text and _ADDRESS.fullmatch(meant) else None
