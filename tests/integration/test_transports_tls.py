"""TLS with a real Crossbar.io, as a fleet file asks for it: roots of the system's and others, names, certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from OpenSSL import crypto
from twisted.internet.ssl import CertificateOptions, PrivateCertificate
from twisted.protocols.portforward import ProxyFactory
from twisted.protocols.tls import TLSMemoryBIOFactory

from support.command import fleet as running_fleet
from support.files import unix_path, write_fleet, write_module
from support.reactor import reactor
from support.tls import Authority, split
from support.ways import over, problem_over, protocol_of, way
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run

pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL (X509|PKey) objects:DeprecationWarning")


def is_secure(session: Any) -> bool:
    return bool(protocol_of(session)._transport_details.is_secure)


def table(url: str, tls: str, *, host: str = "127.0.0.1") -> str:
    """The keys of a transport to that URL's port on `host`, with these keys of `tls`."""
    port = url.rpartition(":")[2].partition("/")[0]
    return f'url = "{url}", endpoint = {{ host = "{host}", port = {port}, tls = {{ {tls} }} }}'


@pytest.mark.parametrize("kind", ["websocket", "rawsocket", "websocket over IPv6"])
def test_it_joins_over_tls(run: Run, transports_crossbar: TransportsCrossbar, kind: str) -> None:
    url, host = {
        "websocket": (transports_crossbar.tls_url, "127.0.0.1"),
        "rawsocket": (transports_crossbar.tls_rawsocket_url, "127.0.0.1"),
        "websocket over IPv6": (transports_crossbar.tls6_url, "::1"),
    }[kind]
    root = f'trust_root = "{transports_crossbar.authority.path}"'
    assert run(lambda: over(way(table(url, root, host=host)), is_secure))


