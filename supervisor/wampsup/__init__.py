"""A supervisor for WAMP components written with Autobahn|Python."""

__version__ = "0.1.0"
