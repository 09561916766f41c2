"""Pure decisions: no Twisted, no Autobahn, no clock and no randomness of its own."""
