"""TLS as a bare Component can't do it, IPv6, client certificates and several roots; and what its errors say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.ssl import Certificate, PrivateCertificate

from support.peer import Peer
from support.reactor import reactor, until
from support.supervised import Supervised, component, stays, transport
from support.tls import Authority
from wampsup.model.spec import TcpEndpoint, TlsSpec
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from support.reactor import Run
    from wampsup.model.spec import TransportSpec

# Twisted's own use of pyOpenSSL.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL (X509|PKey) objects:DeprecationWarning")

each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])


class Secure:
    """A router that speaks TLS, on loopback; it wants a client certificate where `clients` is who signs them."""

    def __init__(
        self, way: str, certificate: Path, *, interface: str = "127.0.0.1", clients: Authority | None = None
    ) -> None:
        self.peer = Peer()
        own = PrivateCertificate.loadPEM(certificate.read_bytes())
        options = own.options(*([Certificate.loadPEM(clients.path.read_bytes())] if clients else []))
        self._port = reactor.listenSSL(0, self.peer.server(way), options, interface=interface)
        self._way = way
        self._host = interface

    def transport(self, **tls: Any) -> TransportSpec:
        """The way to it, with this TLS."""
        number = self._port.getHost().port
        host = f"[{self._host}]" if ":" in self._host else self._host
        made = transport(f"wss://{host}:{number}/ws" if self._way == "websocket" else f"rss://{host}:{number}")
        assert isinstance(made.endpoint, TcpEndpoint)
        return replace(made, endpoint=replace(made.endpoint, tls=TlsSpec(**tls)))

    async def close(self) -> None:
        await self._port.stopListening()
        await until(lambda: not self.peer.open_clients)


async def runs(secure: Secure, **tls: Any) -> None:
    fleet = Supervised(component(secure.transport(**tls), main=stays)).start()
    await fleet.until("running")
    await fleet.stop()
    await secure.close()


@each_way
def test_it_trusts_the_root_it_was_given(run: Run, tmp_path: Path, way: str) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")
    run(lambda: runs(Secure(way, certificate), trust_root=(authority.path,)))


def test_it_expects_the_name_it_was_given(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("router.example")
    run(lambda: runs(Secure("websocket", certificate), trust_root=(authority.path,), hostname="router.example"))


@each_way
def test_it_speaks_tls_over_ipv6(run: Run, tmp_path: Path, way: str) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("::1")
    run(lambda: runs(Secure(way, certificate, interface="::1"), trust_root=(authority.path,)))


@pytest.mark.parametrize("in_one_file", [True, False])
def test_it_takes_several_roots(run: Run, tmp_path: Path, in_one_file: bool) -> None:  # noqa: FBT001 - a parameter
    other, authority = Authority(tmp_path, "other"), Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")
    both = tmp_path / "both.pem"
    both.write_bytes(other.path.read_bytes() + authority.path.read_bytes())
    roots = (both,) if in_one_file else (other.path, authority.path)
    run(lambda: runs(Secure("rawsocket", certificate), trust_root=roots))


def test_it_shows_its_client_certificate(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, client = authority.sign("127.0.0.1"), authority.sign("kettle.example")
    run(lambda: runs(Secure("rawsocket", server, clients=authority), trust_root=(authority.path,), certificate=client))


async def refused(secure: Secure, words: str, **tls: Any) -> None:
    fleet = Supervised(component(secure.transport(**tls), main=stays)).start()
    await fleet.until("reconnecting")
    problem = fleet.problem()
    assert problem.kind is Kind.TLS, problem
    assert words in problem.message, problem
    await fleet.stop()
    await secure.close()


@each_way
def test_an_unknown_issuer_is_a_tls_error(run: Run, tmp_path: Path, way: str) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    certificate = authority.sign("127.0.0.1")
    run(lambda: refused(Secure(way, certificate), "certificate verify failed", trust_root=(other.path,)))


@each_way
def test_a_wrong_name_is_a_tls_error(run: Run, tmp_path: Path, way: str) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("router.example")
    roots = (authority.path,)
    words = "the certificate is not for `kettle.example`"
    run(lambda: refused(Secure(way, certificate), words, trust_root=roots, hostname="kettle.example"))
    words = "the certificate is not for `127.0.0.1`"
    run(lambda: refused(Secure(way, certificate), words, trust_root=roots))


def test_a_missing_client_certificate_is_a_tls_error(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")

    async def scenario() -> None:
        secure = Secure("rawsocket", certificate, clients=authority)
        await refused(secure, "certificate required", trust_root=(authority.path,))

    run(scenario)


def test_a_certificate_that_vanishes_between_two_attempts_is_a_failure(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")

    async def scenario() -> None:
        secure = Secure("rawsocket", certificate)
        fleet = Supervised(component(secure.transport(trust_root=(authority.path,)), main=stays))
        authority.path.unlink()
        fleet.start()
        await fleet.until("backoff")
        assert fleet.problem().type == "FileNotFoundError"
        assert str(authority.path) in fleet.problem().message
        await fleet.stop()
        await secure.close()

    run(scenario)
