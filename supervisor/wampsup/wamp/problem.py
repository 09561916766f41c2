"""From an exception to what is told about it: kind, type, message, WAMP error URI and traceback."""

from __future__ import annotations

import re
import traceback

from autobahn.wamp.exception import ApplicationError
from OpenSSL import SSL
from service_identity.exceptions import CertificateError, VerificationError
from twisted.internet import error
from twisted.python.failure import Failure

from wampsup.masking import mask
from wampsup.model.state import Kind, Problem

AUTH_URIS = frozenset(
    {
        "wamp.error.not_authorized",
        "wamp.error.authentication_failed",
        "wamp.error.authentication_denied",
        "wamp.error.authentication_rejected",
        "wamp.error.no_auth_method",
        "wamp.error.no_matching_auth_method",
        "wamp.error.no_such_principal",
        "wamp.error.no_such_role",
        "wamp.error.cannot_authenticate",
    }
)
"""The reasons of an ABORT that concern who the component is."""

LIBRARIES = ("twisted.", "autobahn.", "txaio.", "wampsup.")

_NO_ADDRESS = re.compile(r".*no results for hostname lookup: (\S+?)\.?")
"""What Twisted's HostnameEndpoint says."""

TLS_ERRORS = (SSL.Error, VerificationError, CertificateError)


def describe(
    exception: BaseException, kind: Kind, *, message: str | None = None, traceback: str | None = None
) -> Problem:
    """What to tell about `exception`; `kind` says where it came from, the others take the place of its own.

    Nothing of it holds a secret.
    """
    traceback = traceback or traceback_of(exception)
    return Problem(
        kind=kind,
        type=type_name(type(exception)),
        uri=mask(str(exception.error)) if isinstance(exception, ApplicationError) else None,
        message=mask(message or _safe_message_of(exception)),
        traceback=traceback and mask(traceback),
    )


def loggable(failure: Failure) -> Failure:
    """The failure, for any log; where it holds a secret, one of the same name and traceback that does not."""
    error, told = failure.value, failure.getTraceback()
    if error is None or mask(told) == told:
        return failure
    cls = type(error)
    stand_in = type(cls.__name__, (Exception,), {"__module__": cls.__module__, "__qualname__": cls.__qualname__})
    return Failure(stand_in(mask(_safe_message_of(error))), stand_in, failure.getTracebackObject())


def traceback_of(exception: BaseException) -> str | None:
    """The traceback from the user's own code on: how Twisted, Autobahn and wampsup came to call it helps nobody."""
    frame = exception.__traceback__
    while frame is not None and frame.tb_frame.f_globals.get("__name__", "").startswith(LIBRARIES):
        frame = frame.tb_next
    frame = frame or exception.__traceback__
    return "".join(traceback.format_exception(type(exception), exception, frame)) if frame else None


def type_name(cls: type[BaseException]) -> str:
    """The qualified name, without `builtins`."""
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _safe_message_of(exception: BaseException) -> str:
    try:
        return message_of(exception)
    except Exception:  # noqa: BLE001 - an exception of the user's own may fail to say what it is
        return "<exception str() failed>"  # as a traceback has it


def message_of(exception: BaseException) -> str:  # noqa: PLR0911 - a table
    """The message alone. Autobahn puts the URI and everything else into `str(ApplicationError)`."""
    match exception:
        case ApplicationError():
            return " ".join(str(arg) for arg in exception.args if arg is not None)
        case SSL.Error() if exception.args and isinstance(exception.args[0], list):
            return "; ".join(reason for *_, reason in exception.args[0]) or "the TLS handshake failed"
        case VerificationError():
            expected = (mismatch.mismatched_id for mismatch in exception.errors)
            names = (f"`{getattr(each, 'hostname', b'').decode() or getattr(each, 'ip', each)}`" for each in expected)
            return f"the certificate is not for {' or '.join(names)}"
        case error.ConnectionRefusedError():
            return "connection refused"
        case error.ConnectError() if exception.osError is not None and isinstance(exception.args[-1], str):
            return exception.args[-1][:1].lower() + exception.args[-1][1:]
        case error.TimeoutError() | error.TCPTimedOutError():
            return "no answer to the connection request in time"
        case error.ConnectionDone():
            return "the router closed the connection"
        case error.ConnectionAborted():  # by Autobahn: where the supervisor aborts, it knows why
            return "the router broke the protocol, and the connection was aborted"
        case error.ConnectionLost():
            return "the connection was lost"
        case _:
            unknown = _NO_ADDRESS.fullmatch(str(exception))
            return f"no address is known for `{unknown[1]}`" if unknown else str(exception)


def connection_kind(exception: BaseException) -> Kind:
    """The kind of an error that a transport had."""
    return Kind.TLS if isinstance(exception, TLS_ERRORS) else Kind.CONNECTION


def session_kind(uri: str) -> Kind:
    """The kind of an ABORT or GOODBYE with this reason."""
    if uri in AUTH_URIS:
        return Kind.AUTH
    return Kind.WAMP
