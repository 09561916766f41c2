"""Where a thread is, seen from another one: its stack, from the event on that it runs, and the place that matters."""

from __future__ import annotations

import linecache
import sys
import sysconfig
import traceback
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

_MACHINERY = ("twisted.", "autobahn.", "txaio.", "wampsup.")
_EVENT = "wampsup.reactor.ledger"
"""The module that calls what an event is: what is below it in the stack is how the reactor came there."""

_STDLIB = (*{sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}, "<frozen ")
_INSTALLED = ("/site-packages/", "/dist-packages/")

_DEEPEST = 2_000
_OUTERMOST, _INNERMOST = 20, 60
"""Frames of a deep stack that are shown."""

_LONGEST_LINE = 80
"""Characters of a line of code that are shown beside its place."""


class Frame(NamedTuple):
    """One call; `module` is the name of the module whose code it runs."""

    file: str
    line: int
    function: str
    module: str

    @property
    def is_installed(self) -> bool:
        """Whether its file came with a package."""
        return _is_installed(self.file)

    @property
    def is_of_library(self) -> bool:
        """Whether it is Python's own code, or that of what runs components."""
        return is_of_library(self.file, self.module)


@lru_cache(maxsize=4096)
def is_of_library(file: str, module: str) -> bool:
    """Whether the code of that module, in that file, is Python's own, or that of what runs components."""
    is_pythons = file.startswith(_STDLIB) and not _is_installed(file)
    return is_pythons or f"{module}.".startswith(_MACHINERY)


def _is_installed(file: str) -> bool:
    return any(folder in file for folder in _INSTALLED)


class Stack(NamedTuple):
    """The calls of an event, the outermost first; there is at least one."""

    frames: Sequence[Frame]

    @property
    def place(self) -> str:
        """Where it is in the component's own code, or wherever it is where none of that runs: `feed.py:31 in tick`."""
        at = self._own()
        return f"{Path(at.file).name}:{at.line} in {at.function}"

    @property
    def code(self) -> str:
        """The line of code at that place; empty where it can't be read."""
        at = self._own()
        line = linecache.getline(at.file, at.line).strip()
        return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"

    def text(self) -> str:
        """All of it, as tracebacks are written; the middle of a deep one is left out."""
        shown = [traceback.FrameSummary(one.file, one.line, one.function) for one in self.frames]
        lines = traceback.format_list(shown)
        if (left_out := len(lines) - _OUTERMOST - _INNERMOST) > 0:
            lines[_OUTERMOST:-_INNERMOST] = [f"  ({left_out} more calls)\n"]
        return "Stack (most recent call last):\n" + "".join(lines)

    def _own(self) -> Frame:
        """The innermost call of what is no package; of a package, that of the one which the event began in."""
        own = [one for one in self.frames if not one.is_of_library]
        if not own:
            return self.frames[-1]
        loose = [one for one in own if not one.is_installed]
        package = own[0].module.partition(".")[0]
        return loose[-1] if loose else [one for one in own if one.module.partition(".")[0] == package][-1]


def stack_of(thread: int) -> Stack | None:
    """What the thread with that ident does; `None` where it is gone.

    The thread goes on meanwhile, unless it is stuck: whoever asks has to see that it still does the same.
    """
    frames: list[Frame] = []
    frame: FrameType | None = sys._current_frames().get(thread)  # noqa: SLF001 - CPython's documented way
    while frame is not None and len(frames) < _DEEPEST:
        code, module = frame.f_code, dict.get(frame.f_globals, "__name__")
        frames.append(Frame(code.co_filename, frame.f_lineno or 0, code.co_name, str(module)))
        frame = frame.f_back
    return Stack(_of_event(frames[::-1])) if frames else None


def _of_event(frames: Sequence[Frame]) -> Sequence[Frame]:
    """Without how the reactor came to the event, nor how that came to the component's own code."""
    begins = next((at for at in range(len(frames), 0, -1) if frames[at - 1].module == _EVENT), 0)
    event = frames[begins:] or frames[-1:]
    own = next((at for at, one in enumerate(event) if not f"{one.module}.".startswith(_MACHINERY)), 0)
    return event[own:]
