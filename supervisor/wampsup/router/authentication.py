"""Who may join a realm: anonymous, ticket, wampcra and cryptosign.

A realm without principals lets anybody in as `anonymous`. One with principals lets in only them: the first of the
client's methods that the realm knows is used, and every challenge is fresh, so that a recorded answer is worth nothing.
Neither an unknown authid nor a wrong secret says more than that authentication failed.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from autobahn.wamp.auth import compute_wcs
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.message import Challenge
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wampsup.router.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autobahn.wamp.message import Authenticate, Hello

Method = Literal["anonymous", "ticket", "wampcra", "cryptosign"]
SIGNATURE_BYTES = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Somebody who may join `realm` (`None`: every realm) as `role`.

    `ticket` and `wampcra` need `authid` and `secret`, `cryptosign` needs `authid` and `pubkey` (Ed25519, 64 hex
    digits); `anonymous` needs neither.
    """

    method: Method
    role: str
    authid: str | None = None
    secret: str | None = field(default=None, repr=False)
    pubkey: str | None = None
    realm: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who a session is."""

    authid: str
    role: str
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Examination:
    """A challenge that was sent, and who has passed when it is answered well; `None` can't pass."""

    method: Method
    challenge: str
    principal: Principal | None

    def message(self) -> Challenge:
        """CHALLENGE, as it goes to the client."""
        return Challenge(self.method, {} if self.method == "ticket" else {"challenge": self.challenge})

    def judge(self, answer: Authenticate) -> Identity:
        """Who has answered; raises `DeniedError` where the answer is wrong."""
        principal, signature = self.principal, answer.signature or ""
        if principal is None or principal.authid is None or not self._proves(principal, signature):
            raise DeniedError(ApplicationError.AUTHENTICATION_FAILED, f"authentication by {self.method} failed")
        return Identity(authid=principal.authid, role=principal.role, method=self.method)

    def _proves(self, principal: Principal, signature: str) -> bool:
        if self.method == "cryptosign":
            return _is_signed(principal.pubkey or "", signature, self.challenge)
        if principal.secret is None:
            return False
        expected = principal.secret.encode()
        if self.method == "wampcra":
            expected = compute_wcs(expected, self.challenge.encode())
        return hmac.compare_digest(expected, signature.encode(errors="replace"))


class DeniedError(Exception):
    """The client may not join: `uri` and `text` go into ABORT."""

    def __init__(self, uri: str, text: str) -> None:
        super().__init__(text)
        self.uri = uri
        self.text = text


def begin(principals: Iterable[Principal], hello: Hello) -> Identity | Examination:
    """Who a client is, or the challenge that shows it.

    Raises:
        DeniedError: the client offers no method that the realm takes.
    """
    known = tuple(principals) or (Principal(method="anonymous", role="anonymous"),)
    for method in hello.authmethods or ["anonymous"]:
        of_method = [principal for principal in known if principal.method == method]
        if of_method:
            return _begin(of_method, hello)
    offered = ", ".join(hello.authmethods or ["anonymous"])
    raise DeniedError(ApplicationError.NO_AUTH_METHOD, f"the realm takes none of the methods offered ({offered})")


def _begin(principals: list[Principal], hello: Hello) -> Identity | Examination:
    method = principals[0].method
    if method == "anonymous":
        return Identity(authid=f"anonymous-{secrets.token_hex(6)}", role=principals[0].role, method=method)
    if method == "cryptosign" and hello.authid is None:
        pubkey = (hello.authextra or {}).get("pubkey")
        fitting = (principal for principal in principals if principal.pubkey == pubkey)
    else:
        fitting = (principal for principal in principals if principal.authid == hello.authid)
    return Examination(method=method, challenge=_challenge(method), principal=next(fitting, None))


def _challenge(method: Method) -> str:
    nonce = secrets.token_hex(32)
    if method == "cryptosign":
        return nonce
    return json.dumps({"nonce": nonce, "session": new_id(), "timestamp": datetime.now(UTC).isoformat()})


def _is_signed(pubkey: str, signature: str, challenge: str) -> bool:
    """Whether `signature` (hex: the Ed25519 signature, then what was signed) signs just this challenge."""
    try:
        raw, signed = bytes.fromhex(signature), bytes.fromhex(challenge)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(pubkey)).verify(raw[:SIGNATURE_BYTES], signed)
    except (ValueError, InvalidSignature):
        return False
    return raw[SIGNATURE_BYTES:] == signed
