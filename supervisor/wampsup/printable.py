"""Text that is safe to show: what could steer a terminal, forge a line of a log, or hide is shown escaped.

The one rule for all that wampsup shows: errors, tables, log lines, fleet files that are quoted or written.
"""

from __future__ import annotations

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_INVISIBLE = (
    0x00AD,
    0x061C,
    0x180E,
    0x200B,
    *range(0x200E, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
"""Line and paragraph separators, what reorders the text around it, and what nobody sees, but for the joiners that
Persian, Hindi and emoji are written with."""


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - as Python writes them


_ESCAPES = {code: _escape(code) for code in (*_CONTROLS, *_INVISIBLE)}
_ESCAPES |= {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def printable(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal obeys; lone surrogates are escaped as well."""
    return text.translate(_ESCAPES).encode("utf-8", "backslashreplace").decode("utf-8")


def width(text: str) -> int:
    """How many columns of a terminal it takes, where a character may take two of them, or none."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata  # noqa: PLC0415 - few texts are not ASCII

    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
