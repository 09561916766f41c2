"""What `is_fatal` may name, and the exact words where it leads nowhere."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.wamp.exception import ApplicationError

from support.reactor import reactor
from support.supervised import component, stays
from wampsup.wamp.blueprint import prepare
from wampsup.wamp.predicates import predicates_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import Mistake

NOWHERE = "rs://127.0.0.1:1"

MODULE = """
class Dry(Exception):
    class Very(Exception):
        pass

class Kettle: pass
def answers(error): return isinstance(error, Dry)
def answers_with_more(error, *, more=1): return True
def takes_nothing(): return True
def takes_two(error, reactor): return True
async def is_async(error): return True
def yields(error): yield True

class Object:
    def __call__(self, error): return True
class AsyncObject:
    async def __call__(self, error): return True

an_object = Object()
an_async_object = AsyncObject()
"""

TABLE = "the built-in table of fatal errors"


def mistakes_of(*items: str) -> list[Mistake]:
    return predicates_of(component(NOWHERE, main=stays, is_fatal=items), None)[1]


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("ValueError", ValueError()),
        ("builtins.LookupError", KeyError()),
        ("builtins:LookupError", KeyError()),
        ("socket.gaierror", __import__("socket").gaierror()),
        ("json.decoder.JSONDecodeError", __import__("json").JSONDecodeError("", "", 0)),
        ("json.JSONDecodeError", __import__("json").JSONDecodeError("", "", 0)),
        ("com.example.*", ApplicationError("com.example.dry")),
        ("com.example.kettle", ApplicationError("com.example.kettle")),
        ("io.crossbar.NotFound", ApplicationError("io.crossbar.NotFound")),
        ("io.crossbar.dry", ApplicationError("io.crossbar.dry")),
        ("com.my-app.Dry", ApplicationError("com.my-app.Dry")),
        ("dry", ApplicationError("dry")),
    ],
)
def test_what_an_item_means(item: str, error: BaseException) -> None:
    spec = component(NOWHERE, main=stays, is_fatal=(item,), is_fatal_default=False)
    ((predicate,), mistakes) = predicates_of(spec, None)
    assert (predicate(error), predicate(MemoryError()), mistakes) == (True, False, [])


def test_classes_and_functions_of_ones_own(component_module: Callable[[str], str]) -> None:
    module = component_module(MODULE)
    items = (f"{module}.Dry.Very", f"{module}:answers", f"{module}:answers_with_more", f"{module}:an_object")
    predicates, mistakes = predicates_of(component(NOWHERE, main=stays, is_fatal=items), None)
    assert not mistakes
    assert [bool(predicate(OSError())) for predicate in predicates] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("item", "message", "hint"),
    [
        ("ValueErorr", "`ITEM` in `is_fatal` of component `c` is no builtin exception", "did you mean `ValueError`?"),
        (
            "Kettle",
            "`ITEM` in `is_fatal` of component `c` is no builtin exception",
            "name its module as well, as in `package.module.Error`",
        ),
        (
            "builtins.ValueErorr",
            "`is_fatal` of component `c`: module `builtins` has no `ValueErorr`",
            "did you mean `builtins.ValueError`?",
        ),
        ("builtins.len", "`ITEM` in `is_fatal` of component `c` is no exception", None),
        (
            "builtin.ValueError",
            "`ITEM` in `is_fatal` of component `c` leads nowhere",
            "did you mean `builtins.ValueError`?",
        ),
        ("MODULE.Kettle", "`ITEM` in `is_fatal` of component `c` is no exception", None),
        (
            "MODULE.Dri.Very",
            "`is_fatal` of component `c`: module `MODULE` has no `Dri.Very`",
            "did you mean `MODULE.Dry.Very`?",
        ),
        ("MODULE:Kettle", "`ITEM` in `is_fatal` of component `c` is a class, and no exception", None),
        (
            "MODULE:takes_nothing",
            "`ITEM` in `is_fatal` of component `c` must take the exception, and nothing else",
            None,
        ),
        ("MODULE:takes_two", "`ITEM` in `is_fatal` of component `c` must take the exception, and nothing else", None),
        ("MODULE:is_async", "`ITEM` in `is_fatal` of component `c` is async, and has to answer at once", None),
        ("MODULE:an_async_object", "`ITEM` in `is_fatal` of component `c` is async, and has to answer at once", None),
        ("MODULE:yields", "`ITEM` in `is_fatal` of component `c` is a generator, and has to answer at once", None),
        ("kettle_that_is_not:boil", "`is_fatal` of component `c`: there is no module `kettle_that_is_not`", None),
    ],
)
def test_what_leads_nowhere(component_module: Callable[[str], str], item: str, message: str, hint: str | None) -> None:
    module = component_module(MODULE)
    item = item.replace("MODULE", module)
    (mistake,) = mistakes_of("wamp.error.*", item)
    assert mistake.path == ("components", "c", "is_fatal", 1)
    said = (mistake.message, mistake.hint)
    assert said == (message.replace("MODULE", module).replace("ITEM", item), hint and hint.replace("MODULE", module))


@pytest.mark.parametrize("error", ["RuntimeError()", "ValueError()", "SystemExit(3)"])
def test_a_module_of_exceptions_that_does_not_import(component_module: Callable[[str], str], error: str) -> None:
    module = component_module(f"raise {error}")
    (mistake,) = mistakes_of(f"{module}.Dry")
    assert f"module `{module}` does not import: {error.partition('(')[0]}" in mistake.message
    assert mistake.detail


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("from twisted.internet import reactor\nreactor.run()", "runs the reactor when it is imported: "),
        ("import sys\nsys.exit(4)", "does not import: SystemExit: 4 "),
        ("raise BaseException('dry')", "does not import: BaseException: dry "),
        ("raise GeneratorExit", "does not import: GeneratorExit "),
    ],
)
@pytest.mark.parametrize("item", ["MODULE.q.Error", "MODULE.Error", "MODULE:Error"])
def test_a_package_of_exceptions_that_does_as_it_likes(
    component_module: Callable[[str], str], source: str, said: str, item: str
) -> None:
    module = component_module(source)
    (mistake,) = mistakes_of(item.replace("MODULE", module))
    package = f"{module}.q" if ".q." in item else module
    assert mistake.message.startswith(f"`is_fatal` of component `c`: module `{package}` {said}")


def test_a_predicate_that_does_not_like_to_be_looked_at(component_module: Callable[[str], str]) -> None:
    module = component_module(
        """
        class Odd:
            def __call__(self, error): return True
            @property
            def __code__(self): raise ValueError("dry")
        odd = Odd()
        """
    )
    assert not mistakes_of(f"{module}:odd")


async def is_async(_error: BaseException) -> bool:
    return True


@pytest.mark.parametrize("predicate", [is_async, functools.partial(is_async)])
def test_the_predicate_of_an_adopted_component_is_held_to_the_same(predicate: Any) -> None:
    spec = component(NOWHERE, component=Component(is_fatal=predicate))
    (mistake,) = prepare([spec], reactor)[1]
    assert mistake.path == ("components", "c", "component")
    assert mistake.message == "`is_fatal` of the Component of component `c` is async, and has to answer at once"


@pytest.mark.parametrize(
    ("items", "default", "rules"),
    [
        (None, True, [TABLE]),
        (None, False, []),
        ("shop:is_fatal", True, ["`shop:is_fatal` in its `is_fatal`", TABLE]),
        (
            ("com.example.*", "ValueError"),
            False,
            ["`com.example.*` in its `is_fatal`", "`ValueError` in its `is_fatal`"],
        ),
    ],
)
def test_every_rule_has_words(items: str | tuple[str, ...] | None, default: bool, rules: list[str]) -> None:  # noqa: FBT001 - a parameter of the test
    spec = component(NOWHERE, main=stays, is_fatal=items, is_fatal_default=default)
    assert rules_of(spec, None) == rules


def test_that_of_an_adopted_component_has_words_as_well() -> None:
    assert rules_of(component(NOWHERE, main=stays), bool) == ["`is_fatal` of its Component", TABLE]
