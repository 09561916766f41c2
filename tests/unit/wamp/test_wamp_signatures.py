"""What is known of how code can be called: mistakes are found, and what works is never refused."""

from __future__ import annotations

import contextlib
import functools
import operator
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession, Session
from twisted.internet.defer import Deferred, inlineCallbacks

from support.reactor import reactor
from support.supervised import component
from wampsup.wamp.blueprint import prepare
from wampsup.wamp.callbacks import CallbackSession
from wampsup.wamp.signatures import can_take

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

NOWHERE = "rs://127.0.0.1:1"


def two(_first: object, _second: object) -> None: ...
def two_and_more(_first: object, _second: object, *_rest: object, key: int = 1) -> None: ...
def three(_first: object, _second: object, _third: object) -> None: ...
def one(_first: object) -> None: ...
def none() -> None: ...
def needs_key(_first: object, _second: object, *, key: int) -> None: ...
async def later(_first: object, _second: object) -> None: ...
async def yields(_first: object, _second: object) -> Any:
    yield 1


def hands_one_more(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(first: object, second: object) -> Any:
        return function(first, second, 3)

    return wrapper


def hands_on(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args, 3)

    return wrapper


def claims_nothing(_first: object, _second: object) -> None: ...


claims_nothing.__signature__ = "nonsense"  # type: ignore[attr-defined]


@inlineCallbacks
def inline_two(_first: object, _second: object) -> Generator[Deferred[Any], Any, None]:
    yield Deferred()


@inlineCallbacks
def inline_one(_first: object) -> Generator[Deferred[Any], Any, None]:
    yield Deferred()


@contextlib.contextmanager
def manager(_first: object, _second: object) -> Iterator[None]:
    yield


class Object:
    def __call__(self, _first: object, _second: object) -> None: ...
    def two(self, _first: object, _second: object) -> None: ...
    def one(self, _first: object) -> None: ...
    @classmethod
    def of_class(cls, _first: object, _second: object) -> None: ...
    @staticmethod
    def static(_first: object, _second: object) -> None: ...


class OfOne:
    def __call__(self, _first: object) -> None: ...


class Nothing: ...


class Two:
    def __init__(self, _first: object, _second: object) -> None: ...


class Heir(Two): ...


class One:
    def __init__(self, _first: object) -> None: ...


class New:
    def __new__(cls, *_args: object) -> Self:
        return super().__new__(cls)


class NewOfOne:
    def __new__(cls, _first: object) -> Self:
        return super().__new__(cls)


class Meta(type):
    def __call__(cls, *_args: object) -> None: ...


class OfMeta(metaclass=Meta):
    def __init__(self) -> None: ...


@dataclass
class Data:
    first: object
    second: object
    third: int = 3


class Named(NamedTuple):
    first: object
    second: object


class Choice(Enum):
    A = 1


TAKE_TWO = [
    two,
    two_and_more,
    later,
    yields,
    hands_one_more(three),
    hands_on(three),
    hands_on(one),
    claims_nothing,
    inline_two,
    manager,
    Object(),
    Object().two,
    Object.of_class,
    Object.static,
    Two,
    Heir,
    New,
    OfMeta,
    Data,
    Named,
    lambda *_args: None,
    lambda _first, second=2: second,
    functools.partial(three, 1),
    functools.partial(three, _third=1),
    functools.partial(functools.partial(three, 1)),
    functools.lru_cache(one),
    functools.singledispatch(two),
    functools.partial(Object().two),
    print,
    operator.add,
    operator.itemgetter(1),
    dict,
    ValueError,
    Choice,
    type,
]
DO_NOT = [
    three,
    one,
    none,
    needs_key,
    hands_one_more(one).__wrapped__,  # type: ignore[attr-defined]
    inline_one,
    Object().one,
    OfOne(),
    Nothing,
    One,
    NewOfOne,
    object,
    functools.partial(three),
    functools.partial(two, 1),
    functools.partial(two, key=1),  # type: ignore[call-arg]  # see the name of the list
]


def named(code: object) -> str:
    """What it is, the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(code))


@pytest.mark.parametrize("code", TAKE_TWO, ids=named)
def test_what_takes_two_arguments(code: Any) -> None:
    assert can_take(code, None, None)


@pytest.mark.parametrize("code", DO_NOT, ids=named)
def test_what_does_not(code: Any) -> None:
    assert not can_take(code, None, None)


def test_names_of_arguments_may_be_any() -> None:
    def keys(code: object, function: object, cls: object) -> None: ...

    assert can_take(functools.partial(keys, code=1, function=2, cls=3))
    assert not can_take(functools.partial(keys, code=1, function=2))


def test_every_session_takes_its_config() -> None:
    for cls in (ApplicationSession, Session, CallbackSession, type("Mine", (Session,), {})):
        assert can_take(cls, None)


def test_a_component_can_be_made_without_arguments() -> None:
    assert can_take(Component)
    assert not can_take(one)


def wants_nothing() -> None: ...


class OfNoConfig(ApplicationSession):
    def __init__(self) -> None:
        super().__init__(None)


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("main", wants_nothing, "must take the reactor and the session"),
        ("main", OfNoConfig, "must take the reactor and the session"),
        ("session_factory", OfNoConfig, "must take its config"),
        ("component", one, "must take no arguments, and return the Component"),
    ],
)
def test_code_that_can_not_be_called_is_told_at_its_key(key: str, code: Any, words: str) -> None:
    spec = component(NOWHERE, **{key: code})
    (mistake,) = prepare([spec], reactor)[1]
    assert mistake.path == ("components", "c", key)
    assert mistake.message == f"`{key}` of component `c`: `{getattr(spec, key)}` {words}"


def test_so_is_the_code_of_an_adopted_component_unless_the_file_has_other() -> None:
    own = Component(main=wants_nothing, session_factory=OfNoConfig)
    found = prepare([component(NOWHERE, component=own)], reactor)[1]
    assert [(mistake.path, mistake.message) for mistake in found] == [
        (
            ("components", "c", "component"),
            "`session_factory` of the Component of component `c` must take its config",
        ),
        (
            ("components", "c", "component"),
            "`main` of the Component of component `c` must take the reactor and the session",
        ),
    ]
    assert not prepare([component(NOWHERE, component=own, main=two, session_factory=Session)], reactor)[1]


def test_callbacks_of_a_session_of_functions(component_module: Callable[[str], str]) -> None:
    module = component_module(
        """
        def joined(session): ...
        def left(session, details): ...
        def connected(session, transport, more): ...
        def disconnected(session, clean): ...
        """
    )
    named = {
        "join": f"{module}:joined",
        "leave": f"{module}:left",
        "connect": f"{module}:connected",
        "disconnect": f"{module}:disconnected",
    }
    spec = component(NOWHERE, session_factory="wampsup.wamp.callbacks:CallbackSession", extra={"callbacks": named})
    assert [mistake.message.partition("`: `")[2] for mistake in prepare([spec], reactor)[1]] == [
        f"{module}:joined` must take the session and the details",
        f"{module}:connected` must take the session and the transport",
        f"{module}:disconnected` must take the session and `was_clean`",
    ]
