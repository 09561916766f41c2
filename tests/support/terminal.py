"""A terminal of one's own for programs: a person who types, reads what is on the screen, and gives it another size."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

from support.command import EXECUTABLE, environment
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PATIENCE = 30.0
_CONTROLS = re.compile(r"\x1b\[[0-9;?<>=$]*[A-Za-z]|\x1b[^\[]")
_LEFT_ALTERNATE_SCREEN = "\x1b[?1049l"
_CURSOR_SHOWN = "\x1b[?25h"
_END = b"\0"
"""What we write behind all that the program has written."""

_LFLAG = 3


class Terminal:
    """A terminal on which a program runs, as in a window of its own; `output` is all that it has written."""

    def __init__(
        self, command: Sequence[str | Path], env: Mapping[str, str], width: int, height: int, cwd: Path | None
    ) -> None:
        self._person, self._machine = os.openpty()
        self.resize(width, height)
        self._before = self._settings
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            env=env,
            stdin=self._machine,
            stdout=self._machine,
            stderr=self._machine,
            cwd=cwd,
        )
        self._written = b""
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """What was written, escape sequences and all."""
        return self._written.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """What was written, without escape sequences."""
        return _CONTROLS.sub("", self.output)

    @property
    def is_as_before(self) -> bool:
        """Whether it takes lines, and shows them and its cursor, as before the process."""
        last = self.output.rpartition(_LEFT_ALTERNATE_SCREEN)
        return self._settings == self._before and bool(last[1]) and _CURSOR_SHOWN in last[2]

    def echoes(self) -> bool:
        """Whether keys are shown as they are typed."""
        return bool(self._settings[_LFLAG] & termios.ECHO)

    def resize(self, width: int, height: int) -> None:
        """Give it another size, which the program is told of."""
        fcntl.ioctl(self._machine, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, keys: str) -> int:
        """Type; the length of the text before, for `sees`."""
        begin = len(self.text)
        os.write(self._person, keys.encode())
        return begin

    def sees(self, text: str, begin: int = 0) -> None:
        """Wait until that was written."""
        try:
            wait_until(lambda: text in self.text[begin:], PATIENCE, f"`{text}` on the terminal")
        except AssertionError as error:
            raise AssertionError(f"{error}; there is\n{self.text[begin:]}") from None

    def receives(self, output: str, begin: int = 0) -> None:
        """Wait until that was written, escape sequences and all."""
        try:
            wait_until(lambda: output in self.output[begin:], PATIENCE, f"{output!r} on the terminal")
        except AssertionError as error:
            raise AssertionError(f"{error}; there is\n{self.output[begin:]!r}") from None

    def wait(self) -> int:
        """The exit code, once it has ended; then `output` is complete."""
        code = self.process.wait(PATIENCE)
        self._complete()
        return code

    def close(self) -> None:
        """The program does not outlive this."""
        self.process.kill()
        self.process.wait()
        self._complete()
        os.close(self._machine)
        os.close(self._person)

    def _complete(self) -> None:
        if self._reader.is_alive():
            os.write(self._machine, _END)
            self._reader.join(PATIENCE)

    @property
    def _settings(self) -> list[Any]:
        return termios.tcgetattr(self._machine)

    def _read(self) -> None:
        while not self._written.endswith(_END):
            self._written += os.read(self._person, 1 << 16)
        self._written = self._written.removesuffix(_END)


@contextmanager
def terminal(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str | None],
    width: int = 80,
    height: int = 24,
    cwd: Path | None = None,
) -> Iterator[Terminal]:
    """Run a program on a terminal of that size; it does not outlive the block."""
    surroundings = environment({"TERM": "xterm-256color", "COLUMNS": None, "LINES": None, **env})
    made = Terminal(command, surroundings, width, height, cwd)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def on_terminal(
    *arguments: str, env: Mapping[str, str | None], width: int = 80, height: int = 24
) -> Iterator[Terminal]:
    """Run the command on a terminal of that size; it does not outlive the block."""
    with terminal([EXECUTABLE, *arguments], env=env, width=width, height=height) as shown:
        yield shown


def seen(*arguments: str, env: Mapping[str, str | None], width: int = 80) -> list[str]:
    """The lines that the command, which has to end well, writes to a terminal of that width."""
    with on_terminal(*arguments, env=env, width=width) as shown:
        assert shown.wait() == 0, shown.output
        return shown.output.splitlines()
