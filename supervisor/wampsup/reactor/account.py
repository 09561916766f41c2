"""What one component has used: processor time, events, messages and bytes."""

from __future__ import annotations

from typing import Any

_MESSAGES_IN, _MESSAGES_OUT = "_unserialized_messages", "_serialized_messages"
"""What Autobahn's serializers count."""


class Account:
    """One component's account, or the supervisor's own, for as long as the component is in the fleet.

    `in_loop_ns` is processor time of the reactor's thread (CLOCK_THREAD_CPUTIME_ID), which alone writes it, and
    `in_threads_ns` that of threads that ran for the component. `longest_ns` is how long its longest event kept the
    reactor from all others, by the monotonic clock: sleeping counts. `in_1`, `in_10` and `in_60` are nanoseconds of
    `busy_ns` in the last seconds, see `meter`. `stalled_at` is where its last stall was, if that was seen. All else is
    counted from the start.
    """

    __slots__ = (
        "_bytes_in",
        "_bytes_out",
        "_messages_in",
        "_messages_out",
        "_serializer",
        "active",
        "events",
        "in_1",
        "in_10",
        "in_60",
        "in_loop_ns",
        "in_threads_ns",
        "longest_ns",
        "longest_stall_ns",
        "metered_ns",
        "name",
        "stalled_at",
        "stalls",
    )

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.in_loop_ns = self.in_threads_ns = self.metered_ns = 0
        self.in_1 = self.in_10 = self.in_60 = 0
        self.active = False
        self.events = self.longest_ns = 0
        self.stalls = self.longest_stall_ns = 0
        self.stalled_at: str | None = None
        self._serializer: Any = None
        self._messages_in = self._messages_out = self._bytes_in = self._bytes_out = 0

    @property
    def busy_ns(self) -> int:
        """Processor time, in nanoseconds."""
        return self.in_loop_ns + self.in_threads_ns

    @property
    def figures(self) -> tuple[int, ...]:
        """What a list of components shows of it is made of these: as long as they stay, so does that."""
        counts = self._serializer
        return (
            self.in_loop_ns,
            self.in_threads_ns,
            self.in_10,
            self.stalls,
            self.longest_stall_ns,
            self._messages_in,
            self._messages_out,
            0 if counts is None else getattr(counts, _MESSAGES_IN, 0),
            0 if counts is None else getattr(counts, _MESSAGES_OUT, 0),
        )

    @property
    def messages_in(self) -> int:
        """WAMP messages received."""
        return self._messages_in + self._of_connection(_MESSAGES_IN)

    @property
    def messages_out(self) -> int:
        """WAMP messages sent."""
        return self._messages_out + self._of_connection(_MESSAGES_OUT)

    @property
    def bytes_in(self) -> int:
        """Octets of the WAMP messages received, without what the transport adds."""
        return self._bytes_in + self._of_connection("_unserialized_bytes")

    @property
    def bytes_out(self) -> int:
        """Octets of the WAMP messages sent, without what the transport adds."""
        return self._bytes_out + self._of_connection("_serialized_bytes")

    def count(self, serializer: Any) -> None:
        """Count the messages of a new connection, whose own `serializer` counts them anyway; `None` when it is gone."""
        self._messages_in, self._messages_out = self.messages_in, self.messages_out
        self._bytes_in, self._bytes_out = self.bytes_in, self.bytes_out
        self._serializer = serializer

    def _of_connection(self, counter: str) -> int:
        # Autobahn has a public `stats`, which makes dictionaries and writes to the serializer each time it is asked.
        return 0 if self._serializer is None else int(getattr(self._serializer, counter, 0))
