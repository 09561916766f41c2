"""A client's side of TLS: from the files that a fleet file names to Twisted's options, and what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from OpenSSL import SSL, crypto
from twisted.internet import ssl

from wampsup.model.spec import Mistake
from wampsup.wamp.problem import message_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wampsup.model.spec import TlsSpec

_KEY = re.compile(rb"-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"

_DECRYPT = "no passphrase is asked for: `openssl pkey -in KEY -out PLAIN` takes it away"


class TlsFileError(ValueError):
    """A file that does not hold what TLS needs of it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def client_options(tls: TlsSpec, host: str) -> Any:
    """Twisted's options for a router of that name, where `tls` doesn't give another; the files are read anew.

    Raises:
        OSError: a file can't be read.
        TlsFileError: a file does not hold what it should.
        UnicodeError: there can't be such a host.
    """
    trusted = [crypto.X509.from_cryptography(each) for path in tls.trust_root for each in read_certificates(path)]
    roots = [ssl.Certificate(each) for each in trusted]
    return ssl.optionsForClientTLS(
        tls.hostname or host,
        trustRoot=ssl.trustRootFromCertificates(roots) if roots else None,
        extraCertificateOptions={} if tls.certificate is None else _own(tls.certificate, tls.key),
    )


def tls_mistakes(tls: TlsSpec, host: str, where: str) -> Iterator[Mistake]:
    """What is wrong with `tls`, or with the name that is looked for, each at its place from the transport on."""
    for index, path in enumerate(tls.trust_root):
        at = ("trust_root",) if len(tls.trust_root) == 1 else ("trust_root", index)
        yield from _file_mistakes(at, where, lambda path=path: read_certificates(path))
    if tls.certificate is not None:
        wrong = [*_file_mistakes(("certificate",), where, lambda: read_certificates(tls.certificate))]
        certificate = None if wrong else read_certificates(tls.certificate)[0]
        at = ("key",) if tls.key else ("certificate",)
        if tls.key or not wrong:
            wrong += _file_mistakes(at, where, lambda: read_key(tls.key or tls.certificate, certificate))
        yield from wrong or _file_mistakes(("certificate",), where, lambda: _try_own(tls.certificate, tls.key))
    try:
        ssl.optionsForClientTLS(tls.hostname or host)
    except UnicodeError:
        message = f"there can't be a host `{tls.hostname or host}`, as {where} names it"
        yield Mistake(path=("endpoint", "tls", "hostname") if tls.hostname else ("url",), message=message)


def read_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file, one at least.

    Raises:
        OSError: the file can't be read.
        TlsFileError: there is none in it, or one that is damaged.
    """
    content = _read(path)
    if _CERTIFICATE not in content:
        other = "a private key, but no certificate" if _KEY.search(content) else "no certificate in PEM format"
        raise TlsFileError(f"`{path}` holds {other}")
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise TlsFileError(f"`{path}` holds a certificate that is damaged") from None


def read_key(path: Path, certificate: x509.Certificate | None = None) -> Any:
    """The private key in a PEM file, where it belongs to `certificate`.

    Raises:
        OSError: the file can't be read.
        TlsFileError: there is none in it, it is damaged or encrypted, or belongs to another certificate.
    """
    found = _KEY.search(_read(path))
    if found is None:
        raise TlsFileError(f"`{path}` holds no private key in PEM format")
    try:
        key = load_pem_private_key(found[0], None)
    except TypeError:
        raise TlsFileError(f"the private key in `{path}` is encrypted", _DECRYPT) from None
    except Exception:  # noqa: BLE001 - one of several, and whatever it says is of no use to a person
        raise TlsFileError(f"`{path}` holds a private key that is damaged") from None
    if certificate is not None and _public(key.public_key()) != _public(certificate.public_key()):
        raise TlsFileError(f"the private key in `{path}` does not belong to the certificate")
    return key


def _own(certificate: Path, key: Path | None) -> dict[str, Any]:
    """What makes the client's own certificate, as `CertificateOptions` takes it."""
    first, *chain = read_certificates(certificate)
    return {"certificate": first, "privateKey": read_key(key or certificate, first), "extraCertChain": chain}


def _try_own(certificate: Path, key: Path | None) -> None:
    """Let OpenSSL look at it, which has an opinion on how long keys must be."""
    try:
        ssl.CertificateOptions(**_own(certificate, key)).getContext()
    except SSL.Error as error:
        raise TlsFileError(f"OpenSSL does not take `{certificate}`: {message_of(error)}") from None


def _file_mistakes(at: tuple[str | int, ...], where: str, read: Any) -> Iterator[Mistake]:
    path = ("endpoint", "tls", *at)
    try:
        read()
    except OSError as error:
        said = (error.strerror or "it can't be opened").lower()
        yield Mistake(path=path, message=f"`tls.{at[0]}` in {where}: cannot read `{error.filename}`: {said}")
    except TlsFileError as error:
        yield Mistake(path=path, message=f"`tls.{at[0]}` in {where}: {error}", hint=error.hint)


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise TlsFileError(f"`{path}` is no file")  # one that never ends, say
    return path.read_bytes()


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
