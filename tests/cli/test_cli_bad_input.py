"""What people get wrong, through the real command: the whole text that they read, and the exit code."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

import pytest

from support.command import fleet, wampsup
from support.files import write_fleet, write_module
from support.waiting import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Fleet, Result

PARTS = """
    number = 7

    def clock(reactor, session):
        pass
"""

CLOCK = """
[components.clock]
main = "parts:clock"
transports = "rs://unix:nobody.sock"
"""


class Start(Protocol):
    """Starts a fleet of that text, which is given a component where it has none."""

    def __call__(self, text: str = "", **env: str) -> Result: ...


@pytest.fixture(params=[[], ["--detach"]], ids=["foreground", "detached"])
def start(request: pytest.FixtureRequest, runtime: Path, tmp_path: Path) -> Start:
    """Errors are the same in the foreground and detached."""
    write_module(tmp_path, PARTS)

    def start(text: str = "", **env: str) -> Result:
        text = dedent(text).lstrip("\n")
        write_fleet(tmp_path, text if "[components" in text else text + CLOCK, "edge.toml")
        return wampsup("start", "edge.toml", *request.param, cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime), **env})

    return start


def ended(done: Result) -> tuple[int, str, str]:
    return done.code, done.out, done.err


def wrong(code: int, err: str) -> tuple[int, str, str]:
    return code, "", dedent(err).lstrip("\n")


# The file


def test_no_file(runtime: Path, tmp_path: Path) -> None:
    done = wampsup("start", "none.toml", cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime)})
    assert ended(done) == wrong(5, "error: no fleet file at `none.toml`\n")


def test_a_folder(runtime: Path, tmp_path: Path) -> None:
    (tmp_path / "fleets").mkdir()
    done = wampsup("start", "fleets/", cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime)})
    assert ended(done) == wrong(
        5,
        """
        error: `fleets/` is a folder, not a fleet file
        hint: name the file in it, such as `fleets/fleet.toml`
        """,
    )


@pytest.mark.parametrize("file", ["loop.toml", "loop.toml/edge.toml"])
def test_a_file_that_can_not_be_read(runtime: Path, tmp_path: Path, file: str) -> None:
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    done = wampsup("start", file, cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime)})
    assert ended(done) == wrong(5, f"error: cannot read `{file}`: too many levels of symbolic links\n")


def test_not_toml(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = parts:clock
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: not valid TOML: invalid value
         --> edge.toml:2:8
          |
        2 | main = parts:clock
          |        ^
        """,
    )


# The keys


def test_an_unknown_key(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = "parts:clock"
        restrat = { policy = "always" }
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: unknown key `restrat` in component `pricing`
         --> edge.toml:3:1
          |
        3 | restrat = { policy = "always" }
          | ^^^^^^^
        hint: did you mean `restart`?
        """,
    )


def test_a_wrong_type(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = "parts:clock"
        stop_timeout = "soon"
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: `stop_timeout` of component `pricing` must be a number of seconds above 0, not `"soon"`
         --> edge.toml:3:16
          |
        3 | stop_timeout = "soon"
          |                ^^^^^^
        """,
    )


def test_two_kinds_for_one_component(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = "parts:clock"
        component = "parts:clock"
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: component `pricing` has both `main` and `component`
         --> edge.toml:3:1
          |
        3 | component = "parts:clock"
          | ^^^^^^^^^
        hint: keep one of them
        """,
    )


def test_an_invalid_url(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = "parts:clock"
        transports = "http://127.0.0.1:8080/ws"
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: `transports` of component `pricing` must be a URL that begins with \
`ws://`, `wss://`, `rs://` or `rss://`, not `"http://127.0.0.1:8080/ws"`
         --> edge.toml:3:14
          |
        3 | transports = "http://127.0.0.1:8080/ws"
          |              ^^^^^^^^^^^^^^^^^^^^^^^^^^
        hint: did you mean `ws://`?
        """,
    )


