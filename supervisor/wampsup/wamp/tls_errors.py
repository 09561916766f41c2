"""What a failure of TLS means: what is wrong with which certificate, who refused whom, or that nobody speaks TLS here.

OpenSSL's own words ("certificate verify failed") hold none of it. The certificates that the router has shown are still
there when its connection is lost, so they are looked at once more.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import SSL, crypto
from service_identity.exceptions import VerificationError
from twisted.internet import error
from twisted.protocols.tls import TLSMemoryBIOProtocol

from wampsup.config.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED = 9, 10, 18
_UNKNOWN_ISSUER = frozenset({2, 19, 20, 21})
"""OpenSSL's X509_V_ERR_*: no issuer's certificate, a root of the router's own, no local issuer, a lone leaf."""

_ALERT = re.compile(r"\balert (?P<said>.+)")
_ABOUT_CERTIFICATE = frozenset(
    {
        "access denied",
        "bad certificate",
        "certificate expired",
        "certificate required",
        "certificate revoked",
        "certificate unknown",
        "unknown ca",
        "unsupported certificate",
    }
)
_NO_TLS = frozenset(
    {"wrong version number", "packet length too long", "http request", "unexpected message", "bad record type"}
)
_TLS_ALERT = b"\x15\x03"


def explain(protocol: Any, exception: BaseException) -> str | None:
    """One sentence where `exception`, by which the connection of `protocol` was lost, has to do with TLS."""
    if not uses_tls(protocol):
        return _speaks_tls(protocol)
    handle: SSL.Connection | None = protocol.transport.getHandle()
    if handle is None:  # the end was told before the beginning
        return None
    match exception:
        case VerificationError():
            return _wrong_name(exception, handle)
        case SSL.Error():
            return _ssl_error(handle, [reason for *_, reason in exception.args[0]] if exception.args else [])
        case error.ConnectionDone() | error.ConnectionLost() if handle.get_peer_finished() is None:
            return "the router closed the connection during the TLS handshake: does it speak TLS on this port?"
    return None


def uses_tls(protocol: Any) -> bool:
    """Whether this side has begun to speak TLS."""
    return isinstance(getattr(protocol, "transport", None), TLSMemoryBIOProtocol)


def _speaks_tls(protocol: Any) -> str | None:
    """Whether a router that was spoken to in the clear has answered with an alert of TLS."""
    heard = getattr(protocol, "data", None) or getattr(protocol, "_handshake_bytes", None) or b""
    if not heard.startswith(_TLS_ALERT):
        return None
    return "the router speaks TLS on this port, and this transport does not: its URL would begin with `wss` or `rss`"


def _ssl_error(handle: SSL.Connection, reasons: list[str]) -> str | None:
    for reason in reasons:
        alert = _ALERT.search(reason)
        if alert is not None:
            return _refused(alert["said"], handle.get_certificate())
        if reason in _NO_TLS:
            return f"what answers on this port does not speak TLS ({reason})"
        if reason == "certificate verify failed":
            return _not_verified(handle)
    return None


def _refused(said: str, own: crypto.X509 | None) -> str:
    if said not in _ABOUT_CERTIFICATE:
        return f"the router refused the TLS connection ({said})"
    if own is None and said == "certificate required":
        return f"the router asks for a client certificate, and there is none ({said})"
    if own is None:
        return f"the router refused the TLS connection without a client certificate ({said})"
    certificate = own.to_cryptography()
    over = f", which expired on {_time(certificate.not_valid_after_utc)}" if _is_over(certificate) else ""
    return f"the router refused the client certificate `{_name(certificate.subject)}`{over} ({said})"


def _wrong_name(exception: VerificationError, handle: SSL.Connection) -> str:
    wanted = [_wanted(mismatch.mismatched_id) for mismatch in exception.errors]
    names = [*_names(chain[0].to_cryptography())] if (chain := handle.get_peer_cert_chain()) else []
    has = f"it is for {listed(names)}" if names else "it names no host"
    return f"the router's certificate is not for {' or '.join(f'`{each}`' for each in wanted)}: {has}"


def _wanted(identity: Any) -> str:
    hostname: bytes | None = getattr(identity, "hostname", None)
    return str(identity.ip) if hostname is None else hostname.decode()


def _not_verified(handle: SSL.Connection) -> str | None:
    shown, store = handle.get_peer_cert_chain(), handle.get_context().get_cert_store()
    if not shown or store is None:
        return None
    leaf = shown[0].to_cryptography()
    try:
        crypto.X509StoreContext(store, shown[0], shown[1:]).verify_certificate()
    except crypto.X509StoreContextError as failed:
        number, _, said = failed.errors
        return _not_trusted(leaf, failed.certificate.to_cryptography(), int(number), str(said))
    if not _is_for_servers(leaf):
        return f"the router's certificate `{_name(leaf.subject)}` is not meant for servers"
    return f"the router's certificate `{_name(leaf.subject)}` was not accepted"


def _not_trusted(leaf: x509.Certificate, wrong: x509.Certificate, number: int, said: str) -> str:
    name = _name(wrong.subject)
    which = "the router's certificate" if wrong == leaf else "in the chain of the router's certificate,"
    if number == _EXPIRED:
        return f"{which} `{name}` expired on {_time(wrong.not_valid_after_utc)}"
    if number == _NOT_YET_VALID:
        return f"{which} `{name}` is not valid before {_time(wrong.not_valid_before_utc)}"
    if number == _SELF_SIGNED:
        return f"{which} `{name}` is signed by nobody but itself, and is not trusted"
    if number in _UNKNOWN_ISSUER:
        return f"{which} `{name}` was issued by `{_name(wrong.issuer)}`, which is not trusted"
    return f"{which} `{name}` was not accepted: {said}"


def _is_over(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc < datetime.now(UTC)


def _is_for_servers(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def _names(certificate: x509.Certificate) -> Iterator[str]:
    """The hosts and addresses that a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return
    yield from found.get_values_for_type(x509.DNSName)
    yield from map(str, found.get_values_for_type(x509.IPAddress))


def _name(name: x509.Name) -> str:
    """The common name, where there is one, else all of it."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _time(moment: datetime) -> str:
    return moment.isoformat(sep=" ").replace("+00:00", " UTC")
