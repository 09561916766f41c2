"""What samples of stacks add up to: how often each stack was seen, and for how long; pure, and bounded in memory.

A stack is a tuple of code objects, the outermost first, in which a string stands for what is not told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
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


class Stacks:
    """Adds samples up; `most` distinct stacks are told apart."""

    def __init__(self, most: int = MOST_STACKS) -> None:
        self._most = most
        self._seen: dict[tuple[Codes, int], list[Any]] = {}

    def add(self, codes: Codes, line: int, seconds: float) -> None:
        """Count a stack that was seen at `line` of its innermost function, and stands for that many seconds."""
        count = self._seen.get((codes, line))
        if count is None:
            key = (codes, line) if len(self._seen) < self._most else ((OTHER,), 0)
            count = self._seen.setdefault(key, [0, 0.0])
        count[0] += 1
        count[1] += seconds

    def told(self, functions: Functions) -> Seen:
        """What was seen, the longest first."""
        stacks = [
            Stack([functions.index(code) for code in codes], line, samples, round(seconds, 6))
            for (codes, line), (samples, seconds) in self._seen.items()
        ]
        stacks.sort(key=lambda stack: -stack.seconds)
        return Seen(
            samples=sum(stack.samples for stack in stacks),
            seconds=round(sum(stack.seconds for stack in stacks), 6),
            stacks=stacks,
        )


class Functions:
    """The functions of stacks, each told once; `modules` knows the names of modules by those of files."""

    def __init__(self, modules: dict[str, str]) -> None:
        self._modules = modules
        self._indices: dict[CodeType | str, int] = {}

    def index(self, code: CodeType | str) -> int:
        """The index of a function in `told`."""
        return self._indices.setdefault(code, len(self._indices))

    def told(self) -> list[Function]:
        """All that have an index."""
        return [self._function(code) for code in self._indices]

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
