"""Certificates for tests, made when asked for: an authority, one under it, and what they sign."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.timedelta(days=1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

Days = tuple[float, float]
"""From when to when something is valid, from now on."""

VALID: Days = (-1, 1)
EXPIRED: Days = (-3, -1)
NOT_YET_VALID: Days = (1, 3)


class Authority:
    """A certificate authority; `path` is its own certificate, signed by `above` or by itself."""

    def __init__(
        self, folder: Path, name: str = "authority", *, above: Authority | None = None, valid: Days = VALID
    ) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.name = _common(name)
        self._above = above
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        certificate = (above or self).issue(self.name, self._key.public_key(), constraints, valid=valid)
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(_pem(certificate))

    def sign(self, *names: str, valid: Days = VALID, file: str | None = None, for_clients: bool = False) -> Path:
        """A file with a certificate for these names or addresses, its key, and the certificates between it and a root.

        It is called `file`, by default after the first name.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        extensions: list[x509.ExtensionType] = [x509.SubjectAlternativeName([_general_name(name) for name in names])]
        if for_clients:
            extensions.append(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
        certificate = self.issue(_common(names[0]), key.public_key(), *extensions, valid=valid)
        path = self._folder / (file or f"{names[0].replace(':', '_')}.pem")
        chain = b"" if self._above is None else self.path.read_bytes()
        path.write_bytes(_pem(certificate) + _key_pem(key) + chain)
        return path

    def certify(self, name: str, key: Key) -> bytes:
        """A certificate for a key that was made elsewhere, and the key."""
        return _pem(self.issue(_common(name), key.public_key(), valid=VALID)) + _key_pem(key)

    def issue(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        *extensions: x509.ExtensionType,
        valid: Days,
    ) -> x509.Certificate:
        """A certificate."""
        return _issue(self.name, subject, self._key, key, *extensions, valid=valid)


def self_signed(folder: Path, name: str) -> Path:
    """A file with a key and a certificate that nobody but itself has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_general_name(name)])
    path = folder / f"{name}-alone.pem"
    path.write_bytes(_pem(_issue(_common(name), _common(name), key, key.public_key(), names)) + _key_pem(key))
    return path


def split(both: Path, *, password: bytes | None = None) -> tuple[Path, Path]:
    """What `sign` has made as two files: the certificates, and the key, encrypted where there is a password."""
    content = both.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    certificates, private = both.with_suffix(".crt"), both.with_suffix(".key")
    certificates.write_bytes(b"".join(map(_pem, x509.load_pem_x509_certificates(content))))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    private.write_bytes(_key_pem(key, password))
    return certificates, private


def _issue(
    issuer: x509.Name,
    subject: x509.Name,
    signing: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    *extensions: x509.ExtensionType,
    valid: Days = VALID,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid[0] * DAY)
        .not_valid_after(now + valid[1] * DAY)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signing, hashes.SHA256())


def _common(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key, password: bytes | None = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
