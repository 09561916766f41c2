"""A supervisor for WAMP components written with Autobahn|Python."""

from __future__ import annotations

__version__ = "0.1.0"
