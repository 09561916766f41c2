"""The tables of authentication methods, with the keys that Autobahn's authenticators read.

A key that Autobahn documents and then does not read is not here: `authextra` of `scram` is one. What one method's keys
ask of another's is checked by `config.authentication_rules`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from wampsup.config.schema.fields import OneOf, SecretText, Table, Text, unexpected

if TYPE_CHECKING:
    from wampsup.model.secret import Secret

_KEY = re.compile(r"[0-9a-fA-F]{64}")


def _check_private_key(value: Secret) -> Secret:
    if not _KEY.fullmatch(value.value):
        raise unexpected("64 hexadecimal digits, the seed of an Ed25519 key")
    return value


def _check_public_key(value: str) -> str:
    if not _KEY.fullmatch(value) or value != value.lower():
        raise unexpected("64 hexadecimal digits in lower case")
    return value


def _check_scram_name(value: str) -> str:
    """Autobahn prepares it as SASL asks, which takes no control characters, and then encodes it as ASCII."""
    if not (value.isascii() and value.isprintable()):
        raise unexpected("in printable ASCII, which is all that Autobahn takes for SCRAM")
    return value


class _MethodTable(Table):
    """What all methods take: who the component says it is."""

    authid: Text | None = Field(None, description="Who it is; the same for all methods of a component")
    authrole: Text | None = Field(None, description="The role that it asks for; the same for all methods")


class _ExtendedTable(_MethodTable):
    """A method with an `authextra` of any content."""

    authextra: dict[str, Any] | None = Field(
        None, description="Anything more that the router wants to be told; methods share it, and must agree"
    )


class AnonymousTable(_ExtendedTable):
    """WAMP-Anonymous: the router asks for nothing."""


class ProxiedTable(Table):
    """For whom a proxy speaks, as Crossbar.io wants to be told it."""

    proxy_realm: Text = Field(description="The realm to join")
    proxy_authid: Text = Field(description="Who the session belongs to")
    proxy_authrole: Text = Field(description="The role that it gets")
    proxy_authextra: dict[str, Any] | None = Field(None, description="What the session is told when it is welcomed")


class AnonymousProxyTable(_MethodTable):
    """WAMP-Anonymous for a proxy, which the router trusts to say who it speaks for."""

    authextra: ProxiedTable = Field(description="For whom it speaks")


class TicketTable(_ExtendedTable):
    """WAMP-Ticket: the secret itself is sent."""

    ticket: SecretText = Field(description="The ticket")


class WampcraTable(_ExtendedTable):
    """WAMP-CRA: a challenge is signed with the secret, or with a key that is derived from it where the router salts."""

    authid: Text = Field(description="Who it is; the same for all methods of a component")
    secret: SecretText = Field(description="The secret that it shares with the router")


class CryptosignExtraTable(Table):
    """The keys of `authextra` that WAMP-Cryptosign reads, beside any others."""

    model_config = ConfigDict(extra="allow")

    pubkey: Annotated[str, AfterValidator(_check_public_key)] | None = Field(
        None, description="The public key; by default it is derived from `privkey`"
    )
    channel_binding: Annotated[Literal["tls-unique"], OneOf()] | None = Field(
        None, description="Bind the signature to the TLS connection"
    )


class CryptosignTable(_MethodTable):
    """WAMP-Cryptosign: a challenge is signed with an Ed25519 key."""

    privkey: Annotated[SecretText, AfterValidator(_check_private_key)] = Field(
        description="The private key, 64 hexadecimal digits"
    )
    authextra: CryptosignExtraTable | None = Field(
        None, description="Anything more that the router wants to be told; methods share it, and must agree"
    )


class ScramTable(_MethodTable):
    """WAMP-SCRAM: both sides prove that they know the password; the router says how it is hashed."""

    authid: Annotated[Text, AfterValidator(_check_scram_name)] = Field(
        description="Who it is; the same for all methods of a component"
    )
    password: SecretText = Field(description="The password")


class AuthenticationTable(Table):
    """Authentication methods, which the router may choose from; the first is offered first."""

    anonymous: AnonymousTable | None = Field(None, description="WAMP-Anonymous")
    anonymous_proxy: AnonymousProxyTable | None = Field(
        None, alias="anonymous-proxy", description="WAMP-Anonymous-Proxy"
    )
    ticket: TicketTable | None = Field(None, description="WAMP-Ticket")
    wampcra: WampcraTable | None = Field(None, description="WAMP-CRA (challenge and response)")
    cryptosign: CryptosignTable | None = Field(None, description="WAMP-Cryptosign")
    scram: ScramTable | None = Field(None, description="WAMP-SCRAM")
