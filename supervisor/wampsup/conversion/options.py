"""The options of a connecting transport: Crossbar.io's names and units to those of Autobahn.

The pairs are those of `set_websocket_options` and `set_rawsocket_options` in Crossbar.io's `crossbar.router.protocol`,
as far as they have a meaning for a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.conversion.values import table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.conversion.item import Item

RAWSOCKET = {"max_message_size": "max_message_payload_size"}
WEBSOCKET = {
    "apply_mask": "apply_mask",
    "auto_fragment_size": "auto_fragment_size",
    "auto_ping_interval": "auto_ping_interval",
    "auto_ping_restart_on_any_traffic": "auto_ping_restart_on_any_traffic",
    "auto_ping_size": "auto_ping_size",
    "auto_ping_timeout": "auto_ping_timeout",
    "close_handshake_timeout": "close_handshake_timeout",
    "echo_close_codereason": "echo_close_code_reason",
    "fail_by_drop": "fail_by_drop",
    "max_frame_size": "max_frame_payload_size",
    "max_message_size": "max_message_payload_size",
    "open_handshake_timeout": "open_handshake_timeout",
    "tcp_nodelay": "tcp_no_delay",
    "validate_utf8": "utf8validate_incoming",
}
_MILLISECONDS = frozenset(
    {"auto_ping_interval", "auto_ping_timeout", "close_handshake_timeout", "open_handshake_timeout"}
)


def options_of(item: Item, names: Mapping[str, str]) -> dict[str, Any]:
    """The options at `item` by the names that a fleet file has for them."""
    item.note_others(names, "has no effect on the side of a component")
    options = table_of(item)
    return {new: _in_seconds(old, options[old]) for old, new in names.items() if old in options}


def _in_seconds(name: str, value: Any) -> Any:
    if name not in _MILLISECONDS or not isinstance(value, int | float) or isinstance(value, bool):
        return value
    seconds = value / 1000
    return int(seconds) if seconds.is_integer() else seconds
