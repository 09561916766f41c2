"""What an application puts into a message, which the router hands on untouched."""

from __future__ import annotations

from typing import Any


def content(message: Any) -> dict[str, Any]:
    """The arguments of `message`, or the payload that only its two ends can read."""
    if message.payload is None:
        return {"args": message.args, "kwargs": message.kwargs}
    return {
        "payload": message.payload,
        "enc_algo": message.enc_algo,
        "enc_key": message.enc_key,
        "enc_serializer": message.enc_serializer,
    }
