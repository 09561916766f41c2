"""A terminal of one's own for the real command: a person who types, and reads what is on the screen."""

from __future__ import annotations

import contextlib
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
    from collections.abc import Iterator, Mapping

_CONTROLS = re.compile(r"\x1b\[[0-9;?<>=$]*[A-Za-z]|\x1b[^\[]")
_LEFT_ALTERNATE_SCREEN = "\x1b[?1049l"
_CURSOR_SHOWN = "\x1b[?25h"


class Terminal:
    """A terminal on which `process` runs; `output` is all that it has written."""

    def __init__(self, process: subprocess.Popen[bytes], person: int, machine: int) -> None:
        self.process = process
        self._person = person
        self._machine = machine
        self._before = self._settings
        self._parts: list[bytes] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """What was written, escape sequences and all."""
        return b"".join(self._parts).decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """What was written, without escape sequences."""
        return _CONTROLS.sub("", self.output)

    @property
    def is_as_before(self) -> bool:
        """Whether it takes lines, and shows them and its cursor, as before the process."""
        last = self.output.rpartition(_LEFT_ALTERNATE_SCREEN)
        return self._settings == self._before and bool(last[1]) and _CURSOR_SHOWN in last[2]

    def type(self, keys: str) -> int:
        """Type; the length of the text before, for `sees`."""
        begin = len(self.text)
        os.write(self._person, keys.encode())
        return begin

    def sees(self, text: str, begin: int = 0) -> None:
        """Wait until that was written."""
        try:
            wait_until(lambda: text in self.text[begin:], 30, f"`{text}` on the terminal")
        except AssertionError as error:
            raise AssertionError(f"{error}; there is\n{self.text[begin:]}") from None

    def wait(self) -> int:
        """The exit code, once it has ended."""
        code = self.process.wait(30)
        wait_until(lambda: _LEFT_ALTERNATE_SCREEN in self.output or code, 10, "the end of its output")
        return code

    @property
    def _settings(self) -> list[Any]:
        return termios.tcgetattr(self._machine)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while part := os.read(self._person, 1 << 16):
                self._parts.append(part)


@contextmanager
def on_terminal(
    *arguments: str, env: Mapping[str, str | None], width: int = 80, height: int = 24
) -> Iterator[Terminal]:
    """Run the command on a terminal of that size; it does not outlive the block."""
    person, machine = os.openpty()
    fcntl.ioctl(machine, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    process = subprocess.Popen(
        [EXECUTABLE, *arguments],
        env=environment({"TERM": "xterm-256color", "COLUMNS": None, "LINES": None, **env}),
        stdin=machine,
        stdout=machine,
        stderr=machine,
        start_new_session=True,
    )
    try:
        yield Terminal(process, person, machine)
    finally:
        process.kill()
        process.wait()
        os.close(machine)
        os.close(person)