def test_all_mistakes_of_a_file_are_told_at_once(start: Start) -> None:
    done = start(
        """
        [supervisor]
        log_level = "loud"

        [components.pricing]
        main = "parts:clock"
        restrat = 1
        stop_timeout = "soon"

        [components.clock]
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: `log_level` in `[supervisor]` must be one of `critical`, `error`, `warn`, `info`, `debug`, `trace`, \
not `loud`
         --> edge.toml:2:13
          |
        2 | log_level = "loud"
          |             ^^^^^^

        error: unknown key `restrat` in component `pricing`
         --> edge.toml:6:1
          |
        6 | restrat = 1
          | ^^^^^^^
        hint: did you mean `restart`?

        error: `stop_timeout` of component `pricing` must be a number of seconds above 0, not `"soon"`
         --> edge.toml:7:16
          |
        7 | stop_timeout = "soon"
          |                ^^^^^^

        error: component `clock` says nothing to run
         --> edge.toml:9:13
          |
        9 | [components.clock]
          |             ^^^^^
        hint: give it one of `main`, `session_factory`, `component`
        """,
    )


# What the file refers to


def test_a_module_that_does_not_exist(start: Start) -> None:
    done = start('[components.pricing]\nmain = "shop.pricing:main"\n')
    assert ended(done) == wrong(
        5,
        """
        error: `main` of component `pricing`: there is no module `shop`
         --> edge.toml:2:8
          |
        2 | main = "shop.pricing:main"
          |        ^^^^^^^^^^^^^^^^^^^
        """,
    )


BROKEN = {
    "import no_such_thing": "ModuleNotFoundError: No module named 'no_such_thing' (parts.py, line 1)",
    "raise ValueError('the kettle is dry')": "ValueError: the kettle is dry (parts.py, line 1)",
    "raise ValueError": "ValueError (parts.py, line 1)",
    "def clock(:": "SyntaxError: invalid syntax (parts.py, line 1)",
    "import sys; sys.exit('bye')": "SystemExit: bye (parts.py, line 1)",
    "class End(BaseException): pass\nraise End('of it')": "End: of it (parts.py, line 2)",
}


@pytest.mark.parametrize(("source", "said"), BROKEN.items(), ids=BROKEN.values())
def test_a_module_that_does_not_import(start: Start, tmp_path: Path, source: str, said: str) -> None:
    write_module(tmp_path, source)
    assert ended(start('[components.pricing]\nmain = "parts:clock"\n')) == wrong(
        5,
        f"""
        error: `main` of component `pricing`: module `parts` does not import: {said}
         --> edge.toml:2:8
          |
        2 | main = "parts:clock"
          |        ^^^^^^^^^^^^^
        hint: set `log_level = "debug"` in `[supervisor]` to log its traceback
        """,
    )


RUNS = {
    "reactor.run": "from twisted.internet import reactor\ntry:\n    reactor.run()\nexcept Exception:\n    pass\n",
    "autobahn's run": "from autobahn.twisted.component import Component, run\nrun([Component()])\n",
}


@pytest.mark.parametrize("source", RUNS.values(), ids=RUNS)
def test_a_module_that_runs_the_reactor_when_it_is_imported(start: Start, tmp_path: Path, source: str) -> None:
    write_module(tmp_path, source)
    assert ended(start('[components.pricing]\nmain = "parts:clock"\n')) == wrong(
        5,
        """
        error: `main` of component `pricing`: module `parts` runs the reactor when it is imported: put `run(...)` under `if __name__ == "__main__":`
         --> edge.toml:2:8
          |
        2 | main = "parts:clock"
          |        ^^^^^^^^^^^^^
        """,  # noqa: E501 - one line of the output
    )


def test_the_traceback_of_a_module_that_does_not_import_is_in_the_log_at_debug(runtime: Path, tmp_path: Path) -> None:
    write_module(tmp_path, "raise ValueError('it is dry')")
    text = """
        [supervisor]
        log_level = "debug"

        [components.pricing]
        main = "parts:clock"
    """
    write_fleet(tmp_path, text, "edge.toml")
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(runtime)}
    done = wampsup("start", "edge.toml", cwd=tmp_path, env=env)
    told = dedent("""\
        error: `main` of component `pricing`: module `parts` does not import: ValueError: it is dry (parts.py, line 1)
         --> edge.toml:5:8
          |
        5 | main = "parts:clock"
          |        ^^^^^^^^^^^^^
        hint: the log has its traceback
    """)
    assert (done.code, done.out) == (5, "")
    assert done.err.endswith(told)
    assert f'      File "{tmp_path}/parts.py", line 1, in <module>\n' in done.err
    detached = wampsup("start", "edge.toml", "--detach", cwd=tmp_path, env=env)
    assert ended(detached) == (5, "", told)
    for_program = wampsup("start", "edge.toml", "--detach", "--json", cwd=tmp_path, env=env)
    assert (for_program.code, for_program.err) == (5, "")
    (mistake,) = for_program.json["errors"]
    assert (mistake["line"], mistake["hint"]) == (5, "the log has its traceback")
    log = (runtime / "wampsup" / "edge.log").read_text(encoding="utf-8")
    assert f'      File "{tmp_path}/parts.py", line 1, in <module>\n' in log


