"""What a session's authenticators answer to a router: errors in words, and SCRAM with PBKDF2, which Autobahn lacks.

Autobahn's authenticators take for granted that a router does all as it should. What they raise where it does not, a
KeyError say, tells nobody what happened.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NoReturn

from autobahn.util import xor
from autobahn.wamp.auth import AuthScram, pbkdf2
from autobahn.wamp.exception import ApplicationError
from twisted.internet import defer

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

_FAILED = "wamp.error.authentication_failed"


class ChallengeError(Exception):
    """A challenge that can't be answered."""


class Scram(AuthScram):
    """WAMP-SCRAM with both of its key derivation functions.

    Autobahn's hands the salt to PBKDF2 as it came, in base64, and fails.
    """

    def on_challenge(self, session: Any, challenge: Any) -> Any:
        """The proof that this side knows the password."""
        extra = challenge.extra
        if extra.get("kdf") != "pbkdf2":
            return super().on_challenge(session, challenge)  # type: ignore[no-untyped-call]
        nonce, salt, iterations = extra["nonce"], extra["salt"], int(extra["iterations"])
        said = f"n={self._args['authid']},r={self._client_nonce},r={nonce},s={salt},i={iterations},c=,r={nonce}"
        self._auth_message = said.encode("ascii")
        password = self._args["password"].encode()
        self._salted_password = pbkdf2(password, base64.b64decode(salt), iterations)
        key = hmac.digest(self._salted_password, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), self._auth_message, "sha256")
        return base64.b64encode(xor(key, signature))


def answer(session: Any, on_challenge: Callable[[Any], Any], challenge: Any) -> Any:
    """The answer to a challenge by Autobahn's `on_challenge` of `session`.

    Raises:
        ChallengeError: there is none.
    """
    method, authenticators = challenge.method, _authenticators(session)
    if method not in authenticators:
        has = f"only {', '.join(f'`{name}`' for name in authenticators)} in its" if authenticators else "no"
        raise ChallengeError(f"the router asks for `{method}`, and the component has {has} `authentication`")
    answering = defer.maybeDeferred(on_challenge, challenge)
    return answering.addErrback(_not_answered, method) if _is_autobahns(authenticators[method]) else answering


def greet(session: Any, on_welcome: Callable[[Any], Any], welcome: Any) -> Any:
    """What Autobahn's `on_welcome` of `session` has against a welcome.

    Raises:
        ApplicationError: the router has not proved what it should, or took the component by other means than it has.
    """
    method, authenticators = welcome.authmethod, _authenticators(session)
    if method is None or not authenticators:
        return on_welcome(welcome)
    if method not in authenticators:
        raise ApplicationError(_FAILED, f"the router took it by `{method}`, which it did not offer")
    if not _is_autobahns(authenticators[method]):
        return on_welcome(welcome)
    try:
        refusal = on_welcome(welcome)
    except Exception as error:
        why = "the welcome has none" if isinstance(error, KeyError | TypeError | AttributeError) else _words(error)
        raise ApplicationError(_FAILED, f"the router's signature can't be verified: {why}") from error
    if refusal is not None:
        raise ApplicationError(_FAILED, "the router's signature is wrong: it does not know the password")
    return None


def _authenticators(session: Any) -> dict[str, Any]:
    return session._authenticators or {}  # noqa: SLF001 - no public name


def _is_autobahns(authenticator: Any) -> bool:
    """Whether it is not a program's own, whose errors are its author's."""
    return type(authenticator).__module__.startswith(("autobahn.", "wampsup."))


def _not_answered(failure: Failure, method: str) -> NoReturn:
    if failure.value is None or failure.check(defer.CancelledError):
        failure.raiseException()
    raise ChallengeError(f"the router's `{method}` challenge can't be answered: {_words(failure.value)}")


def _words(error: BaseException | None) -> str:
    said = " ".join(str(error).split())
    match error:
        case KeyError(args=(str() as key,)):
            return f"it has no `{key}`"
        case RuntimeError() | ValueError() | AssertionError() if said:
            return said
        case _ if type(error) is Exception:
            return said
        case _:
            return f"{type(error).__name__}: {said}".removesuffix(": ")
