"""What samples of stacks add up to: how often each stack was seen, and for how long; pure, and bounded in memory.

A stack is a tuple of code objects, the outermost first, in which a string stands for what is not told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from types import CodeType, FrameType

    Codes = tuple[CodeType | str, ...]

MOST_STACKS = 1000
"""Distinct stacks, by their functions and the line of the innermost one; those beyond count as one."""

DEEPEST = 100
"""Functions of a stack, the innermost ones."""

OTHER = "(other stacks)"
CALLERS = "(callers left out)"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that was seen; `line` is where it begins. What stands for others has a name alone."""

    name: str
    module: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Stack:
    """Functions as indices of those of the profile, the outermost first; `line` is where the innermost one was."""

    functions: Sequence[int]
    line: int
    samples: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """All stacks that were seen in one place; `seconds` is how long that was."""

    samples: int = 0
    seconds: float = 0.0
    stacks: Sequence[Stack] = field(default=())


class _Count:
    """How often a stack was seen; it keeps the functions, so that their ids stay theirs."""

    __slots__ = ("codes", "line", "samples", "seconds")

    def __init__(self, codes: Codes, line: int) -> None:
        self.codes = codes
        self.line = line
        self.samples = 0
        self.seconds = 0.0


class Stacks:
    """Adds samples up; `most` distinct stacks are told apart.

    Functions are known by their ids: two of the same text at the same line of two files are equal to Python.
    """

    def __init__(self, most: int = MOST_STACKS) -> None:
        self._most = most
        self._counts: dict[tuple[int, ...], _Count] = {}

    def add(self, codes: Codes, line: int, seconds: float) -> None:
        """Count a stack that was seen at `line` of its innermost function, and stands for that many seconds."""
        key = (line, *map(id, codes))
        count = self._counts.get(key)
        if count is None:
            if len(self._counts) >= self._most:
                codes, line, key = (OTHER,), 0, ()
            count = self._counts.setdefault(key, _Count(codes, line))
        count.samples += 1
        count.seconds += seconds

    def told(self, functions: Functions) -> Seen:
        """What was seen, the longest first."""
        counts = sorted(self._counts.values(), key=lambda count: -count.seconds)
        return Seen(
            samples=sum(count.samples for count in counts),
            seconds=round(sum(count.seconds for count in counts), 6),
            stacks=[
                Stack([functions.index(code) for code in one.codes], one.line, one.samples, round(one.seconds, 6))
                for one in counts
            ],
        )


class Functions:
    """The functions of stacks, each told once; `modules` knows the names of modules by those of files."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._indices: dict[int, int] = {}
        self._codes: list[CodeType | str] = []

    def index(self, code: CodeType | str) -> int:
        """The index of a function in `told`."""
        index = self._indices.setdefault(id(code), len(self._codes))
        if index == len(self._codes):
            self._codes.append(code)
        return index

    def told(self) -> list[Function]:
        """All that have an index."""
        return [self._function(code) for code in self._codes]

    def _function(self, code: CodeType | str) -> Function:
        if isinstance(code, str):
            return Function(code)
        file = code.co_filename
        return Function(code.co_qualname, self._modules.get(file, ""), file, code.co_firstlineno)


def walk(frame: FrameType | None, ends: Container[CodeType]) -> Codes | None:
    """The functions from the innermost one that is in `ends` (itself not among them) to the one that runs in `frame`.

    `None` where none of them is among the callers: then the stack has changed under our eyes.
    """
    codes: list[CodeType | str] = []
    while frame is not None and (code := frame.f_code) not in ends:
        if len(codes) == DEEPEST:
            codes.append(CALLERS)
            break
        codes.append(code)
        frame = frame.f_back
    return None if frame is None or not codes else tuple(reversed(codes))
