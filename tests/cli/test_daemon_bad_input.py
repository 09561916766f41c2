"""What can't start says so in a sentence, through the real command: exact words, exit code, nothing left behind."""

from __future__ import annotations

import shutil
import socket
import tempfile
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

    from support.command import Result

CLOCK = """
[components.clock]
main = "parts:clock"
transports = "rs://unix:nobody.sock"
"""


class Start(Protocol):
    """Starts a fleet of that text, which is given a component where it has none."""

    def __call__(self, text: str = "", **env: str) -> Result: ...


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A short $XDG_RUNTIME_DIR: a socket's path has room for 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="wampsup-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=[[], ["--detach"]], ids=["foreground", "detached"])
def start(request: pytest.FixtureRequest, runtime: Path, tmp_path: Path) -> Start:
    """Errors are the same in the foreground and detached."""
    write_module(tmp_path, "def clock(reactor, session): pass")

    def start(text: str = "", **env: str) -> Result:
        text = dedent(text).lstrip("\n")
        write_fleet(tmp_path, text if "[components" in text else text + CLOCK, "edge.toml")
        return wampsup("start", "edge.toml", *request.param, cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime), **env})

    return start


def ended(done: Result) -> tuple[int, str, str]:
    return done.code, done.out, done.err


def test_no_file(runtime: Path, tmp_path: Path) -> None:
    done = wampsup("start", "none.toml", cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime)})
    assert done.code == 5
    assert done.out == ""
    assert done.err.splitlines()[0] == "error: no fleet file at `none.toml`"


def test_a_folder(runtime: Path, tmp_path: Path) -> None:
    done = wampsup("start", "./", cwd=tmp_path, env={"XDG_RUNTIME_DIR": str(runtime)})
    assert done.code == 5
    assert "is a folder, not a fleet file" in done.err.splitlines()[0]


def test_not_toml(start: Start) -> None:
    done = start("[supervisor\n")
    assert done.code == 5
    assert done.err.startswith("error: not valid TOML: ")
    assert "--> edge.toml:1:12" in done.err


def test_an_unknown_key(start: Start) -> None:
    done = start(
        """
        [components.pricing]
        main = "parts:pricing"
        restrat = { policy = "always" }
        """
    )
    assert ended(done) == (
        5,
        "",
        dedent("""\
            error: unknown key `restrat` in component `pricing`
             --> edge.toml:3:1
              |
            3 | restrat = { policy = "always" }
              | ^^^^^^^
            hint: did you mean `restart`?
        """),
    )


def test_a_module_that_does_not_import(start: Start, tmp_path: Path) -> None:
    write_module(tmp_path, "print('imported'); import no_such_thing")
    done = start(
        """
        [supervisor]
        log_level = "error"

        [components.pricing]
        main = "parts:pricing"
        """
    )
    assert done.code == 5
    assert "Traceback" not in done.err
    assert done.err.splitlines()[0].startswith("error: ")
    assert "`parts`" in done.err.splitlines()[0]
    assert "--> edge.toml:5:8" in done.err


def test_the_traceback_of_a_module_that_does_not_import_is_kept_for_the_log(runtime: Path, tmp_path: Path) -> None:
    write_module(tmp_path, "import no_such_thing")
    text = """
        [supervisor]
        log_level = "debug"

        [components.pricing]
        main = "parts:pricing"
    """
    path = write_fleet(tmp_path, text, "edge.toml")
    done = wampsup("start", path, env={"XDG_RUNTIME_DIR": str(runtime)})
    assert done.code == 5
    assert "    ModuleNotFoundError: No module named 'no_such_thing'" in done.err


def test_a_name_that_is_not_callable(start: Start, tmp_path: Path) -> None:
    write_module(tmp_path, "pricing = 7")
    done = start(
        """
        [components.pricing]
        main = "parts:pricing"
        """
    )
    assert done.code == 5
    assert "callable" in done.err.splitlines()[0]
    assert "--> edge.toml:2:8" in done.err


def test_a_port_in_use_for_the_embedded_router(start: Start) -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", port))):
        done = start(
            f"""
            [supervisor]
            log_level = "error"

            [router]
            listen = "ws://127.0.0.1:{port}/ws"
            realms = ["realm1"]
            """
        )
    message = f"error: the router can't listen on `ws://127.0.0.1:{port}/ws`: the port is in use\n"
    assert ended(done) == (1, "", message)


def test_a_socket_path_that_is_a_file(start: Start, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    done = start(
        f"""
        [supervisor]
        socket = "{precious}"
        """
    )
    assert ended(done) == (
        1,
        "",
        f"error: `{precious}` is not a socket\nhint: remove it, or set another `socket` in `[supervisor]`\n",
    )
    assert precious.read_text(encoding="utf-8") == "precious"


def test_a_socket_in_no_folder(start: Start) -> None:
    done = start(
        """
        [supervisor]
        socket = "/nonexistent/edge.sock"
        """
    )
    assert ended(done) == (1, "", "error: cannot open `/nonexistent/edge.lock`: no such file or directory\n")


def test_a_socket_path_that_is_too_long(start: Start) -> None:
    path = f"/tmp/{'x' * 110}.sock"
    hint = "hint: set a shorter `socket` in `[supervisor]`\n"
    done = start(
        f"""
        [supervisor]
        log_level = "error"
        socket = "{path}"
        """
    )
    assert ended(done) == (
        1,
        "",
        f"error: the socket path `{path}` is too long (120 bytes, at most 107)\n{hint}",
    )
    assert not Path(path).with_suffix(".lock").exists()


def test_a_folder_for_sockets_that_is_open_to_others(start: Start, runtime: Path) -> None:
    folder = runtime / "wampsup"
    folder.mkdir()
    folder.chmod(0o777)
    assert ended(start()) == (
        1,
        "",
        f"error: the folder `{folder}` is open to others (mode 0777)\nhint: chmod 700 {folder}\n",
    )


def test_a_fleet_that_already_runs(start: Start, tmp_path: Path) -> None:
    write_module(tmp_path / "first", "def clock(reactor, session): pass")
    with fleet(write_fleet(tmp_path / "first", CLOCK, "edge.toml")) as already:
        done = start(**already.env)
        hint = f"hint: stop it with `wampsup shutdown --socket {already.socket}`\n"
        assert ended(done) == (
            1,
            "",
            f"error: fleet `edge` already runs (pid {already.pid})\n{hint}",
        )
        assert already.wampsup("status").code == 0


def test_a_socket_on_which_another_program_listens(start: Start, runtime: Path) -> None:
    path = runtime / "docker.sock"
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(str(path))
        other.listen()
        done = start(f'[supervisor]\nsocket = "{path}"\n')
    assert ended(done) == (
        1,
        "",
        f"error: another program listens on `{path}`\nhint: set another `socket` in `[supervisor]`\n",
    )
    assert path.exists()


def test_a_detached_start_that_is_killed_is_told(runtime: Path, tmp_path: Path) -> None:
    write_module(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    path = write_fleet(tmp_path, '[components.a]\nmain = "parts:a"\n', "edge.toml")
    done = wampsup("start", path, "--detach", env={"XDG_RUNTIME_DIR": str(runtime)})
    assert ended(done) == (1, "", "error: the supervisor was ended by SIGKILL before it was ready\n")
