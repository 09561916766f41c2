"""The exact words of every mistake in the files that TLS needs, each at its own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from support.tls import EXPIRED, Authority, split
from support.ways import mistakes_in

if TYPE_CHECKING:
    from pathlib import Path

URL = "wss://router.example/ws"
WHERE = f"in transport `{URL}` of component `c`"


def found(tls: str) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    made = f'url = "{URL}", endpoint = {{ host = "127.0.0.1", port = 1, tls = {{ {tls} }} }}'
    mistakes = mistakes_in(made)
    assert all(mistake.path[:6] == ("components", "c", "transports", 0, "endpoint", "tls") for mistake in mistakes)
    return [(mistake.path[6:], mistake.message, mistake.hint) for mistake in mistakes]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    authority = Authority(tmp_path)
    client = authority.sign("kettle.example")
    certificate, key = split(client)
    _, other_key = split(authority.sign("other.example"))
    locked = authority.sign("locked.example")
    locked_certificate, locked_key = split(locked, password=b"k3ttle")
    text, broken, broken_key = (tmp_path / name for name in ("text", "broken", "broken.key"))
    text.write_text("kettle")
    broken.write_bytes(certificate.read_bytes().replace(b"MII", b"MIJ"))
    broken_key.write_bytes(key.read_bytes().replace(b"MIG", b"MIH"))
    return {
        "root": authority.path,
        "both": client,
        "certificate": certificate,
        "key": key,
        "other_key": other_key,
        "locked_certificate": locked_certificate,
        "locked_key": locked_key,
        "text": text,
        "broken": broken,
        "broken_key": broken_key,
        "folder": tmp_path,
        "missing": tmp_path / "missing",
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "cannot read `FILE`: no such file or directory"),
        ("folder", "`FILE` is no file"),
        ("text", "`FILE` holds no certificate in PEM format"),
        ("key", "`FILE` holds a private key, but no certificate"),
        ("broken", "`FILE` holds a certificate that is damaged"),
    ],
)
@pytest.mark.parametrize("key", ["trust_root", "certificate"])
def test_a_file_that_holds_no_certificate(files: dict[str, Path], key: str, name: str, said: str) -> None:
    words = f"`tls.{key}` {WHERE}: {said.replace('FILE', str(files[name]))}"
    assert found(f'{key} = "{files[name]}"') == [((key,), words, None)]


def test_one_of_several_roots_is_told(files: dict[str, Path]) -> None:
    roots = f'trust_root = ["{files["root"]}", "{files["text"]}", "{files["missing"]}"]'
    assert [path for path, *_ in found(roots)] == [("trust_root", 1), ("trust_root", 2)]


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        ("certificate", "missing", "cannot read `FILE`: no such file or directory"),
        ("certificate", "text", "`FILE` holds no private key in PEM format"),
        ("certificate", "certificate", "`FILE` holds no private key in PEM format"),
        ("certificate", "broken_key", "`FILE` holds a private key that is damaged"),
        ("certificate", "other_key", "the private key in `FILE` does not belong to the certificate"),
    ],
)
def test_a_file_that_holds_no_key(files: dict[str, Path], certificate: str, key: str, said: str) -> None:
    tls = f'certificate = "{files[certificate]}", key = "{files[key]}"'
    assert found(tls) == [(("key",), f"`tls.key` {WHERE}: {said.replace('FILE', str(files[key]))}", None)]


def test_an_encrypted_key_is_refused_and_asks_for_nothing(files: dict[str, Path]) -> None:
    tls = f'certificate = "{files["locked_certificate"]}", key = "{files["locked_key"]}"'
    assert found(tls) == [
        (
            ("key",),
            f"`tls.key` {WHERE}: the private key in `{files['locked_key']}` is encrypted",
            "no passphrase is asked for: `openssl pkey -in KEY -out PLAIN` takes it away",
        )
    ]


def test_a_certificate_without_a_key_in_its_file_needs_one(files: dict[str, Path]) -> None:
    assert found(f'certificate = "{files["certificate"]}"') == [
        (
            ("certificate",),
            f"`tls.certificate` {WHERE}: `{files['certificate']}` holds no private key in PEM format",
            None,
        )
    ]


def test_both_files_may_be_wrong(files: dict[str, Path]) -> None:
    tls = f'certificate = "{files["text"]}", key = "{files["missing"]}", trust_root = "{files["text"]}"'
    assert [path for path, *_ in found(tls)] == [("trust_root",), ("certificate",), ("key",)]


def test_one_file_may_hold_both(files: dict[str, Path]) -> None:
    assert found(f'certificate = "{files["both"]}"') == []


def test_a_key_that_is_too_short_for_openssl(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    both = tmp_path / "short.pem"
    both.write_bytes(Authority(tmp_path).certify("kettle.example", key))
    assert found(f'certificate = "{both}"') == [
        (("certificate",), f"`tls.certificate` {WHERE}: OpenSSL does not take `{both}`: ee key too small", None)
    ]


def test_a_host_that_can_not_be(files: dict[str, Path]) -> None:
    long = "x" * 64
    assert found(f'hostname = "{long}.example"') == [
        (("hostname",), f"there can't be a host `{long}.example`, as {WHERE.removeprefix('in ')} names it", None)
    ]


@pytest.mark.parametrize(
    ("table", "at", "said"),
    [
        (
            'url = "ws://a..b"',
            ("url",),
            "there can't be a host `a..b`, as transport `ws://a..b` of component `c` names it",
        ),
        (
            'url = "wss://h", endpoint = { host = "-h", port = 1 }',
            ("endpoint", "host"),
            "there can't be a host `-h`, as transport `wss://h` of component `c` names it",
        ),
        (
            'url = "ws://h", proxy = { host = "a b", port = 1 }',
            ("proxy", "host"),
            "there can't be a host `a b`, as `proxy` of transport `ws://h` of component `c` names it",
        ),
    ],
)
def test_a_name_that_no_host_can_have(table: str, at: tuple[str, ...], said: str) -> None:
    (mistake,) = mistakes_in(table)
    assert mistake.path == ("components", "c", "transports", 0, *at)
    assert mistake.message == said


@pytest.mark.parametrize("host", ["my_service", "k\u00f6ln.example", "::1", "127.0.0.1"])
def test_a_name_that_a_host_can_have(host: str) -> None:
    assert mistakes_in(f'url = "ws://h", endpoint = {{ host = "{host}", port = 1 }}') == []


def test_an_expired_certificate_is_the_routers_to_refuse(tmp_path: Path) -> None:
    """A clock may be wrong, and a certificate that ends while a fleet runs must not keep it from reloading."""
    expired = Authority(tmp_path).sign("kettle.example", valid=EXPIRED)
    assert found(f'certificate = "{expired}"') == []
