"""A record without what must not be shown: secrets in any line, and in Autobahn's own also who a component is.

At its most talkative, Autobahn writes out each message: as a picture of its content, in which a long string goes over
several lines and words change their colour, and as octets, which say the same again: no secret could be found in them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wampsup.masking import MASK, mask, mask_names

if TYPE_CHECKING:
    from wampsup.model.record import Record

_TRANSPORTS = ("autobahn.twisted.websocket.", "autobahn.twisted.rawsocket.", "autobahn.websocket.")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_OCTETS = re.compile(r"[0-9a-f]{20,}")  # ids of sessions have 16 digits at most
_SPLIT = re.compile(r"""['"]\n\s*b?['"]""")


def without_secrets(record: Record) -> Record:
    """The record as it may be shown."""
    message = record.message
    if (record.logger or "").startswith(_TRANSPORTS):
        message = _OCTETS.sub(MASK, mask_names(_SPLIT.sub("", _COLOUR.sub("", message))))
    shown = mask(message)
    traceback = record.traceback and mask(record.traceback)
    if shown == record.message and traceback == record.traceback:
        return record
    return replace(record, message=shown, traceback=traceback)
