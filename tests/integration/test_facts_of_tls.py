"""TLS as a bare Component can't do it: IPv6, unix sockets, client certificates, several roots. What its errors say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL.crypto import X509
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    PrivateCertificate,
    TLSVersion,
    optionsForClientTLS,
)
from twisted.protocols.tls import TLSMemoryBIOFactory

from support.files import unix_path
from support.peer import Peer
from support.reactor import reactor, until
from support.supervised import Supervised, component, stays, transport
from support.tls import DAY, EXPIRED, NOT_YET_VALID, VALID, Authority, self_signed, split
from wampsup.model.spec import TcpEndpoint, TlsSpec, UnixEndpoint
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar import Crossbar
    from support.reactor import Run
    from support.tls import Days
    from wampsup.model.spec import TransportSpec

# Twisted's own use of pyOpenSSL.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL (X509|PKey) objects:DeprecationWarning")

each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])


class Secure:
    """A router that speaks TLS, on loopback or at a unix `path`; it wants a certificate of whom `clients` signs."""

    def __init__(  # noqa: PLR0913 - each of them is one of its own
        self,
        way: str,
        certificate: Path,
        *,
        interface: str = "127.0.0.1",
        path: Path | None = None,
        clients: Authority | None = None,
        version: TLSVersion | None = None,
    ) -> None:
        self.peer = Peer()
        chain = load_pem_x509_certificates(certificate.read_bytes())
        own = PrivateCertificate.loadPEM(certificate.read_bytes())
        options = CertificateOptions(
            privateKey=own.privateKey.original,
            certificate=own.original,
            extraCertChain=[X509.from_cryptography(each) for each in chain[1:]],
            trustRoot=Certificate.loadPEM(clients.path.read_bytes()) if clients else None,
            raiseMinimumTo=version,
        )
        server = TLSMemoryBIOFactory(options, isClient=False, wrappedFactory=self.peer.server(way))  # type: ignore[arg-type]
        server.noisy = False
        if path is None:
            self._port = reactor.listenTCP(0, server, interface=interface)
        else:
            self._port = reactor.listenUNIX(str(path), server)
        self._path = path
        self._way = way
        self._host = interface

    def transport(self, **tls: Any) -> TransportSpec:
        """The way to it, with this TLS."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        number = 443 if self._path else self._port.getHost().port
        made = transport(f"wss://{host}:{number}/ws" if self._way == "websocket" else f"rss://{host}:{number}")
        if self._path:
            return replace(made, endpoint=UnixEndpoint(path=str(self._path), tls=TlsSpec(**tls)))
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


@pytest.mark.parametrize("files", ["one file", "two files"])
def test_it_takes_several_roots(run: Run, tmp_path: Path, files: str) -> None:
    other, authority = Authority(tmp_path, "other"), Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")
    both = tmp_path / "both.pem"
    both.write_bytes(other.path.read_bytes() + authority.path.read_bytes())
    roots = (both,) if files == "one file" else (other.path, authority.path)
    run(lambda: runs(Secure("rawsocket", certificate), trust_root=roots))


@each_way
@pytest.mark.parametrize("hostname", ["router.example", None])
def test_it_speaks_tls_over_a_unix_socket_and_expects_the_name_of_the_url(
    run: Run, tmp_path: Path, way: str, hostname: str | None
) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign(hostname or "127.0.0.1")
    with unix_path() as path:
        run(lambda: runs(Secure(way, certificate, path=path), trust_root=(authority.path,), hostname=hostname))
        words = "the router's certificate is not for `kettle.example`: it is for"
        roots = (authority.path,)
        run(lambda: refused(Secure(way, certificate, path=path), words, trust_root=roots, hostname="kettle.example"))


@pytest.mark.parametrize("files", ["one file", "two files"])
def test_it_shows_its_client_certificate_with_the_chain_to_its_root(run: Run, tmp_path: Path, files: str) -> None:
    authority = Authority(tmp_path)
    certificate = key = Authority(tmp_path, "between", above=authority).sign("kettle.example")
    if files == "two files":
        certificate, key = split(certificate)
    server = authority.sign("127.0.0.1")
    tls = {"certificate": certificate, "key": None if files == "one file" else key, "trust_root": (authority.path,)}
    run(lambda: runs(Secure("rawsocket", server, clients=authority), **tls))


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
    assert problem.message[0].islower()
    await fleet.stop()
    await secure.close()


@each_way
def test_an_unknown_issuer_is_a_tls_error(run: Run, tmp_path: Path, way: str) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    certificate = authority.sign("127.0.0.1")
    words = "the router's certificate `127.0.0.1` was issued by `authority`, which is not trusted"
    run(lambda: refused(Secure(way, certificate), words, trust_root=(other.path,)))


