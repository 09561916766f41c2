"""A terminal for programs: what they write to it, keys that are pressed, another size."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PATIENCE = 20.0
LFLAG = 3


class Terminal:
    """A program in a terminal of its own, which is also the one that controls it, as in a window."""

    def __init__(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        *,
        columns: int = 80,
        lines: int = 24,
        cwd: Path | None = None,
    ) -> None:
        self._ours, self._theirs = pty.openpty()
        self.resize(columns, lines)
        self._before: list[Any] = termios.tcgetattr(self._theirs)
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            env={"TERM": "xterm", **{key: value for key, value in env.items() if key not in {"COLUMNS", "LINES"}}},
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            cwd=cwd,
        )
        self._written = b""
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def written(self) -> str:
        """All that was written to it so far."""
        return self._written.decode(errors="replace")

    @property
    def is_as_it_was(self) -> bool:
        """Whether the settings are those from before the program."""
        return termios.tcgetattr(self._theirs) == self._before

    def echoes(self) -> bool:
        """Whether keys are shown as they are pressed."""
        return bool(termios.tcgetattr(self._theirs)[LFLAG] & termios.ECHO)

    def resize(self, columns: int, lines: int) -> None:
        """Another size, which the program is told of."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._ours, keys.encode())

    def until(self, text: str, after: int = 0) -> str:
        """Wait until that has been written, behind the first `after` characters; all that was."""
        wait_until(lambda: text in self.written[after:], PATIENCE, f"{text!r} in {self._written!r}")
        return self.written

    def wait(self) -> int:
        """Wait for the program's end; its exit code."""
        code = self.process.wait(PATIENCE)
        self._finish()
        return code

    def close(self) -> None:
        """The program does not outlive this."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._finish()
        for descriptor in (self._ours, self._theirs):
            os.close(descriptor)

    def _finish(self) -> None:
        """Read what is still there: all that was written comes before what we write now."""
        if self._reader.is_alive():
            termios.tcdrain(self._theirs)
            os.write(self._theirs, b"\0")
            self._reader.join(PATIENCE)

    def _read(self) -> None:
        while not self._written.endswith(b"\0"):
            self._written += os.read(self._ours, 65536)
        self._written = self._written.removesuffix(b"\0")


@contextmanager
def terminal(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    *,
    columns: int = 80,
    lines: int = 24,
    cwd: Path | None = None,
) -> Iterator[Terminal]:
    """Run the command in a terminal until the end of the context."""
    made = Terminal(command, env, columns=columns, lines=lines, cwd=cwd)
    try:
        yield made
    finally:
        made.close()


def seen(command: Sequence[str | Path], env: Mapping[str, str], columns: int = 80, lines: int = 24) -> list[str]:
    """The lines that a command which ends well writes to a terminal of that size."""
    with terminal(command, env, columns=columns, lines=lines) as shown:
        assert shown.wait() == 0, shown.written
        return shown.written.splitlines()
