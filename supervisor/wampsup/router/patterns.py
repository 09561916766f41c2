"""Values kept under URIs that match exactly, by prefix or by wildcard: subscriptions and registrations alike.

An exact match is one look into a dict, and while there is no pattern nothing else is done. A prefix is a prefix of the
string, whole components or not; a wildcard pattern has empty components that match anything. For calls the best match
counts: exact, then the longest prefix, then the wildcard pattern whose leftmost components are most exact (WAMP
advanced profile, "Pattern-based Registrations").
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

Match = Literal["exact", "prefix", "wildcard"]
T = TypeVar("T")


class PatternTable(Generic[T]):
    """A dict of values by URI for each kind of match."""

    def __init__(self) -> None:
        self.exact: dict[str, T] = {}
        self._prefix: dict[str, T] = {}
        self._wildcard: dict[str, T] = {}
        self._prefix_lengths: list[int] = []
        self._kinds: dict[str, dict[str, T]] = {"exact": self.exact, "prefix": self._prefix, "wildcard": self._wildcard}

    def of_kind(self, match: Match) -> dict[str, T]:
        """The values of one kind by URI, to look at."""
        return self._kinds[match]

    def add(self, match: Match, uri: str, value: T) -> None:
        """Keep `value` under `uri`."""
        self._kinds[match][uri] = value
        self._measure()

    def remove(self, match: Match, uri: str) -> None:
        """Forget what is kept under `uri`."""
        del self._kinds[match][uri]
        self._measure()

    def matching(self, uri: str) -> list[T]:
        """Every value whose URI matches, the best match first."""
        exact = self.exact.get(uri)
        found = [] if exact is None else [exact]
        for length in self._prefix_lengths:
            value = self._prefix.get(uri[:length]) if length <= len(uri) else None
            if value is not None:
                found.append(value)
        if self._wildcard:
            found.extend(self._matching_wildcards(uri.split(".")))
        return found

    def _matching_wildcards(self, components: list[str]) -> list[T]:
        patterns = [(pattern.split("."), value) for pattern, value in self._wildcard.items()]
        fitting = [
            ([part != "" for part in parts], value)
            for parts, value in patterns
            if len(parts) == len(components)
            and all(part in ("", component) for part, component in zip(parts, components, strict=True))
        ]
        return [value for _, value in sorted(fitting, key=lambda item: item[0], reverse=True)]

    def _measure(self) -> None:
        self._prefix_lengths = sorted({len(prefix) for prefix in self._prefix}, reverse=True)