def test_it_takes_several_trust_files(run: Run, transports_crossbar: TransportsCrossbar, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other").path
    roots = f'trust_root = ["{other}", "{transports_crossbar.authority.path}"]'
    assert run(lambda: over(way(table(transports_crossbar.tls_url, roots)), is_secure))


def test_it_expects_the_hostname_and_asks_for_it(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    root = f'trust_root = "{transports_crossbar.authority.path}"'
    made = way(table(transports_crossbar.tls_url, f'hostname = "router.example", {root}'))
    name = run(lambda: over(made, lambda session: protocol_of(session).transport.getHandle().get_servername()))
    assert name == b"router.example"
    made = way(table(transports_crossbar.tls_url, f'hostname = "kettle.example", {root}'))
    problem = run(lambda: problem_over(made))
    assert problem.kind is Kind.TLS
    assert problem.message == (
        "the router's certificate is not for `kettle.example`: it is for `router.example`, `127.0.0.1`, `::1`"
    )


@pytest.mark.parametrize("files", ["one file", "two files"])
def test_it_shows_its_certificate(run: Run, transports_crossbar: TransportsCrossbar, files: str) -> None:
    root = f'trust_root = "{transports_crossbar.authority.path}"'
    certificate, key = split(transports_crossbar.client)
    own = f'certificate = "{transports_crossbar.client}"'
    if files == "two files":
        own = f'certificate = "{certificate}", key = "{key}"'
    assert run(lambda: over(way(table(transports_crossbar.strict_url, f"{root}, {own}")), is_secure))


def test_the_router_asks_for_a_certificate(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = way(table(transports_crossbar.strict_url, f'trust_root = "{transports_crossbar.authority.path}"'))
    problem = run(lambda: problem_over(made))
    assert problem.kind is Kind.TLS
    assert problem.message == "the router asks for a client certificate, and there is none (certificate required)"


@pytest.mark.parametrize("tls", ["true", "by the url"])
def test_the_url_or_the_endpoint_asks_for_tls(
    run: Run, transports_crossbar: TransportsCrossbar, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(transports_crossbar.authority.path))
    port = transports_crossbar.tls_url.rpartition(":")[2].partition("/")[0]
    key, scheme = ("", "wss") if tls == "by the url" else (", tls = true", "ws")
    made = f'url = "{scheme}://router.example/ws", endpoint = {{ host = "127.0.0.1", port = {port}{key} }}'
    assert run(lambda: over(way(made), is_secure))


def test_an_endpoint_may_say_that_there_is_no_tls(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    """As where somebody else on this host takes care of it."""
    port = transports_crossbar.websocket_port
    made = f'url = "wss://router.example/ws", endpoint = {{ host = "127.0.0.1", port = {port}, tls = false }}'
    assert not run(lambda: over(way(made), is_secure))


@pytest.mark.parametrize("kind", ["websocket", "rawsocket"])
@pytest.mark.parametrize("named", ["by the url", "by hostname"])
def test_it_speaks_tls_over_a_unix_socket(
    run: Run, transports_crossbar: TransportsCrossbar, kind: str, named: str
) -> None:
    """Crossbar.io has no TLS there: something in front of it takes it off."""
    websocket = kind == "websocket"
    root = f'trust_root = "{transports_crossbar.authority.path}"'

    async def scenario(path: Path) -> bool:
        own = PrivateCertificate.loadPEM(transports_crossbar.authority.sign("router.example").read_bytes())
        to = transports_crossbar.websocket_port if websocket else transports_crossbar.rawsocket_port
        front: Any = ProxyFactory("127.0.0.1", to)
        front.noisy = front.protocol.clientProtocolFactory.noisy = False
        options: Any = CertificateOptions(privateKey=own.privateKey.original, certificate=own.original)
        port = reactor.listenUNIX(str(path), TLSMemoryBIOFactory(options, isClient=False, wrappedFactory=front))
        if named == "by the url":
            url = "wss://router.example/ws" if websocket else "rss://router.example:1"
            made = f'url = "{url}", endpoint = {{ path = "{path}", tls = {{ {root} }} }}'
        else:
            url = 'url = "ws://kettle.example/ws"' if websocket else 'type = "rawsocket"'
            made = f'{url}, endpoint = {{ path = "{path}", tls = {{ hostname = "router.example", {root} }} }}'
        secure = await over(way(made), is_secure)
        await port.stopListening()
        assert isinstance(secure, bool)
        return secure

    with unix_path() as path:
        assert run(lambda: scenario(path))


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_it_trusts_what_the_system_trusts(
    transports_crossbar: TransportsCrossbar, tmp_path: Path, variable: str
) -> None:
    authority = transports_crossbar.authority.path
    name = crypto.load_certificate(crypto.FILETYPE_PEM, authority.read_bytes()).subject_name_hash()
    trusted, empty = tmp_path / "trusted", tmp_path / "empty"
    trusted.mkdir()
    empty.mkdir()
    (trusted / f"{name:08x}.0").write_bytes(authority.read_bytes())
    env = {"SSL_CERT_FILE": str(empty / "none"), "SSL_CERT_DIR": str(empty)}
    write_module(tmp_path, "async def main(reactor, session):\n    print('joined')\n")
    made = f'[components.c]\nmain = "parts:main"\ntransports = "{transports_crossbar.tls_url}"\n'
    path = write_fleet(tmp_path, made)
    with running_fleet(path, env=env) as fleet:
        shown = fleet.until("c", "reconnecting")
    assert shown["last_error"]["kind"] == "tls"
    assert "was issued by `authority`, which is not trusted" in shown["last_error"]["message"]
    trusting = str(authority) if variable == "SSL_CERT_FILE" else str(trusted)
    with running_fleet(path, env=env | {variable: trusting}) as fleet:
        fleet.until("c", "completed")


def test_a_renewed_root_is_seen_by_the_next_attempt(
    run: Run, transports_crossbar: TransportsCrossbar, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(Authority(tmp_path, "other").path.read_bytes())
    made = way(table(transports_crossbar.tls_url, f'trust_root = "{root}"'))
    assert run(lambda: problem_over(made)).kind is Kind.TLS
    root.write_bytes(transports_crossbar.authority.path.read_bytes())
    assert run(lambda: over(made, is_secure))
