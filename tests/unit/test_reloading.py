"""Reading the fleet file again: what the fleet is handed, and when it is handed nothing."""

from __future__ import annotations

import select
import sys
from itertools import count
from textwrap import dedent
from typing import TYPE_CHECKING, cast

import pytest
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.logger import globalLogPublisher

from support.reactor import reactor, until
from wampsup.config import load
from wampsup.core.reload import Plan
from wampsup.errors import FleetFileError, WampsupError
from wampsup.reloading import SLICE, Reloader
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from twisted.logger import ILogObserver, LogEvent

    from support.reactor import Run
    from wampsup.model.spec import FleetSpec
    from wampsup.wamp.blueprint import Blueprint

_numbers = count(1)

CODE = """
    from autobahn.twisted.component import Component

    def main(reactor, session): ...

    def other(reactor, session): ...

    shared = Component()

    made = []

    def make():
        made.append(Component())
        return made[-1]
"""


class FleetTwin:
    """Becomes every fleet that it is handed, and keeps the names of the blueprints that came with it."""

    def __init__(self, spec: FleetSpec) -> None:
        self.spec = spec
        self.ending = False
        self.handed: list[set[str]] = []
        self.blueprints: dict[str, Blueprint] = {}

    def reload(self, spec: FleetSpec, blueprints: Mapping[str, Blueprint]) -> None:
        self.spec = spec
        self.handed.append(set(blueprints))
        self.blueprints |= blueprints


class Scene:
    """A fleet file and its module, `MODULE` in what is written; and a fleet that was made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.module = f"reloaded_{next(_numbers)}"
        self.path = folder / "edge.toml"
        self.code(CODE)

    def code(self, source: str, module: str = "") -> None:
        (self.folder / f"{module or self.module}.py").write_text(dedent(source))

    def write(self, components: str, rest: str = "") -> None:
        self.path.write_text(rest + components.replace("MODULE", self.module))

    def start(self, components: str, rest: str = "") -> None:
        self.write(components, rest)
        fleet_file = load(self.path)
        blueprints, mistakes = prepare(fleet_file.spec.components, reactor)
        assert not mistakes
        self.fleet = FleetTwin(fleet_file.spec)
        self.done: list[str] = []
        self.failures = 0
        self.reloader = Reloader(
            fleet_file.path, blueprints, self.fleet, reactor, done=self.done.append, failed=self._fail
        )

    def reload(self, *, dry_run: bool = False) -> Deferred[Plan]:
        return self.reloader.reload(dry_run=dry_run)

    async def refused(self) -> WampsupError:
        """The error of a reload that changes nothing."""
        before, handed = self.fleet.spec, len(self.fleet.handed)
        with pytest.raises(WampsupError) as caught:
            await self.reload()
        assert (self.fleet.spec, len(self.fleet.handed)) == (before, handed)
        return caught.value

    def _fail(self) -> None:
        self.failures += 1


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.syspath_prepend(tmp_path)
    return Scene(tmp_path)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What the module logs, as `level: text`."""
    texts: list[str] = []

    def keep(event: LogEvent) -> None:
        if event["log_namespace"] == "wampsup.reloading":
            texts.append(f"{event['log_level'].name}: {event['log_format'].format(**event)}")

    observer = cast("ILogObserver", keep)  # zope.interface tells mypy nothing
    globalLogPublisher.addObserver(observer)
    yield texts
    globalLogPublisher.removeObserver(observer)


TWO = """\
[components.clock]
main = "MODULE:main"
[components.sun]
main = "MODULE:main"
"""


def test_the_fleet_is_handed_the_new_file_and_the_blueprints_of_what_has_changed(scene: Scene, run: Run) -> None:
    scene.start(TWO + '[components.gone]\nmain = "MODULE:main"\n')
    scene.write(TWO.replace('"MODULE:main"', '"MODULE:other"', 1) + '[components.new]\nmain = "MODULE:main"\n')
    planned = run(scene.reload)
    assert planned == Plan(added=("new",), removed=("gone",), restarted=("clock",), unchanged=("sun",))
    assert scene.fleet.handed == [{"new", "clock"}]
    assert scene.done == ["1 added, 1 removed, 1 restarted"]
    assert [component.name for component in scene.fleet.spec.components] == ["clock", "sun", "new"]
    assert scene.fleet.blueprints["clock"].main is sys.modules[scene.module].other
    assert run(scene.reload) == Plan(unchanged=("clock", "sun", "new"))
    assert scene.fleet.handed[1:] == [set()]


