"""The exact words of every mistake that only shows when a component is built, before anything starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession

from support.reactor import reactor
from support.supervised import code, component, stays, transport
from wampsup.model.spec import ComponentSpec, Mistake, TcpEndpoint, TlsSpec
from wampsup.wamp.blueprint import prepare
from wampsup.wamp.imports import ImportMistakeError, load_callable, load_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOWHERE = "rs://127.0.0.1:1"


def mistakes_of(spec: ComponentSpec) -> list[Mistake]:
    blueprints, mistakes = prepare([spec], reactor)
    assert bool(mistakes) != bool(blueprints)
    return mistakes


def the_mistake(spec: ComponentSpec) -> Mistake:
    (mistake,) = mistakes_of(spec)
    return mistake


# Imports.


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        ("", "kettle", "module `MODULE` has no `kettle`"),
        ("", "kettle.boil", "module `MODULE` has no `kettle.boil`"),
        (
            "raise ValueError('the kettle is dry')",
            "x",
            "module `MODULE` does not import: ValueError: the kettle is dry (MODULE.py, line 1)",
        ),
        ("raise SystemExit(3)", "x", "module `MODULE` does not import: SystemExit: 3 (MODULE.py, line 1)"),
        (
            "import no_kettle",
            "x",
            "module `MODULE` does not import: ModuleNotFoundError: No module named 'no_kettle' (MODULE.py, line 1)",
        ),
        ("def broken(:", "x", "module `MODULE` does not import: SyntaxError: invalid syntax (MODULE.py, line 1)"),
    ],
)
def test_what_can_not_be_imported(component_module: Callable[[str], str], source: str, name: str, words: str) -> None:
    module = component_module(source)
    with pytest.raises(ImportMistakeError) as caught:
        load_object(f"{module}:{name}")
    assert str(caught.value) == words.replace("MODULE", module)
    assert (caught.value.detail is not None) == ("does not import" in words)


def test_the_modules_own_traceback_is_kept_for_the_log(component_module: Callable[[str], str]) -> None:
    module = component_module("def boil():\n    raise ValueError('the kettle is dry')\nboil()")
    mistake = the_mistake(component(NOWHERE, main=f"{module}:boil"))
    assert mistake.message == (
        f"`main` of component `c`: module `{module}` does not import: ValueError: the kettle is dry"
        f" ({module}.py, line 2)"
    )
    assert mistake.path == ("components", "c", "main")
    assert "in boil" in (mistake.detail or "")


@pytest.mark.parametrize("reference", ["kettle_that_is_not:boil", "kettle_that_is_not.deeper:boil"])
def test_there_is_no_such_module(reference: str) -> None:
    with pytest.raises(ImportMistakeError) as caught:
        load_object(reference)
    assert str(caught.value) == "there is no module `kettle_that_is_not`"
    assert caught.value.detail is None


def test_a_name_that_is_not_callable(component_module: Callable[[str], str]) -> None:
    module = component_module("kettle = 1")
    with pytest.raises(ImportMistakeError) as caught:
        load_callable(f"{module}:kettle")
    assert str(caught.value) == f"`{module}:kettle` is not callable"


@pytest.mark.parametrize("key", ["main", "session_factory", "component", "is_fatal"])
def test_the_key_that_names_it_is_told(key: str) -> None:
    spec = component(NOWHERE, **{key: "kettle_that_is_not:boil"})
    mistake = the_mistake(spec)
    assert mistake.path == ("components", "c", key)
    assert mistake.message == f"`{key}` of component `c`: there is no module `kettle_that_is_not`"


def test_an_item_of_is_fatal_that_leads_nowhere() -> None:
    mistake = the_mistake(component(NOWHERE, main=stays, is_fatal=("wamp.error.*", "kettle_that_is_not:boil")))
    assert mistake.path == ("components", "c", "is_fatal", 1)
    assert mistake.message == "`is_fatal` of component `c`: there is no module `kettle_that_is_not`"


# Components.


@pytest.mark.parametrize(("value", "shown"), [(1, "1"), (lambda: "kettle", "'kettle'")])
def test_what_is_no_component(value: Any, shown: str) -> None:
    reference = code(value)
    mistake = the_mistake(replace(component(NOWHERE), component=reference))
    assert mistake.message == f"`component` of component `c`: `{reference}` is no Autobahn Component, but {shown}"
    assert mistake.hint == "it must be a Component of autobahn.twisted.component, or a function that returns one"


def test_a_function_that_fails_to_make_its_component() -> None:
    def make() -> Component:
        return Component(transports={"type": "kettle", "url": "ws://a:1/ws"})

    reference = code(make)
    mistake = the_mistake(replace(component(NOWHERE), component=reference))
    assert mistake.path == ("components", "c", "component")
    assert (
        mistake.message
        == f"`component` of component `c`: `{reference}` raised ValueError: Invalid transport type kettle"
    )


def test_a_function_that_runs_the_reactor_in_place_of_making_a_component() -> None:
    def make() -> None:
        reactor.run()

    reference = code(make)
    mistake = the_mistake(replace(component(NOWHERE), component=reference))
    assert mistake.message == f"`component` of component `c`: `{reference}` runs the reactor"


# Transports.


@pytest.mark.parametrize(
    ("url", "option", "hint"),
    [
        ("ws://127.0.0.1:1/ws", "open_handshake_timeot", "did you mean `open_handshake_timeout`?"),
        ("ws://127.0.0.1:1/ws", "openHandshakeTimeot", "did you mean `openHandshakeTimeout`?"),
        ("rs://127.0.0.1:1", "max_message_payload_siz", "did you mean `max_message_payload_size`?"),
        ("rs://127.0.0.1:1", "kettle", "its options are `max_message_payload_size`"),
    ],
)
def test_an_unknown_option(url: str, option: str, hint: str) -> None:
    mistake = the_mistake(component(transport(url, options={option: 3}), main=stays))
    assert mistake.path == ("components", "c", "transports", 0, "options", option)
    assert mistake.message == f"unknown option `{option}` in transport `{url}` of component `c`"
    assert mistake.hint == hint


@pytest.mark.parametrize("option", ["open_handshake_timeout", "openHandshakeTimeout"])
def test_both_spellings_of_an_option_are_known(option: str) -> None:
    assert not mistakes_of(component(transport("ws://127.0.0.1:1/ws", options={option: 3}), main=stays))


def test_a_serializer_that_is_not_there() -> None:
    mistake = the_mistake(component(transport(NOWHERE, serializers=("jsn",)), main=stays))
    assert mistake.path == ("components", "c", "transports", 0, "serializer")
    assert mistake.message == f"there is no serializer `jsn` for transport `{NOWHERE}` of component `c`"
    assert mistake.hint == "did you mean `json`?"


def test_a_trust_root_that_can_not_be_read(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.touch()
    for path, said in [
        (missing, f"cannot read `{missing}`: no such file or directory"),
        (empty, f"`{empty}` holds no certificate in PEM format"),
    ]:
        endpoint = TcpEndpoint(host="127.0.0.1", port=1, tls=TlsSpec(trust_root=(path,)))
        mistake = the_mistake(component(transport("rss://127.0.0.1:1", endpoint=endpoint), main=stays))
        assert mistake.message == f"`tls.trust_root` in transport `rss://127.0.0.1:1` of component `c`: {said}"
        assert mistake.path == ("components", "c", "transports", 0, "endpoint", "tls", "trust_root")


def test_authentication_that_can_not_be_built_does_not_show_its_secrets() -> None:
    authentication = {"ticket": {"authid": "joe", "tickt": "the secret"}}
    mistake = the_mistake(component(NOWHERE, main=stays, authentication=authentication))
    assert mistake.path == ("components", "c", "authentication", "ticket")
    assert mistake.message == (
        "authentication `ticket` of component `c` can't be built: ticket authentication requires 'ticket=' kwarg"
    )


def test_what_authentication_says_of_a_value_is_left_out() -> None:
    authentication = {"cryptosign": {"authid": "joe", "privkey": "the secret"}}
    mistake = the_mistake(component(NOWHERE, main=stays, authentication=authentication))
    assert "the secret" not in mistake.message
    assert mistake.message.startswith("authentication `cryptosign` of component `c` can't be built: ")


def test_authentication_needs_a_session_that_takes_authenticators() -> None:
    authentication = {"ticket": {"authid": "joe", "ticket": "the secret"}}
    mistake = the_mistake(component(NOWHERE, session_factory=ApplicationSession, authentication=authentication))
    assert (mistake.path, mistake.message, mistake.hint) == (
        ("components", "c", "authentication"),
        "`authentication` of component `c` needs a session that is a `Session`",
        "derive it from autobahn.twisted.wamp.Session, or answer in its own onConnect and onChallenge",
    )


def test_all_mistakes_come_at_once() -> None:
    over = transport(NOWHERE, options={"kettle": 1})
    spec = replace(component(over), main="no_a:b", session_factory="no_c:d", is_fatal="no_e:f")
    assert {mistake.path[2] for mistake in mistakes_of(spec)} == {"main", "session_factory", "is_fatal", "transports"}


# Callbacks of a session that is made of functions.


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"join": "builtins:print"}, []),
        (
            {"join": "no_such_module:joined"},
            ["`extra.callbacks.join` of component `c`: there is no module `no_such_module`"],
        ),
        ({"join": "builtins:no", "leave": "os:name"}, ["module `builtins` has no `no`", "`os:name` is not callable"]),
        ({"join": "print"}, ['must be a reference such as `package.module:function`, not `"print"`']),
        ({"jion": "builtins:print"}, ["unknown key `extra.callbacks.jion` of component `c`"]),
        (None, ["`extra` of component `c` needs `callbacks`, as its session is made of functions"]),
    ],
)
def test_callbacks(extra: Any, words: list[str]) -> None:
    session_factory = "wampsup.wamp.callbacks:CallbackSession"
    spec = component(NOWHERE, session_factory=session_factory, extra=extra and {"callbacks": extra})
    found = mistakes_of(spec)
    assert len(found) == len(words)
    for mistake, part in zip(found, words, strict=True):
        assert mistake.message.endswith(part)
        assert mistake.path[:3] == ("components", "c", "extra")


def test_transports_that_components_share_are_tried_once_and_their_mistakes_told_of_all() -> None:
    wrong = replace(transport(NOWHERE), options={"bad": 1})
    specs = [replace(component(wrong), name=name) for name in ("a", "b")]
    shared = replace(specs[1], transports=specs[0].transports)
    _, mistakes = prepare([specs[0], shared], reactor)
    assert [mistake.path[1] for mistake in mistakes] == ["a", "b"]


def test_an_endpoint_string_that_would_take_any_certificate_is_refused() -> None:
    for description in ("ssl:127.0.0.1:1", "SSL:127.0.0.1:port=1:timeout=3"):
        spec = component(replace(transport("rss://router.example:1"), endpoint=description), main=stays)
        mistake = the_mistake(spec)
        assert mistake.message.endswith("without `hostname=`, Twisted's `ssl:` takes any certificate")
        assert mistake.hint == "`tls:HOST:PORT` looks at it"
    named = replace(transport("rss://router.example:1"), endpoint="ssl:127.0.0.1:1:hostname=router.example")
    assert mistakes_of(component(named, main=stays)) == []
