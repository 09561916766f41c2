"""What `wampsup reload` tells a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.cli.reload import lines_of, warn

if TYPE_CHECKING:
    import pytest

KEYS = ("added", "removed", "restarted", "updated", "unchanged", "groups", "settings", "needs_restart")


def plan(**changes: list[str]) -> dict[str, Any]:
    return {key: [] for key in KEYS} | changes


def test_each_kind_of_change_has_a_line() -> None:
    assert lines_of(
        plan(
            added=["feed@3", "feed@4"],
            removed=["legacy"],
            restarted=["pricing"],
            updated=["clock"],
            unchanged=["billing"],
            groups=["workers"],
            settings=["supervisor.start_window"],
        )
    ) == [
        "added: feed@3, feed@4",
        "removed: legacy",
        "restarted: pricing",
        "updated: clock",
        "groups: workers",
        "settings: supervisor.start_window",
    ]


def test_a_long_line_tells_how_many_more_there_are() -> None:
    names = [f"c{number}" for number in range(1, 10)]
    assert lines_of(plan(added=names[:8])) == ["added: c1, c2, c3, c4, c5, c6, c7, c8"]
    assert lines_of(plan(added=names)) == ["added: c1, c2, c3, c4, c5, c6, c7, c8 and 1 more"]


def test_no_change_is_told_too() -> None:
    assert lines_of(plan(unchanged=["clock"])) == ["nothing has changed"]


def test_what_needs_a_restart_of_the_supervisor_is_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    warn(plan(added=["clock"]), dry_run=False)
    warn(plan(), dry_run=True)
    assert capfd.readouterr() == ("", "")
    warn(plan(needs_restart=["supervisor.name", "router.listen"]), dry_run=False)
    assert capfd.readouterr() == (
        "",
        (
            "warning: what has changed in `supervisor.name`, `router.listen` needs a restart of the supervisor\n"
            "hint: `wampsup shutdown`, and start the fleet again\n"
        ),
    )


def test_a_dry_run_says_that_it_was_one(capfd: pytest.CaptureFixture[str]) -> None:
    warn(plan(removed=["clock"]), dry_run=True)
    assert capfd.readouterr().err == "this was a dry run: the fleet is as it was\n"
