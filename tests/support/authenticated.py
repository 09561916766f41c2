"""What a Crossbar.io may demand of those who join, and what each of them has to say to it.

`METHODS` are the demands by the path of their websocket; `AUTHENTICATION` is what a component has to have there.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from argon2.low_level import Type, hash_secret

AUTHID = "joe"
SECRET = 'm4rked "sécret"'  # of all methods but cryptosign; not easy to write
PRIVATE_KEY = "20e3ff0eb2e3204fac19a15a61da722db3c4b7b2ac9a5bec1b0ec7b4a4b6d2e6"
PUBLIC_KEY = "4f7d55f9f803682548eb4c5c0d3e891a03fcd1b719f99cb044d5180f96723191"
ROLE = "member"

_SALT = hashlib.sha256(AUTHID.encode()).digest()[:16]
_ITERATIONS, _MEMORY = 16, 512


def _scram(kdf: str, salted: bytes) -> dict[str, Any]:
    key = hmac.digest(salted, b"Client Key", "sha256")
    return {
        "kdf": kdf,
        "iterations": _ITERATIONS,
        "memory": _MEMORY,
        "salt": _SALT.hex(),
        "stored-key": hashlib.sha256(key).hexdigest(),
        "server-key": hmac.digest(salted, b"Server Key", "sha256").hex(),
        "role": ROLE,
    }


def _argon2() -> bytes:
    """As Autobahn has it: the hash in the base64 of its encoded form."""
    encoded = hash_secret(SECRET.encode(), _SALT, _ITERATIONS, _MEMORY, 1, 32, Type.ID)
    return encoded.rpartition(b"$")[2]


def _static(key: str, **principal: Any) -> dict[str, Any]:
    return {"type": "static", key: {AUTHID: {"role": ROLE, **principal}}}


_SALTING = {"salt": "salt of joe", "iterations": 100, "keylen": 32}
_TICKET = _static("principals", ticket=SECRET)
_WAMPCRA = _static("users", secret=SECRET)
_SALTED = _static("users", secret=SECRET, **_SALTING)
_CRYPTOSIGN = _static("principals", authorized_keys=[PUBLIC_KEY])
_SCRAM = _static("principals", **_scram("argon2id-13", _argon2()))
_PBKDF2 = _static("principals", **_scram("pbkdf2", hashlib.pbkdf2_hmac("sha256", SECRET.encode(), _SALT, _ITERATIONS)))

METHODS: dict[str, dict[str, Any]] = {
    "anonymous": {"anonymous": {"type": "static", "role": ROLE}},
    "anonymous-proxy": {"anonymous-proxy": {"type": "static"}},
    "ticket": {"ticket": _TICKET},
    "wampcra": {"wampcra": _WAMPCRA},
    "wampcra-salted": {"wampcra": _SALTED},
    "cryptosign": {"cryptosign": _CRYPTOSIGN},
    "scram": {"scram": _SCRAM},
    "scram-pbkdf2": {"scram": _PBKDF2},
}

ALL: dict[str, Any] = {method: demand for demands in METHODS.values() for method, demand in demands.items()}
"""Whoever has any method; of two forms of one method, it is the latter."""

AUTHENTICATOR = "com.example.authenticate"
DYNAMIC: dict[str, Any] = {
    "wampcra": {
        "type": "dynamic",
        "authenticator": AUTHENTICATOR,
        "authenticator-realm": "realm1",
        "authenticator-role": "trusted",
    }
}
"""Whoever that procedure lets in, which a test registers."""

_WHO = {"authid": AUTHID}
AUTHENTICATION: dict[str, dict[str, dict[str, Any]]] = {
    "anonymous": {"anonymous": {}},
    "anonymous-proxy": {
        "anonymous-proxy": {
            "authextra": {"proxy_realm": "realm1", "proxy_authid": AUTHID, "proxy_authrole": ROLE},
        }
    },
    "ticket": {"ticket": {**_WHO, "ticket": SECRET}},
    "wampcra": {"wampcra": {**_WHO, "secret": SECRET}},
    "wampcra-salted": {"wampcra": {**_WHO, "secret": SECRET}},
    "cryptosign": {"cryptosign": {**_WHO, "privkey": PRIVATE_KEY}},
    "scram": {"scram": {**_WHO, "password": SECRET}},
    "scram-pbkdf2": {"scram": {**_WHO, "password": SECRET}},
}
