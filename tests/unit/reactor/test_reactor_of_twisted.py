"""What the aware reactor leans on in Twisted and asyncio without being promised it: the names, and what they take."""

from __future__ import annotations

import ast
import asyncio
import inspect
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import asyncioreactor, base, defer, posixbase, task

from wampsup.reactor.kinds import _ON_DESCRIPTORS

TAKEN = {
    "defer._gotResultInlineCallbacks": "(r, waiting, gen, status, context)",
    "task.CooperativeTask.__init__": "(self, iterator, cooperator)",
    "task.CooperativeTask._oneWorkUnit": "(self)",
    "task.LoopingCall.start": "(self, interval, now=True)",
    "task.LoopingCall._scheduleFrom": "(self, when)",
    "asyncioreactor.AsyncioSelectorReactor._readOrWrite": "(self, selectable, read)",
    "asyncioreactor.AsyncioSelectorReactor._reschedule": "(self)",
    "asyncioreactor.AsyncioSelectorReactor._onTimer": "(self)",
    "asyncioreactor.AsyncioSelectorReactor.callLater": "(self, delay, callable, *args, **kwargs)",
    "posixbase._ContinuousPolling.__init__": "(self, reactor)",
    "posixbase._ContinuousPolling._checkLoop": "(self)",
    "posixbase._ContinuousPolling._doReadOrWrite": "(self, selectable, fd, event)",
}


def source(module: str) -> ast.Module:
    """A module's source, also where it does not import on this system."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text())


def functions(module: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of a module by their dotted names."""
    found = {}
    for each in source(module).body:
        if isinstance(each, ast.FunctionDef):
            found[each.name] = each
        if isinstance(each, ast.ClassDef):
            found |= {f"{each.name}.{one.name}": one for one in each.body if isinstance(one, ast.FunctionDef)}
    return found


def parameters(function: ast.FunctionDef) -> str:
    """`(self, delay, now=True, *args)`."""
    for each in ast.walk(function.args):
        if isinstance(each, ast.arg):
            each.annotation = None
    return f"({ast.unparse(function.args)})"


@pytest.mark.parametrize(("name", "expected"), TAKEN.items())
def test_what_is_taken_over_takes_what_we_give_it(name: str, expected: str) -> None:
    module, _, function = name.partition(".")
    of = "twisted.internet." + ("posixbase" if function.endswith("_doReadOrWrite") else module)
    found = functions(of)
    if function.endswith("_doReadOrWrite"):
        function = "_PollLikeMixin._doReadOrWrite"
    assert parameters(found[function]) == expected


@pytest.mark.parametrize(("module", "name", "method"), _ON_DESCRIPTORS.values())
def test_each_reactor_hands_its_events_over_by_the_method_that_we_take(module: str, name: str, method: str) -> None:
    """Also one of another system, whose module can't be imported here; it calls `callWithLogger(_, method, ...)`."""
    text = ast.unparse(source(module))
    assert f"class {name}(" in text
    assert f"= self.{method}" in text
    known = functions(module) | functions("twisted.internet.posixbase")
    takes = known.get(f"{name}.{method}") or known[f"_PollLikeMixin.{method}"]
    assert parameters(takes) == "(self, selectable, fd, event)"


def test_what_begins_a_step_is_looked_up_when_it_is_called() -> None:
    coroutine, tick = inspect.getsource(defer._inlineCallbacks), inspect.getsource(task.Cooperator)
    assert "addBoth(_gotResultInlineCallbacks, waiting, gen, status, context)" in coroutine
    assert "CooperativeTask(iterator, self)" in tick
    assert "taskObj._oneWorkUnit()" in tick
    assert "_theCooperator.cooperate(iterator)" in inspect.getsource(task.cooperate)


def test_a_timer_has_a_function_that_is_called_with_its_arguments() -> None:
    assert "call.func(*call.args, **call.kw)" in inspect.getsource(base.ReactorBase.runUntilCurrent)
    assert "__name__" in inspect.getsource(base.DelayedCall.__repr__)


def test_a_child_process_is_reaped_by_its_own_method() -> None:
    assert "process.reapProcess()" in inspect.getsource(import_module("twisted.internet.process").reapAllProcesses)


@pytest.mark.parametrize("reactor", ["epollreactor.EPollReactor", "asyncioreactor.AsyncioSelectorReactor"])
def test_files_are_polled_by_one_object_of_the_reactor(reactor: str) -> None:
    module, _, name = reactor.partition(".")
    if not find_spec(f"twisted.internet.{module}"):
        pytest.skip("not on this system")
    assert "self._continuousPolling = " in ast.unparse(functions(f"twisted.internet.{module}")[f"{name}.__init__"])
    assert "self._doReadOrWrite(reader, reader, " in inspect.getsource(posixbase._ContinuousPolling)


def test_a_loop_sets_all_its_timers_by_the_method_that_we_take() -> None:
    assert "self.call_at(" in inspect.getsource(asyncio.BaseEventLoop.call_later)
    assert "self.call_at(" not in inspect.getsource(asyncio.BaseEventLoop.call_at)


def test_a_loop_watches_descriptors_by_the_methods_that_we_take() -> None:
    loop: Any = asyncio.SelectorEventLoop
    for name in ("add_reader", "add_writer"):
        assert f"self._{name}(fd, callback, *args)" in inspect.getsource(getattr(loop, name))
    assert "self._asyncioEventloop.call_soon_threadsafe" in inspect.getsource(
        asyncioreactor.AsyncioSelectorReactor.callFromThread
    )
