"""What samples of stacks add up to, and where the bounds are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wampsup.reactor.samples import CALLERS, DEEPEST, OTHER, Function, Functions, Stack, Stacks, walk

if TYPE_CHECKING:
    from types import CodeType

    from wampsup.reactor.samples import Codes


def outer(depth: int = 0) -> Codes | None:
    return outer(depth - 1) if depth else inner()


def inner() -> Codes | None:
    return walk(sys._getframe(), ENDS)


ENDS: frozenset[CodeType] = frozenset()
OUTER, INNER = outer.__code__, inner.__code__


def walked(ends: CodeType, depth: int = 0) -> Codes | None:
    global ENDS  # noqa: PLW0603 - what `inner` takes
    ENDS = frozenset({ends})
    return outer(depth)


def test_a_stack_begins_below_whoever_called_the_component() -> None:
    assert walked(walked.__code__) == (OUTER, INNER)


def test_a_stack_that_nobody_called_for_the_component_is_none() -> None:
    assert walked(walk.__code__) is None


def test_where_the_machinery_itself_runs_there_is_no_stack() -> None:
    assert walked(INNER) is None


def test_a_deep_stack_keeps_its_inner_functions() -> None:
    codes = walked(walked.__code__, depth=300)
    assert codes is not None
    assert codes[0] == CALLERS
    assert codes[1:] == (*[OUTER] * (DEEPEST - 1), INNER)


def test_samples_of_one_stack_at_one_line_add_up_and_the_longest_comes_first() -> None:
    stacks, functions = Stacks(), Functions({OUTER.co_filename: "tests.stacks"})
    stacks.add((OUTER,), 3, 0.25)
    for _ in range(2):
        stacks.add((OUTER, INNER), 7, 0.5)
    stacks.add((OUTER, INNER), 8, 0.125)
    seen = stacks.told(functions)
    assert seen.stacks == [Stack([0, 1], 7, 2, 1.0), Stack([0], 3, 1, 0.25), Stack([0, 1], 8, 1, 0.125)]
    assert (seen.samples, seen.seconds) == (4, 1.375)
    assert functions.told()[1] == Function("inner", "tests.stacks", INNER.co_filename, INNER.co_firstlineno)


def test_a_file_of_no_module_has_functions_without_one() -> None:
    functions = Functions({})
    functions.index(INNER)
    assert functions.told() == [Function("inner", "", INNER.co_filename, INNER.co_firstlineno)]


def test_stacks_beyond_the_bound_count_as_one() -> None:
    stacks, functions = Stacks(most=2), Functions({})
    for line in (1, 2, 3, 4, 1):
        stacks.add((INNER,), line, 1.0)
    seen = stacks.told(functions)
    assert [(stack.line, stack.samples) for stack in seen.stacks] == [(1, 2), (0, 2), (2, 1)]
    assert functions.told()[seen.stacks[1].functions[0]] == Function(OTHER)
    assert seen.samples == 5


def test_functions_of_the_same_text_in_two_files_are_two() -> None:
    one, two = (compile("def same(): pass", file, "exec").co_consts[0] for file in ("/a.py", "/b.py"))
    stacks, functions = Stacks(), Functions({})
    stacks.add((one,), 1, 1.0)
    stacks.add((two,), 1, 2.0)
    assert [stack.functions for stack in stacks.told(functions).stacks] == [[0], [1]]
    assert [function.file for function in functions.told()] == ["/b.py", "/a.py"]