def test_a_dry_run_checks_everything_and_changes_nothing(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.write(TWO + '[components.new]\nmain = "MODULE:main"\n')
    assert run(lambda: scene.reload(dry_run=True)).added == ("new",)
    assert (scene.fleet.handed, scene.done) == ([], [])
    scene.write(TWO + '[components.new]\nmain = "MODULE:nothing"\n')
    with pytest.raises(FleetFileError):
        run(lambda: scene.reload(dry_run=True))


def test_what_needs_a_restart_of_the_supervisor_stays_as_it_was(scene: Scene, run: Run, logged: list[str]) -> None:
    scene.start(TWO)
    scene.write(TWO, '[supervisor]\nname = "sea"\nstart_window = 1\n')
    planned = run(scene.reload)
    assert (planned.settings, planned.needs_restart) == (("supervisor.start_window",), ("supervisor.name",))
    assert scene.fleet.spec.supervisor.name == "edge"
    assert scene.fleet.spec.supervisor.start_window == 1
    assert run(scene.reload).needs_restart == ("supervisor.name",)
    assert logged[2:] == [
        "info: the fleet file has been read again: nothing has changed",
        "warn: what has changed in `supervisor.name` needs a restart of the supervisor",
    ]


def test_a_reactor_that_this_system_does_not_have_is_a_mistake_like_others(scene: Scene, run: Run) -> None:
    foreign = "epoll" if hasattr(select, "kqueue") else "kqueue"
    scene.start(TWO)
    scene.write(TWO + '[components.new]\nmain = "MODULE:nothing"\n', f'[supervisor]\nreactor = "{foreign}"\n')
    error = run(scene.refused)
    assert isinstance(error, FleetFileError)
    assert [mistake.message for mistake in error.mistakes] == [
        f"the reactor can't be `{foreign}`: this system has none",
        f"`main` of component `new`: module `{scene.module}` has no `nothing`",
    ]
    assert scene.fleet.handed == []


def test_a_wrong_file_changes_nothing_and_all_of_its_mistakes_are_told(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.write(TWO + "[components.new]\nmian = 1\nrealm = 1\n")
    error = run(scene.refused)
    assert isinstance(error, FleetFileError)
    assert error.message == f"`{scene.path}` has 2 mistakes"
    assert f"--> {scene.path}:6:1" in error.render()
    assert f"--> {scene.path}:7:9" in error.render()


def test_a_reload_that_fails_is_told_and_a_dry_run_is_not(scene: Scene, run: Run) -> None:
    async def scenario() -> None:
        scene.start("[components.a]\nmain = 'MODULE:main'\n")
        await scene.reload()
        assert (len(scene.done), scene.failures) == (1, 0)
        scene.write("[components.a]\nmian = 'MODULE:main'\n")
        await scene.refused()
        assert (len(scene.done), scene.failures) == (1, 1)
        with pytest.raises(FleetFileError):
            await scene.reload(dry_run=True)
        assert (len(scene.done), scene.failures) == (1, 1)

    run(scenario)


def test_references_that_lead_nowhere_change_nothing_and_are_told_at_their_place(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.write(TWO.replace("MODULE:main", "no_such:main") + '[components.new]\nmain = "MODULE:main"\n')
    error = run(scene.refused)
    assert isinstance(error, FleetFileError)
    assert [mistake.message for mistake in error.mistakes] == [
        "`main` of component `clock`: there is no module `no_such`",
        "`main` of component `sun`: there is no module `no_such`",
    ]
    assert f"--> {scene.path}:2:8" in error.render()


def test_a_file_that_has_vanished_changes_nothing(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.path.unlink()
    assert run(scene.refused).message == f"no fleet file at `{scene.path}`"


def test_a_fleet_that_shuts_down_is_not_reloaded(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.fleet.ending = True
    assert run(scene.refused).message == "the fleet is shutting down"

    async def ends_meanwhile() -> str:
        scene.fleet.ending = False
        reload = scene.reload()
        scene.fleet.ending = True
        with pytest.raises(WampsupError) as caught:
            await reload
        return caught.value.message

    assert run(ends_meanwhile) == "the fleet is shutting down"
    assert scene.fleet.handed == []


def test_code_that_was_added_to_a_module_after_its_import_is_not_found_and_it_is_told_why(
    scene: Scene, run: Run
) -> None:
    scene.start(TWO)
    scene.code(CODE + "    def later(reactor, session): ...\n")
    scene.write(TWO + '[components.new]\nmain = "MODULE:main"\nis_fatal = ["com.example.*", "MODULE:later"]\n')
    error = run(scene.refused)
    assert (error.message, error.hint) == (
        f"`is_fatal` of component `new`: module `{scene.module}` has no `later`",
        f"`{scene.module}` has been imported before; what has changed in it since needs a restart of the supervisor",
    )


def test_a_restart_comes_first_among_the_hints(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    once = f"`{scene.module}` has been imported before; what has changed in it since needs a restart of the supervisor"
    scene.write(TWO + '[components.new]\nmain = "MODULE:mian"\n')
    assert run(scene.refused).hint == f"{once}; or: did you mean `{scene.module}:main`?"
    scene.write(TWO + '[components.new]\ncomponent = "MODULE:made"\n')
    assert (run(scene.refused).hint or "").startswith(f"{once}; or: it must be a Component of ")
    scene.write(
        TWO + '[components.new]\nsession_factory = "wampsup.wamp.callbacks:CallbackSession"\n'
        'extra.callbacks.join = "MODULE:shared"\nextra.callbacks.leave = "no_such:left"\n'
    )
    error = run(scene.refused)
    assert isinstance(error, FleetFileError)
    assert [mistake.hint for mistake in error.mistakes] == [once, None]


def test_a_module_that_did_not_import_is_imported_anew_once_it_is_mended(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    new = f"reloaded_{next(_numbers)}"
    scene.write(TWO + f'[components.new]\nmain = "{new}:main"\n')
    assert run(scene.refused).message == f"`main` of component `new`: there is no module `{new}`"
    scene.code("raise ValueError('dry')", new)
    error = run(scene.refused)
    assert error.message.endswith(f"module `{new}` does not import: ValueError: dry ({new}.py, line 1)")
    assert error.hint == 'set `log_level = "debug"` in `[supervisor]` to log its traceback'
    scene.code("def main(reactor, session): ...", new)
    assert run(scene.reload).added == ("new",)


def test_a_new_python_path_that_would_be_needed_is_told(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.write(TWO + '[components.new]\nmain = "no_such:main"\n', '[supervisor]\npython_path = ["lib"]\n')
    assert run(scene.refused).hint == "a change of `python_path` needs a restart of the supervisor"


def test_a_component_that_is_in_use_is_kept_by_a_change_of_a_rule(scene: Scene, run: Run) -> None:
    text = '[components.own]\ncomponent = "MODULE:make"\n'
    scene.start(text)
    made = sys.modules[scene.module].made
    scene.write(text + 'on_user_error = "log"\n')
    assert run(scene.reload).updated == ("own",)
    assert scene.fleet.blueprints["own"].original is made[0]
    assert len(made) == 1
    scene.write(text + 'realm = "realm2"\n')
    assert run(scene.reload).restarted == ("own",)
    assert scene.fleet.blueprints["own"].original is made[1]


def test_a_component_of_autobahn_that_stays_can_not_be_another_one_as_well_but_may_change_its_name(
    scene: Scene, run: Run
) -> None:
    text = '[components.own]\ncomponent = "MODULE:shared"\n'
    scene.start(text)
    scene.write(text + text.replace("own", "second"))
    assert run(scene.refused).message == "components `own` and `second` are the same Component"
    scene.write(text.replace("own", "second"))
    assert run(scene.reload) == Plan(added=("second",), removed=("own",))
    scene.write(text + text.replace("own", "second"))
    assert run(scene.refused).message == "components `second` and `own` are the same Component"


def test_reloads_come_one_after_the_other(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    scene.write(TWO + '[components.new]\nmain = "MODULE:main"\n')

    async def scenario() -> list[Plan]:
        plans: list[Plan] = await gatherResults([scene.reload(), scene.reload(dry_run=True), scene.reload()])
        return plans

    assert [planned.added for planned in run(scenario)] == [("new",), (), ()]


def test_a_reload_that_nobody_waits_for_any_more_changes_nothing_and_keeps_nobody_waiting(
    scene: Scene, run: Run
) -> None:
    scene.start(TWO)
    scene.write(TWO + '[components.new]\nmain = "MODULE:main"\n')

    async def scenario() -> Plan:
        first, second, third = (scene.reload() for _ in range(3))
        for one in (second, first):
            one.cancel()
            with pytest.raises(CancelledError):
                await one
        assert scene.fleet.handed == []
        return await third

    assert run(scenario).added == ("new",)


def test_others_have_their_turn_while_many_components_are_prepared(scene: Scene, run: Run) -> None:
    scene.start(TWO)
    many = 3 * SLICE
    scene.write("".join(f'[components.c{number}]\nmain = "MODULE:main"\n' for number in range(many)))

    async def scenario() -> int:
        turns = 0
        reload = scene.reload()
        while not reload.called:
            turns += 1
            await deferLater(reactor, 0)
        assert len((await reload).added) == many
        return turns

    assert run(scenario) > 3


def test_sighup_reloads_and_the_log_tells_what_has_changed(scene: Scene, run: Run, logged: list[str]) -> None:
    scene.start(TWO)

    async def scenario(text: str) -> None:
        scene.write(text)
        before = len(logged)
        for _ in range(9):
            scene.reloader.hang_up()
        await until(lambda: len(logged) == before + 2, 5, "two entries in the log")

    run(lambda: scenario(TWO + '[components.new]\nmain = "MODULE:main"\n'))
    assert logged == [
        "info: the fleet file has been read again: 1 added",
        "info: the fleet file has been read again: nothing has changed",  # the eight that had to wait
    ]
    run(lambda: scenario(TWO.replace("main =", "mian =")))
    assert logged[2] == logged[3]
    first, *lines = logged[2].splitlines()
    assert first == "error: SIGHUP has changed nothing:"
    assert lines[0] == "error: unknown key `mian` in component `clock`"
    assert lines[1].strip() == f"--> {scene.path}:2:1"