def test_the_system_does_not_trust_it_either(run: Run, tmp_path: Path) -> None:
    certificate = Authority(tmp_path).sign("127.0.0.1")
    words = "the router's certificate `127.0.0.1` was issued by `authority`, which is not trusted"
    run(lambda: refused(Secure("websocket", certificate), words))


def test_the_issuer_of_an_issuer_may_be_unknown(run: Run, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    certificate = Authority(tmp_path, "between", above=authority).sign("127.0.0.1")
    words = "in the chain of the router's certificate, `between` was issued by `authority`, which is not trusted"
    run(lambda: refused(Secure("websocket", certificate), words, trust_root=(other.path,)))


@each_way
@pytest.mark.parametrize(("valid", "words"), [(EXPIRED, "expired on"), (NOT_YET_VALID, "is not valid before")])
def test_a_certificate_out_of_its_time_is_a_tls_error(
    run: Run, tmp_path: Path, way: str, valid: Days, words: str
) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1", valid=valid)
    when = (datetime.now(UTC) + (valid[1] if valid is EXPIRED else valid[0]) * DAY).strftime("%Y-%m-%d")
    said = f"the router's certificate `127.0.0.1` {words} {when}"
    run(lambda: refused(Secure(way, certificate), said, trust_root=(authority.path,)))


def test_an_expired_authority_is_a_tls_error(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path, valid=EXPIRED)
    certificate = authority.sign("127.0.0.1")
    words = "in the chain of the router's certificate, `authority` expired on"
    run(lambda: refused(Secure("websocket", certificate), words, trust_root=(authority.path,)))


def test_a_self_signed_certificate_is_a_tls_error_unless_it_is_trusted(run: Run, tmp_path: Path) -> None:
    certificate, authority = self_signed(tmp_path, "127.0.0.1"), Authority(tmp_path)
    words = "the router's certificate `127.0.0.1` is signed by nobody but itself, and is not trusted"
    run(lambda: refused(Secure("websocket", certificate), words, trust_root=(authority.path,)))
    run(lambda: runs(Secure("websocket", certificate), trust_root=(certificate,)))


def test_a_certificate_for_clients_is_a_tls_error(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1", for_clients=True)
    words = "the router's certificate `127.0.0.1` is not meant for servers"
    run(lambda: refused(Secure("websocket", certificate), words, trust_root=(authority.path,)))


@each_way
def test_a_wrong_name_is_a_tls_error(run: Run, tmp_path: Path, way: str) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("router.example", "10.0.0.1")
    roots, has = (authority.path,), "it is for `router.example`, `10.0.0.1`"
    words = f"the router's certificate is not for `kettle.example`: {has}"
    run(lambda: refused(Secure(way, certificate), words, trust_root=roots, hostname="kettle.example"))
    words = f"the router's certificate is not for `127.0.0.1`: {has}"
    run(lambda: refused(Secure(way, certificate), words, trust_root=roots))


def test_a_missing_client_certificate_is_a_tls_error(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")
    words = "the router asks for a client certificate, and there is none (certificate required)"
    run(lambda: refused(Secure("rawsocket", certificate, clients=authority), words, trust_root=(authority.path,)))


@pytest.mark.parametrize(
    ("signer", "valid", "words"),
    [
        ("other", VALID, "the router refused the client certificate `kettle.example` (unknown ca)"),
        ("authority", EXPIRED, "the router refused the client certificate `kettle.example`, which expired on "),
    ],
)
def test_a_client_certificate_that_the_router_refuses_is_a_tls_error(
    run: Run, tmp_path: Path, signer: str, valid: Days, words: str
) -> None:
    signers = {name: Authority(tmp_path, name) for name in ("authority", "other")}
    authority = signers["authority"]
    server, client = authority.sign("127.0.0.1"), signers[signer].sign("kettle.example", valid=valid)
    tls = {"trust_root": (authority.path,), "certificate": client}
    run(lambda: refused(Secure("rawsocket", server, clients=authority), words, **tls))


async def refused_over(way: TransportSpec | str, kind: Kind, words: str) -> None:
    fleet = Supervised(component(way, main=stays)).start()
    await fleet.until("reconnecting")
    assert (fleet.problem().kind, fleet.problem().message) == (kind, words), fleet.problem()
    await fleet.stop()


def test_a_router_that_does_not_speak_tls_is_a_tls_error(run: Run, crossbar: Crossbar) -> None:
    # At its websocket port it waits for an end of headers, which a handshake's random bytes have or have not.
    words = "the router closed the connection during the TLS handshake: does it speak TLS on this port?"
    run(lambda: refused_over(crossbar.rawsocket_url.replace("s://", "ss://", 1), Kind.TLS, words))


class Says(Protocol):
    """Answers the first bytes of a client with `answer`, and closes the connection."""

    transport: Any
    answer = b""

    def dataReceived(self, _data: bytes) -> None:
        self.transport.write(self.answer)
        self.transport.loseConnection()


async def refused_by(answer: bytes, scheme: str, kind: Kind, words: str) -> None:
    factory = Factory.forProtocol(type("_", (Says,), {"answer": answer}))
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    await refused_over(f"{scheme}://127.0.0.1:{port.getHost().port}", kind, words)
    await port.stopListening()


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_another_server_that_does_not_speak_tls_is_a_tls_error(run: Run, answer: bytes) -> None:
    words = "what answers on this port does not speak TLS (wrong version number)"
    run(lambda: refused_by(answer, "rss", Kind.TLS, words))


@pytest.mark.parametrize("scheme", ["ws", "rs"])
def test_a_router_that_wants_tls_is_a_tls_error(run: Run, scheme: str) -> None:
    words = "the router speaks TLS on this port, and this transport does not: its URL would begin with `wss` or `rss`"
    alert = b"\x15\x03\x03\x00\x02\x02\x46"
    run(lambda: refused_by(alert, scheme, Kind.TLS, words))


def test_a_router_that_closes_the_connection_may_want_tls(run: Run, tmp_path: Path) -> None:
    certificate = Authority(tmp_path).sign("127.0.0.1")

    async def scenario() -> None:
        secure = Secure("websocket", certificate)
        made = secure.transport()
        assert isinstance(made.endpoint, TcpEndpoint)
        words = "the router closed the connection without an answer to the opening handshake: does it want TLS?"
        await refused_over(replace(made, endpoint=replace(made.endpoint, tls=None)), Kind.CONNECTION, words)
        await secure.close()

    run(scenario)


def test_one_that_closes_the_connection_within_tls_is_not_said_to_want_it(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")

    async def scenario() -> None:
        port = reactor.listenSSL(
            0,
            Factory.forProtocol(Says),
            PrivateCertificate.loadPEM(certificate.read_bytes()).options(),
            interface="127.0.0.1",
        )
        made = transport(f"wss://127.0.0.1:{port.getHost().port}/ws")
        assert isinstance(made.endpoint, TcpEndpoint)
        trusting = replace(made, endpoint=replace(made.endpoint, tls=TlsSpec(trust_root=(authority.path,))))
        await refused_over(trusting, Kind.CONNECTION, "the router closed the connection")
        await port.stopListening()

    run(scenario)


def test_a_router_whose_versions_of_tls_are_too_new_is_a_tls_error(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")

    async def scenario() -> None:
        secure = Secure("websocket", certificate, version=TLSVersion.TLSv1_3)
        made = secure.transport()
        assert isinstance(made.endpoint, TcpEndpoint)
        native = optionsForClientTLS(
            "127.0.0.1", extraCertificateOptions={"lowerMaximumSecurityTo": TLSVersion.TLSv1_2}
        )
        words = "the router refused the TLS connection (protocol version)"
        await refused_over(replace(made, endpoint=replace(made.endpoint, tls=native)), Kind.TLS, words)
        await secure.close()

    run(scenario)


@each_way
def test_the_tls_of_an_endpoint_string_is_explained_as_well(run: Run, tmp_path: Path, way: str) -> None:
    certificate = Authority(tmp_path).sign("127.0.0.1")

    async def scenario() -> None:
        secure = Secure(way, certificate)
        made = secure.transport()
        assert isinstance(made.endpoint, TcpEndpoint)
        words = "the router's certificate `127.0.0.1` was issued by `authority`, which is not trusted"
        await refused_over(replace(made, endpoint=f"tls:127.0.0.1:{made.endpoint.port}"), Kind.TLS, words)
        await secure.close()

    run(scenario)


@pytest.mark.parametrize("content", [None, b""])
def test_a_certificate_that_is_gone_at_an_attempt_is_a_connection_that_is_tried_again(
    run: Run, tmp_path: Path, content: bytes | None
) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("127.0.0.1")

    async def scenario() -> None:
        secure = Secure("rawsocket", certificate)
        fleet = Supervised(component(secure.transport(trust_root=(authority.path,)), main=stays))
        there = authority.path.read_bytes()
        authority.path.unlink()
        if content is not None:
            authority.path.write_bytes(content)
        fleet.start()
        await fleet.until("reconnecting")
        problem = fleet.problem()
        assert problem.kind is Kind.TLS
        gone = f"cannot read `{authority.path}`: no such file or directory"
        assert problem.message == (f"`{authority.path}` holds no certificate in PEM format" if content == b"" else gone)
        authority.path.write_bytes(there)
        await fleet.until("running")
        await fleet.stop()
        await secure.close()

    run(scenario)
