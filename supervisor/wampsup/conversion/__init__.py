"""`wampsup import`: from the configuration of a Crossbar.io node to a fleet file that does the same.

    convert(path)      file -> document (`source`) -> items that know their place (`item`)
                            -> components (`workers`, `component`, `transport`, `listening`) -> fleet file (`render`)

What can't be taken over is never dropped in silence: each such thing is a `Note` with its place in the configuration.
The result is checked by the rules of fleet files before anybody sees it.
"""

from __future__ import annotations

from wampsup.conversion.crossbar import Conversion, convert
from wampsup.conversion.item import Note

__all__ = ["Conversion", "Note", "convert"]
