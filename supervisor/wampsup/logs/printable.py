"""Text that is safe to show: what could steer a terminal, or forge a line of a log, is shown escaped."""

from __future__ import annotations

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_INVISIBLE = (0x061C, *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
"""Line and paragraph separators, and what reorders the text around it."""

_ESCAPES = {code: f"\\x{code:02x}" for code in _CONTROLS} | {code: f"\\u{code:04x}" for code in _INVISIBLE}
_ESCAPES |= {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def printable(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal obeys; lone surrogates are escaped as well."""
    return text.translate(_ESCAPES).encode("utf-8", "backslashreplace").decode("utf-8")
