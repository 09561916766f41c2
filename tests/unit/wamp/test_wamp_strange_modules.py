"""Whatever a user's module does when it is imported or looked into becomes one sentence at its key."""

from __future__ import annotations

import gc
import importlib
import queue
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

from support.reactor import reactor
from support.supervised import component
from wampsup.wamp.blueprint import prepare
from wampsup.wamp.imports import ImportMistakeError, load_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wampsup.model.spec import Mistake

NOWHERE = "rs://127.0.0.1:1"
FAILED = "<exception str() failed>"

ODD = """
from autobahn.twisted.component import Component
from twisted.internet.defer import inlineCallbacks

class Odd(Exception):
    def __str__(self): raise ValueError
class Worse(BaseException):
    def __str__(self): raise SystemExit(5)
class Shy:
    def __repr__(self): raise GeneratorExit
class Hidden:
    @property
    def x(self): raise ValueError("it is dry")
    @property
    def gone(self): raise SystemExit(5)
    @property
    def runs(self):
        from twisted.internet import reactor
        reactor.run()
    def __dir__(self): raise ValueError
class Liar:
    @property
    def __class__(self): raise RuntimeError("who am I")
class Bare(Component):
    def __init__(self): pass

q, liar, bare, shy = Hidden(), Liar(), Bare(), Shy()
def gives_liar(): return liar
def gives_shy(): return Shy()
def raises_odd(): raise Odd
def raises_worse(): raise Worse
def raises_generator_exit(): raise GeneratorExit
def raises_lines(): raise ValueError("one\\n\\n  two\\n")
async def make(): return Component()
async def makes(): yield Component()
@inlineCallbacks
def make_inline():
    yield
    raise ValueError("nobody hears of it")
def __getattr__(name):
    if name == "dry": raise ValueError("no such thing")
    raise AttributeError(name)
"""


def the_mistake(key: str, reference: str) -> Mistake:
    (mistake,) = prepare([component(NOWHERE, **{key: reference})], reactor)[1]
    assert mistake.path == ("components", "c", key)
    return mistake


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
            f"Odd: {FAILED} (MODULE.py, line 3)",
        ),
        (
            "class Odd(BaseException):\n    def __str__(self): raise SystemExit(5)\nraise Odd",
            f"Odd: {FAILED} (MODULE.py, line 3)",
        ),
        ("raise GeneratorExit", "GeneratorExit (MODULE.py, line 1)"),
        ("raise ValueError('one\\n  two')", "ValueError: one two (MODULE.py, line 1)"),
        ("raise ModuleNotFoundError('dry', name=7)", "ModuleNotFoundError: dry (MODULE.py, line 1)"),
        ("import sys; del sys.modules[__name__]", "KeyError: 'MODULE'"),
    ],
)
def test_modules_that_do_not_import(component_module: Callable[[str], str], source: str, said: str) -> None:
    module = component_module(source)
    mistake = the_mistake("main", f"{module}:main")
    assert mistake.message == f"`main` of component `c`: module `{module}` does not import: {said}".replace(
        "MODULE", module
    )
    assert mistake.detail


@pytest.mark.parametrize(
    ("key", "name", "said"),
    [
        ("main", "q.x", "`REFERENCE` raised ValueError: it is dry"),
        ("main", "q.gone", "`REFERENCE` raised SystemExit: 5"),
        ("main", "q.runs", "`REFERENCE` runs the reactor"),
        ("main", "q.y", "module `MODULE` has no `q.y`"),
        ("main", "dry", "`REFERENCE` raised ValueError: no such thing"),
        ("main", "wet", "module `MODULE` has no `wet`"),
        ("session_factory", "liar", "`REFERENCE` raised RuntimeError: who am I"),
        ("component", "gives_liar", "`REFERENCE` raised RuntimeError: who am I"),
        ("component", "raises_odd", f"`REFERENCE` raised Odd: {FAILED}"),
        ("component", "raises_worse", f"`REFERENCE` raised Worse: {FAILED}"),
        ("component", "raises_generator_exit", "`REFERENCE` raised GeneratorExit"),
        ("component", "raises_lines", "`REFERENCE` raised ValueError: one two"),
        ("component", "shy", "`REFERENCE` is no Autobahn Component, but an object of type `Shy`"),
        ("component", "gives_shy", "`REFERENCE` is no Autobahn Component, but an object of type `Shy`"),
        ("component", "make", "`REFERENCE` is async, and has to return its Component at once"),
        ("component", "makes", "`REFERENCE` is async, and has to return its Component at once"),
        ("component", "make_inline", "`REFERENCE` is async, and has to return its Component at once"),
        ("is_fatal", "dry", "`REFERENCE` raised ValueError: no such thing"),
    ],
)
def test_objects_that_do_not_like_to_be_looked_at(
    component_module: Callable[[str], str], key: str, name: str, said: str
) -> None:
    module = component_module(ODD)
    reference = f"{module}:{name}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mistake = the_mistake(key, reference)
        gc.collect()
    told = said.replace("REFERENCE", reference).replace("MODULE", module)
    assert mistake.message == f"`{key}` of component `c`: {told}"


def test_a_component_without_what_a_component_has(component_module: Callable[[str], str]) -> None:
    mistake = the_mistake("component", f"{component_module(ODD)}:bare")
    assert mistake.message.startswith("the Component of component `c` can't be used: AttributeError: ")
    assert mistake.hint == "where it has an `__init__` of its own, that must call the one of Component"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mian", "did you mean `MODULE:main`?"),
        ("greter.gret", "did you mean `MODULE:Greeter.gret`?"),
        ("Greeter.gret", "did you mean `MODULE:Greeter.greet`?"),
        ("jsn", None),
        ("kettle", None),
        ("__inti__", None),
    ],
)
def test_a_name_that_is_nearly_there(component_module: Callable[[str], str], name: str, hint: str | None) -> None:
    module = component_module("import json\ndef main(reactor, session): ...\nclass Greeter:\n    def greet(self): ...")
    assert the_mistake("main", f"{module}:{name}").hint == (hint and hint.replace("MODULE", module))


def test_a_module_of_pythons_own_is_told_by_its_file() -> None:
    with pytest.raises(ImportMistakeError) as caught:
        load_object("queue:kettle")
    assert caught.value.hint == f"`queue` is a module of Python's own, `{queue.__file__}`"


def test_a_module_that_is_hidden_by_one_that_was_imported_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "queue.py").write_text("def main(reactor, session): ...")
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "__init__.py").touch()
    for name, path in (("queue", "queue.py"), ("email", "email/__init__.py"), ("email.utils", "email/__init__.py")):
        importlib.import_module(name)
        used = sys.modules[name.partition(".")[0]].__file__
        with pytest.raises(ImportMistakeError) as caught:
            load_object(f"{name}:main")
        assert str(caught.value) == f"module `{name}` has no `main`"
        assert caught.value.hint == (
            f"`{name.partition('.')[0]}` was imported from `{used}`, which hides `{tmp_path}/{path}`: "
            "give that another name"
        )
