"""OTP's groups once more, as who only sees the transitions would describe them: without orders and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.model.spec import UNLIMITED
from wampsup.model.state import BackingOff, Completed, Connecting, Desired, Running
from wampsup.model.transition import GROUP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.core.component import Component
    from wampsup.core.notice import Moved
    from wampsup.model.spec import FleetSpec, GroupSpec


class GroupModel:
    """One group; `clear_of` holds those that have to leave, or to back off no longer, before its restart."""

    def __init__(self, spec: GroupSpec, members: tuple[str, ...]) -> None:
        self.spec = spec
        self.members = members
        self.restarts: list[float] = []
        self.together: set[str] = set()
        self.clear_of: set[str] = set()
        self.excused: set[str] = set()
        self.never: set[str] = set()  # as it was when the restart began: a reload may change it
        self.has_spent = self.has_spent_now = False

    def siblings(self, name: str) -> set[str]:
        """Those that restart with it."""
        if self.spec.strategy == "one-for-one":
            return set()
        if self.spec.strategy == "one-for-all":
            return set(self.members) - {name}
        return set(self.members[self.members.index(name) + 1 :])

    def person_starts(self, name: str, components: Mapping[str, Component]) -> None:
        """A person starts a member, or starts it again: all is forgiven, and one that was to be stopped may stay.

        Whether it does hangs on much else; so it is excused from leaving, and `go_on` is told what became of it.
        """
        self.restarts.clear()
        if isinstance(components[name].state, Running) and components[name].desired is Desired.DOWN:
            self.excused.add(name)

    def go_on(self, clearing: set[str]) -> None:
        """Those that were excused, and do not have to leave any more by what the fleet says, stay."""
        self.clear_of -= self.excused - clearing
        self.excused &= self.clear_of

    def moves(self, moved: Moved, components: Mapping[str, Component], now: float) -> None:
        """A member has moved; `components` are as they are after it."""
        name, after = moved.name, moved.after
        by_group = moved.cause.by == f"{GROUP}{self.spec.name}"
        if by_group and moved.cause.event != "give-up":
            self._restarts_only_siblings(moved)
        if moved.cause.event == "ended" and after.given_up_with not in {None, moved.before.given_up_with}:
            self._gives_up(name, now)
        if by_group and moved.cause.event == "give-up":
            assert self.has_spent, f"the group of {name} gives up, and has restarts left"
        if name in self.clear_of and after.attempt is None and not isinstance(after.state, BackingOff):
            self.clear_of.remove(name)
        if isinstance(after.state, Connecting) and not isinstance(moved.before.state, Connecting):
            late = self.clear_of - self.excused - {name}
            assert not (late and name in self.together), f"{name} begins before {late} have left"
        if isinstance(after.state, BackingOff) and not isinstance(moved.before.state, BackingOff):
            self._restarts_with(name, components, now)

    def _restarts_only_siblings(self, moved: Moved) -> None:
        assert moved.name in self.together, f"{moved.name} restarts with a group that does not restart it"
        completed = isinstance(moved.before.state, Completed)
        assert moved.cause.event == ("start" if completed else "stop" if moved.name in self.never else "hold")

    def _has_restarts(self, now: float) -> bool:
        return self.spec.max_restarts == UNLIMITED or len(self._recent(now)) < self.spec.max_restarts

    def _recent(self, now: float) -> list[float]:
        return [at for at in self.restarts if at > now - self.spec.window]

    def _gives_up(self, name: str, now: float) -> None:
        assert not self._has_restarts(now), f"the group of {name} gives up, and has restarts left"
        assert not (self.clear_of and name in self.together), f"{name} fails with its group in the midst of a restart"
        self.has_spent = self.has_spent_now = True

    def _restarts_with(self, name: str, components: Mapping[str, Component], now: float) -> None:
        if self.clear_of and name in self.together:
            self.clear_of.add(name)
            return
        assert self._has_restarts(now), f"{name} restarts once more than its group may"
        if self.spec.max_restarts != UNLIMITED:  # those that nobody limits are not counted when somebody does later
            self.restarts = [*self._recent(now), now]
        siblings = self.siblings(name)
        if siblings:
            never = {one for one in siblings if components[one].policy.restart.policy == "never"}
            self.never = (self.never - siblings) | never
            busy = {one for one in siblings if _is_busy(components[one])}
            self.together = (self.together if self.clear_of else set()) | siblings | {name}
            self.clear_of |= busy | {name}


def models_of(spec: FleetSpec, older: Mapping[str, GroupModel]) -> dict[str, GroupModel]:
    """The models of a fleet's groups; one whose members have not changed goes on where it was."""
    models = {}
    for group in spec.groups:
        members = tuple(one.name for one in spec.components if one.group == group.name)
        model = models[group.name] = GroupModel(group, members)
        was = older.get(group.name)
        if was is not None:
            model.restarts = was.restarts
            model.has_spent = was.has_spent
            model.clear_of = was.clear_of & set(members)
            model.excused, model.never = set(was.excused), set(was.never)
            model.together = was.together & set(members) if model.clear_of else set()
    return models


def _is_busy(component: Component) -> bool:
    return component.attempt is not None or isinstance(component.state, BackingOff)
