"""Reload with the real command: what has changed in the file is touched, and nothing else."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from support.command import fleet, wampsup
from support.files import short_folder, write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

HEAD = """\
[router]
listen = "rs://unix:r.sock"

[defaults]
transports = "rs://unix:r.sock"
stop_timeout = 1

"""
MAIN = "main = 'parts:for_ever'\n"
CLOCK = "[components.clock]\n" + MAIN
SUN = "[components.sun]\n" + MAIN
NEW = "[components.new]\n" + MAIN

PARTS = """
    from twisted.internet.defer import CancelledError, Deferred

    async def for_ever(reactor, session):
        await Deferred()

    async def dry(reactor, session):
        raise ValueError("the kettle is dry")

    async def stubborn(reactor, session):
        while True:
            try:
                await Deferred()
            except CancelledError:
                pass
"""


class Scene:
    """A running fleet and its file."""

    def __init__(self, running: Fleet, path: Path) -> None:
        self.running = running
        self.path = path

    def write(self, components: str, supervisor: str = "") -> None:
        write(self.path.parent, components, supervisor)

    def reload(self, components: str, supervisor: str = "") -> str:
        """Write the file and reload; what that prints."""
        self.write(components, supervisor)
        done = self.running.wampsup("reload")
        assert (done.code, done.err) == (0, "")
        return done.out

    def components(self) -> dict[str, dict[str, Any]]:
        reply = self.running.request("GET", "/v1/components")
        return {one["name"]: one for one in reply.body["components"]}

    def sessions(self, *names: str) -> dict[str, int]:
        """The sessions of these components, which have to run."""
        return {name: self.running.until(name, "running")["session_id"] for name in names}


def write(folder: Path, components: str, supervisor: str = "") -> Path:
    settings = f"[supervisor]\n{supervisor}\n" if supervisor else ""
    return write_fleet(folder, settings + HEAD + components, "edge.toml")


@contextmanager
def scene(components: str) -> Iterator[Scene]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        path = write(folder, components)
        with fleet(path) as running:
            yield Scene(running, path)


@pytest.fixture
def two() -> Iterator[Scene]:
    """A fleet of `clock` and `sun`."""
    with scene(CLOCK + SUN) as running:
        yield running


def test_what_comes_goes_and_changes_is_touched_and_nothing_else() -> None:
    moon = "[components.moon]\n" + MAIN
    with scene(CLOCK + SUN + moon) as edge:
        before = edge.sessions("clock", "sun", "moon")
        out = edge.reload(CLOCK + "extra = { speed = 2 }\n" + SUN + NEW)
        assert out == "added: new\nremoved: moon\nrestarted: clock\n"
        edge.running.until("clock", "running", also=lambda clock: clock["session_id"] != before["clock"])
        edge.running.until("new", "running")
        wait_until(lambda: "moon" not in edge.components(), what="the end of `moon`")
        assert edge.sessions("sun") == {"sun": before["sun"]}
        assert list(edge.components()) == ["clock", "sun", "new"]
        assert "[moon] stopped" in edge.running.err
        assert edge.reload(CLOCK + "extra = { speed = 2 }\n" + SUN + NEW) == "nothing has changed\n"


def test_what_does_not_run_goes_as_well() -> None:
    dry = "[components.dry]\nmain = 'parts:dry'\nrestart = { initial_delay = 60 }\n"
    lost = "[components.lost]\n" + MAIN + "transports = 'rs://unix:nobody.sock'\n"
    off = "[components.off]\n" + MAIN + "autostart = false\n"
    held = "[components.held]\n" + MAIN + "requires = ['off']\n"
    with scene(CLOCK + dry + lost + off + held) as edge:
        before = edge.sessions("clock")
        for name, state in (("dry", "backoff"), ("lost", "reconnecting"), ("held", "waiting")):
            edge.running.until(name, state)
        assert edge.reload(CLOCK) == "removed: dry, lost, off, held\n"
        wait_until(lambda: list(edge.components()) == ["clock"], what="the end of the others")
        assert edge.sessions("clock") == before
        assert edge.reload(CLOCK + off) == "added: off\n"
        assert edge.running.wampsup("start", "off").out == "off: running\n"


def test_a_changed_policy_restarts_nothing(two: Scene) -> None:
    before = two.sessions("clock", "sun")
    policy = "restart = { policy = 'never' }\nstart_timeout = 7\nis_fatal = ['com.example.*']\non_user_error = 'log'\n"
    assert two.reload(CLOCK + policy + SUN) == "updated: clock\n"
    assert two.sessions("clock", "sun") == before
    told = two.running.component("clock")["policy"]
    assert (told["restart"]["policy"], told["start_timeout"], told["is_fatal"]) == ("never", 7, ["com.example.*"])


def test_instances_are_scaled_without_touching_those_that_stay() -> None:
    feed = "[components.feed]\n" + MAIN + "instances = {}\n"
    with scene(feed.format(2)) as edge:
        before = edge.sessions("feed@1", "feed@2")
        assert edge.reload(feed.format(4)) == "added: feed@3, feed@4\n"
        edge.sessions("feed@3", "feed@4")
        assert edge.reload(feed.format(1)) == "removed: feed@2, feed@3, feed@4\n"
        wait_until(lambda: list(edge.components()) == ["feed@1"], what="the end of the others")
        assert edge.sessions("feed@1") == {"feed@1": before["feed@1"]}


def test_a_persons_stop_survives_also_what_would_restart(two: Scene) -> None:
    two.sessions("clock", "sun")
    assert two.running.wampsup("stop", "clock", "sun").code == 0
    assert two.reload(CLOCK + "realm = 'realm1'\n" + SUN + "autostart = true\n" + NEW) == (
        "added: new\nrestarted: clock\n"
    )
    two.running.until("new", "running")
    told = two.components()
    assert [(told[name]["state"], told[name]["desired"]) for name in ("clock", "sun")] == [("stopped", "down")] * 2
    assert two.running.wampsup("start", "clock").out == "clock: running\n"


def test_autostart_that_is_switched_on_starts_and_one_that_is_switched_off_stops_nobody() -> None:
    off = "autostart = false\n"
    with scene(CLOCK + off + SUN) as edge:
        before = edge.sessions("sun")
        assert edge.components()["clock"]["state"] == "stopped"
        assert edge.reload(CLOCK + SUN + off) == "updated: clock, sun\n"
        edge.sessions("clock")
        assert edge.sessions("sun") == before


def test_a_bond_and_a_group_that_come_touch_nobody_and_are_kept_from_then_on(two: Scene) -> None:
    before = two.sessions("clock", "sun")
    bound = CLOCK + SUN + "requires = ['clock']\n"
    assert two.reload(bound) == "updated: sun\n"
    assert two.sessions("clock", "sun") == before
    assert two.running.wampsup("stop", "clock").code == 0
    two.running.until("sun", "waiting")
    assert two.reload(CLOCK + SUN) == "updated: sun\n"
    two.running.until("sun", "running")
    assert two.running.wampsup("start", "clock").code == 0

    before = two.sessions("clock", "sun")
    grouped = CLOCK + "group = 'day'\n" + SUN + "group = 'day'\n[groups.day]\nstrategy = 'one-for-all'\n"
    assert two.reload(grouped) == "updated: clock, sun\ngroups: day\n"
    assert two.sessions("clock", "sun") == before
    assert two.reload(grouped.replace("one-for-all", "rest-for-one")) == "groups: day\n"
    assert two.running.wampsup("status", "group:day").code == 0


def test_one_that_comes_back_while_it_is_still_leaving_runs_anew() -> None:
    stubborn = "[components.mule]\nmain = 'parts:stubborn'\nstop_timeout = 2\n"
    with scene(CLOCK + stubborn) as edge:
        before = edge.sessions("mule")
        assert edge.reload(CLOCK) == "removed: mule\n"
        assert edge.reload(CLOCK + stubborn) == "added: mule\n"
        edge.running.until("mule", "running", also=lambda mule: mule["session_id"] != before["mule"])


def test_a_dry_run_tells_and_changes_nothing(two: Scene) -> None:
    before = two.sessions("clock", "sun")
    two.write(CLOCK + "realm = 'realm1'\n")
    done = two.running.wampsup("reload", "--dry-run")
    assert (done.code, done.out) == (0, "removed: sun\nrestarted: clock\n")
    assert done.err == "this was a dry run: the fleet is as it was\n"
    assert two.sessions("clock", "sun") == before


def test_as_json_it_is_one_document(two: Scene) -> None:
    two.write(CLOCK + SUN + NEW, "log_level = 'debug'")
    done = two.running.wampsup("reload", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "added": ["new"],
        "removed": [],
        "restarted": [],
        "updated": [],
        "unchanged": ["clock", "sun"],
        "groups": [],
        "settings": [],
        "needs_restart": ["supervisor.log_level"],
    }


def test_what_needs_a_restart_of_the_supervisor_is_a_warning_until_there_has_been_one(two: Scene) -> None:
    for out in ("settings: supervisor.start_window\n", "nothing has changed\n"):
        two.write(CLOCK + SUN, "name = 'sea'\nstart_window = 7")
        done = two.running.wampsup("reload")
        assert (done.code, done.out) == (0, out)
        assert done.err == (
            "warning: what has changed in `supervisor.name` needs a restart of the supervisor\n"
            "hint: `wampsup shutdown`, and start the fleet again\n"
        )
    assert two.running.wampsup("status", "--json").json["supervisor"]["name"] == "edge"


@pytest.mark.parametrize(
    "components",
    [
        CLOCK + SUN + "restrat = 1\nautostart = 2\n",
        CLOCK + SUN + "requires = ['moon']\n",
        CLOCK.replace("parts", "no_such") + SUN + "is_fatal = 'no_such:other'\n",
    ],
    ids=["schema", "rules", "references"],
)
def test_a_wrong_file_changes_nothing_and_is_told_just_as_at_the_start(two: Scene, components: str) -> None:
    before = two.sessions("clock", "sun")
    two.write(components)
    done = two.running.wampsup("reload")
    started = wampsup("start", two.path, env={"XDG_RUNTIME_DIR": str(two.path.parent / "other")})
    assert (done.code, done.out) == (5, "")
    assert f"--> {two.path}:" in done.err
    assert (started.code, started.err) == (5, done.err)
    assert two.sessions("clock", "sun") == before
    told = two.running.wampsup("reload", "--json")
    assert (told.code, told.err) == (5, "")
    assert "\n\n".join(one["text"] for one in told.json["errors"]) + "\n" == done.err


def test_a_file_that_has_vanished_changes_nothing(two: Scene) -> None:
    before = two.sessions("clock", "sun")
    two.path.unlink()
    done = two.running.wampsup("reload")
    assert (done.code, done.out, done.err) == (5, "", f"error: no fleet file at `{two.path}`\n")
    assert two.sessions("clock", "sun") == before


def test_a_fleet_that_shuts_down_is_not_reloaded() -> None:
    with scene("[components.mule]\nmain = 'parts:stubborn'\nstop_timeout = 5\n") as edge:
        edge.sessions("mule")
        edge.running.request("POST", "/v1/shutdown")
        edge.running.until("mule", "stopping")
        done = edge.running.wampsup("reload")
        assert (done.code, done.out, done.err) == (1, "", "error: the fleet is shutting down\n")
        edge.running.signal(signal.SIGTERM)
        edge.running.signal(signal.SIGTERM)


def test_sighup_reloads_and_a_wrong_file_is_told_by_the_log_alone(two: Scene) -> None:
    before = two.sessions("clock", "sun")
    two.write(CLOCK + SUN + NEW)
    two.running.signal(signal.SIGHUP)
    wait_until(lambda: "new" in two.components(), what="the new component")
    assert "the fleet file has been read again: 1 added" in two.running.err
    two.write(CLOCK + SUN + "restrat = 1\n")
    two.running.signal(signal.SIGHUP)
    wait_until(lambda: "hint: did you mean `restart`?" in two.running.err, what="the mistake in the log")
    lines = two.running.lines
    (first,) = [number for number, line in enumerate(lines) if line.endswith("SIGHUP has changed nothing:")]
    assert " error [wampsup] " in lines[first]
    assert [line.strip() for line in lines[first + 1 : first + 3]] == [
        "error: unknown key `restrat` in component `sun`",
        f"--> {two.path}:12:1",
    ]
    assert two.sessions("clock", "sun") == before
    two.sessions("new")
