"""Groups of components that are restarted together, as OTP's supervisors do it.

https://www.erlang.org/doc/system/sup_princ.html: `one_for_one`, `one_for_all`, `rest_for_one`, and the maximum restart
intensity. A restart has two parts. First the group clears: the siblings leave, in reverse order, while the one that
failed backs off; what else fails meanwhile belongs to the same restart, as in OTP, where a terminating child's exit
does not count. Then they start again, in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.model.spec import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wampsup.model.spec import ComponentSpec, GroupSpec


class Group:
    """One group with its members in the order of the file.

    While it clears, `clearing` holds the members that have not left or still back off, and none of `restarting` may
    start.
    """

    def __init__(self, spec: GroupSpec, members: Sequence[str]) -> None:
        self.spec = spec
        self.members = tuple(members)
        self._place = {name: index for index, name in enumerate(members)}
        self._restarted_at: tuple[float, ...] = ()
        self.restarting: frozenset[str] = frozenset()
        self.clearing: set[str] = set()

    def spent(self, name: str, now: float) -> bool:
        """Whether an automatic restart of that member at `now` would be one too many."""
        limited = self.spec.max_restarts != UNLIMITED and not self.holds(name)
        return limited and len(self._recent(now)) >= self.spec.max_restarts

    def count_restart(self, now: float) -> None:
        """A member is restarted at `now`."""
        if self.spec.max_restarts != UNLIMITED:
            self._restarted_at = (*self._recent(now), now)

    def _recent(self, now: float) -> tuple[float, ...]:
        return tuple(at for at in self._restarted_at if at > now - self.spec.window)

    def siblings(self, name: str) -> tuple[str, ...]:
        """Those that are restarted together with that member."""
        match self.spec.strategy:
            case "one-for-one":
                return ()
            case "one-for-all":
                return tuple(member for member in self.members if member != name)
            case "rest-for-one":
                return self.members[self._place[name] + 1 :]

    def clear(self, restarting: Iterable[str], clearing: Iterable[str]) -> None:
        """A restart of those begins."""
        self.restarting |= frozenset(restarting)
        self.clearing.update(clearing)

    def cleared(self, name: str) -> bool:
        """That member has left, or backs off no longer; True where it was the last one, and all may start again."""
        if name not in self.clearing:
            return False
        self.clearing.discard(name)
        if self.clearing:
            return False
        self.restarting = frozenset()
        return True

    def holds(self, name: str) -> bool:
        """Whether that member may not start yet."""
        return bool(self.clearing) and name in self.restarting

    def forgive(self) -> None:
        """A person has started a member: restarts are counted anew."""
        self._restarted_at = ()

    def inherit(self, older: Group) -> None:
        """Go on where this group was before its definition changed."""
        self._restarted_at = older._restarted_at
        self.clearing = older.clearing & set(self.members)
        self.restarting = older.restarting & set(self.members) if self.clearing else frozenset()


def groups_of(specs: Iterable[GroupSpec], components: Iterable[ComponentSpec]) -> dict[str, Group]:
    """The groups by their names."""
    members: dict[str, list[str]] = {}
    for component in components:
        if component.group is not None:
            members.setdefault(component.group, []).append(component.name)
    return {spec.name: Group(spec, members.get(spec.name, ())) for spec in specs}
