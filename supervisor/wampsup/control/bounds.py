"""Bounds of requests that both sides know: who asks, to say so at once, and who answers.

Standard library alone, and none of it: every command pays for this import.
"""

LEAST_SECONDS, MOST_SECONDS = 0.1, 300.0
"""How long a profile may take."""

LEAST_RATE, MOST_RATE = 1.0, 1000.0
"""Samples a second of a profile."""

USUAL_SECONDS, USUAL_RATE = 10.0, 99.0
"""Of a profile where a request does not say."""
