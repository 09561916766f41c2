"""A terminal that is drawn anew again and again, in place, and left as it was.

What is drawn stands on the terminal's other screen, so that nothing of what was there before is lost. A picture is
written at once, between two marks at which terminals that know them hold back and show it as a whole.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ENTER = "\x1b[?1049h\x1b[?25l"
_LEAVE = "\x1b[?1049l\x1b[?25h"
_BEGIN, _END = "\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"
_NEW_LINE = "\x1b[K"
_KEYS_TO_END = (b"q", b"Q", b"\x04")


class Screen:
    """The terminal behind standard output, while `drawn` lasts."""

    def __init__(self) -> None:
        self._told, self._tell = os.pipe()
        os.set_blocking(self._told, False)
        os.set_blocking(self._tell, False)
        self._keys: list[Any] | None = None
        self._shown: Sequence[str] = ()

    @contextlib.contextmanager
    def drawn(self) -> Iterator[None]:
        """Have the terminal until the end of the context; then the last picture stands below what was there before."""
        handlers = {
            signal.SIGWINCH: lambda *_: None,  # that it came is told through the pipe
            signal.SIGTSTP: self._pause,
            signal.SIGTERM: self._end,
            signal.SIGHUP: self._end,
        }
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        told_before = signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        self._enter()
        try:
            yield
        finally:
            self._leave()
            signal.set_wakeup_fd(told_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._told)
            os.close(self._tell)
            print("\n".join(self._shown))  # noqa: T201 - data goes to stdout

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines, which have to fit, and nothing else."""
        self._shown = lines
        picture = "\r\n".join(_NEW_LINE + line for line in lines)
        sys.stdout.write(f"{_BEGIN}{picture}{_END}")
        sys.stdout.flush()

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the size changes; whether the person wants to see more."""
        read = [self._told] if self._keys is None else [self._told, sys.stdin.fileno()]
        ready, _, _ = select.select(read, [], [], max(seconds, 0))
        if self._told in ready:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._told, 64):
                    pass
        if self._keys is None or sys.stdin.fileno() not in ready:
            return True
        typed = os.read(sys.stdin.fileno(), 64)
        return bool(typed) and not typed.startswith(_KEYS_TO_END)

    def _enter(self) -> None:
        if sys.stdin.isatty():
            self._keys = termios.tcgetattr(sys.stdin)
            silent = termios.tcgetattr(sys.stdin)
            silent[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(sys.stdin, termios.TCSANOW, silent)
        sys.stdout.write(_ENTER)
        sys.stdout.flush()

    def _leave(self) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            sys.stdout.write(_LEAVE)
            sys.stdout.flush()
        if self._keys is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self._keys)
            self._keys = None

    def _pause(self, *_: object) -> None:
        """Ctrl-Z: the shell gets its terminal as it was, and we ours when we go on."""
        self._leave()
        pause = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, pause)
        self._enter()
        self.draw(self._shown)

    def _end(self, number: int, _frame: object) -> None:
        """Somebody else ends us: as without us, but with the terminal as it was."""
        self._leave()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def sleep(seconds: float) -> None:
    """Wait, as long as somebody reads what we say.

    Raises:
        BrokenPipeError: nobody does.
    """
    poll = select.poll()
    poll.register(sys.stdout, 0)
    if poll.poll(max(seconds, 0) * 1000):
        raise BrokenPipeError
