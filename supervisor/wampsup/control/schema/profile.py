"""Profiles of components."""

from __future__ import annotations

from wampsup.control.schema.base import Amount, Count, Told


class Function(Told):
    """A function that was seen; what stands for several has a name alone."""

    name: str
    module: str
    file: str
    line: Count


class Stack(Told):
    """A stack that was seen, its functions as indices of those of the profile, the outermost first."""

    functions: list[Count]
    line: Count
    """Where the innermost one was."""
    samples: Count
    seconds: Amount


class Seen(Told):
    """What was seen in one place, the longest first."""

    samples: Count
    seconds: Amount
    stacks: list[Stack]


class Profile(Told):
    """What a component did for a while."""

    name: str
    rate: Amount
    """Looks a second that were wanted."""
    seconds: Amount
    looks: Count
    busy_seconds: Amount
    """Processor time."""
    functions: list[Function]
    reactor: Seen
    threads: Seen