def test_a_name_that_is_not_there(start: Start) -> None:
    assert ended(start('[components.pricing]\nmain = "parts:clok"\n')) == wrong(
        5,
        """
        error: `main` of component `pricing`: module `parts` has no `clok`
         --> edge.toml:2:8
          |
        2 | main = "parts:clok"
          |        ^^^^^^^^^^^^
        hint: did you mean `parts:clock`?
        """,
    )


def test_a_name_that_is_not_callable(start: Start) -> None:
    assert ended(start('[components.pricing]\nmain = "parts:number"\n')) == wrong(
        5,
        """
        error: `main` of component `pricing`: `parts:number` is not callable
         --> edge.toml:2:8
          |
        2 | main = "parts:number"
          |        ^^^^^^^^^^^^^^
        """,
    )


def test_all_wrong_references_of_a_file_are_told_at_once(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = "parts:number"

        [components.clock]
        session_factory = "shop:Clock"
        """
    )
    assert ended(done) == wrong(
        5,
        """
        error: `main` of component `pricing`: `parts:number` is not callable
         --> edge.toml:2:8
          |
        2 | main = "parts:number"
          |        ^^^^^^^^^^^^^^

        error: `session_factory` of component `clock`: there is no module `shop`
         --> edge.toml:5:19
          |
        5 | session_factory = "shop:Clock"
          |                   ^^^^^^^^^^^^
        """,
    )


# What is in the way


def test_a_port_in_use_for_the_embedded_router(start: Start, runtime: Path) -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", port))):
        done = start(
            f"""
            [router]
            listen = "ws://127.0.0.1:{port}/ws"
            realms = ["realm1"]
            """
        )
    assert ended(done) == wrong(
        1, f"error: the router can't listen on `ws://127.0.0.1:{port}/ws`: the port is in use\n"
    )
    assert not (runtime / "wampsup" / "edge.sock").exists()


@pytest.fixture
def already(tmp_path: Path) -> Iterator[Fleet]:
    write_module(tmp_path / "first", PARTS)
    with fleet(write_fleet(tmp_path / "first", CLOCK, "edge.toml")) as running:
        yield running


def test_a_fleet_that_already_runs(start: Start, already: Fleet) -> None:
    done = start(**already.env)
    assert ended(done) == wrong(
        1,
        f"""
        error: fleet `edge` already runs (pid {already.pid})
        hint: stop it with `wampsup shutdown --socket {already.socket}`
        """,
    )
    assert already.wampsup("status").code == 0


def test_a_fleet_that_already_runs_elsewhere(start: Start, already: Fleet) -> None:
    done = start(f'[supervisor]\nsocket = "{already.runtime}/other.sock"\n', **already.env)
    assert ended(done) == wrong(
        1,
        f"""
        error: fleet `edge` already runs (pid {already.pid})
        hint: stop it with `wampsup shutdown --socket {already.socket}`
        """,
    )
    assert already.wampsup("status").code == 0


def test_a_socket_that_another_fleet_has(start: Start, already: Fleet, runtime: Path) -> None:
    done = start(f'[supervisor]\nname = "yard"\nsocket = "{already.socket}"\n', XDG_RUNTIME_DIR=str(runtime))
    assert ended(done) == wrong(
        1,
        f"""
        error: the control socket `{already.socket}` belongs to fleet `edge` (pid {already.pid})
        hint: set another `socket` in `[supervisor]`
        """,
    )
    assert already.wampsup("status").code == 0


def test_a_socket_path_that_is_a_file(start: Start, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    assert ended(start('[supervisor]\nsocket = "precious"\n')) == wrong(
        1,
        f"""
        error: `{precious}` is not a socket
        hint: remove it, or set another `socket` in `[supervisor]`
        """,
    )
    assert precious.read_text(encoding="utf-8") == "precious"


def test_a_socket_path_that_is_a_folder(start: Start, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert ended(start('[supervisor]\nsocket = "folder"\n')) == wrong(
        1,
        f"""
        error: `{tmp_path}/folder` is not a socket
        hint: remove it, or set another `socket` in `[supervisor]`
        """,
    )


def test_a_socket_on_which_another_program_listens(start: Start, runtime: Path) -> None:
    path = runtime / "docker.sock"
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(str(path))
        other.listen()
        done = start(f'[supervisor]\nsocket = "{path}"\n')
    assert ended(done) == wrong(
        1,
        f"""
        error: another program listens on `{path}`
        hint: set another `socket` in `[supervisor]`
        """,
    )
    assert path.exists()


def test_a_socket_in_no_folder(start: Start) -> None:
    done = start('[supervisor]\nsocket = "/nonexistent/edge.sock"\n')
    assert ended(done) == wrong(1, "error: cannot open `/nonexistent/edge.lock`: no such file or directory\n")


def test_a_socket_path_that_is_too_long(start: Start) -> None:
    path = f"/tmp/{'x' * 110}.sock"
    assert ended(start(f'[supervisor]\nsocket = "{path}"\n')) == wrong(
        1,
        f"""
        error: the socket path `{path}` is too long (120 bytes, at most 107)
        hint: set a shorter `socket` in `[supervisor]`
        """,
    )
    assert not Path(path).with_suffix(".lock").exists()


def test_a_folder_for_sockets_that_is_open_to_others(start: Start, runtime: Path) -> None:
    folder = runtime / "wampsup"
    folder.mkdir()
    folder.chmod(0o777)
    assert ended(start()) == wrong(
        1,
        f"""
        error: the folder `{folder}` is open to others (mode 0777)
        hint: chmod 700 {folder}
        """,
    )


def test_a_detached_start_that_is_killed_is_told(runtime: Path, tmp_path: Path) -> None:
    write_module(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    path = write_fleet(tmp_path, '[components.a]\nmain = "parts:a"\n', "edge.toml")
    done = wampsup("start", path, "--detach", env={"XDG_RUNTIME_DIR": str(runtime)})
    assert ended(done) == wrong(1, "error: the supervisor was ended by SIGKILL before it was ready\n")


# What is not there

COMMANDS = (["status"], ["show", "clock"], ["start", "clock"], ["stop", "clock"], ["restart", "clock"], ["shutdown"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_supervisor_there(runtime: Path, command: list[str]) -> None:
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(runtime)}
    assert ended(wampsup(*command, env=env)) == wrong(
        3,
        """
        error: no supervisor is running
        hint: start one with `wampsup start FLEET.toml`
        """,
    )
    assert ended(wampsup(*command, "--fleet", "edge", env=env)) == wrong(
        3,
        """
        error: the supervisor of fleet `edge` does not answer
        hint: start it with `wampsup start FLEET.toml`
        """,
    )
    path = runtime / "x.sock"
    assert ended(wampsup(*command, env=env | {"WAMPSUP_SOCKET": str(path)})) == wrong(
        3,
        f"""
        error: the supervisor on `{path}` does not answer
        hint: start it with `wampsup start FLEET.toml`
        """,
    )


@pytest.mark.parametrize(
    "command",
    [["status", "nope"], ["show", "nope"], ["start", "nope"], ["stop", "clock", "nope"], ["restart", "nope"]],
    ids=" ".join,
)
def test_no_such_component(already: Fleet, command: list[str]) -> None:
    before = already.component("clock")["desired"]
    assert ended(already.wampsup(*command)) == wrong(4, "error: no component `nope` in fleet `edge`\n")
    assert already.component("clock")["desired"] == before


def test_a_pattern_that_matches_nothing(already: Fleet) -> None:
    assert ended(already.wampsup("stop", "x-*")) == wrong(4, "error: no component `x-*` in fleet `edge`\n")
