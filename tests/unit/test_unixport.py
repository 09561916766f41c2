"""A unix socket is for nobody before it is for those whom it is meant for, and removes nothing but itself."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory, Protocol

from support.reactor import Usage, reactor
from support.users import NOBODY, only_root
from wampsup.unixport import UnixPort

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from support.reactor import Run

GROUP = 54_000 if os.geteuid() == 0 else os.getegid()


class Steps:
    """Looks at a path after every call into C that is made, and keeps what it sees there: mode, group, and whether
    somebody listens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seen: list[tuple[str, int, bool]] = []

    def __call__(self, _frame: FrameType, event: str, _called: Any) -> None:
        if event != "c_return":
            return
        sys.setprofile(None)
        try:
            found = self._path.stat()
        except FileNotFoundError:
            pass
        else:
            with closing(socket.socket(socket.AF_UNIX)) as probe:
                probe.settimeout(0)
                listens = probe.connect_ex(str(self._path)) in (0, errno.EAGAIN)
            seen = (oct(stat.S_IMODE(found.st_mode)), found.st_gid, listens)
            if seen not in self.seen:
                self.seen.append(seen)
        finally:
            sys.setprofile(self)


def listen(path: Path, **keys: Any) -> UnixPort:
    factory: Any = Factory.forProtocol(Protocol)
    port = UnixPort(str(path), factory, reactor, backlog=5, **keys)
    port.startListening()
    return port


def test_in_no_step_of_its_making_can_anybody_connect_who_should_not(run: Run, short_path: Path) -> None:
    steps = Steps(short_path / "s")

    def watched() -> UnixPort:
        sys.setprofile(steps)
        try:
            return listen(short_path / "s", mode=0o660, group=GROUP)
        finally:
            sys.setprofile(None)

    port = run(watched)
    first = ("0o600", os.getegid(), False)
    given = ("0o600", GROUP, False)
    moded = ("0o660", GROUP, False)
    listening = ("0o660", GROUP, True)
    assert steps.seen == list(dict.fromkeys([first, given, moded, listening]))
    run(lambda: maybeDeferred(port.stopListening))
    assert not (short_path / "s").exists()


def test_at_its_end_it_leaves_alone_what_lies_at_its_path_by_then(run: Run, short_path: Path) -> None:
    path = short_path / "s"
    port = run(lambda: listen(path))
    found = [port.is_there]
    path.unlink()
    assert [*found, port.is_there] == [True, False]
    path.write_text("precious")
    run(lambda: maybeDeferred(port.stopListening))
    assert path.read_text() == "precious"


@pytest.mark.parametrize("what", ["file", "socket"])
def test_where_something_is_in_the_way_it_fails_and_leaves_that_alone(run: Run, short_path: Path, what: str) -> None:
    path = short_path / "s"
    with closing(socket.socket(socket.AF_UNIX)) as other:
        if what == "file":
            path.touch()
        else:
            other.bind(str(path))

        async def fail() -> None:
            held = Usage.now()
            with pytest.raises(CannotListenError):
                listen(path)
            await held.again()

        run(fail)
        assert path.exists()


@only_root
def test_a_group_that_it_can_not_be_given_to_leaves_nothing_behind(short_path: Path) -> None:
    short_path.chmod(0o777)
    program = (
        "import sys; from twisted.internet import reactor; from twisted.internet.protocol import Factory\n"
        "from wampsup.unixport import UnixPort"
    )
    then = "UnixPort(sys.argv[1], Factory(), reactor, backlog=5, group=54_001).startListening()"
    path = f"/tmp/wampsup-port-{os.getpid()}.sock"
    done = NOBODY._run(program, then, path)
    assert "CannotListenError" in done.err
    assert "Operation not permitted" in done.err
    assert not os.path.lexists(path)
