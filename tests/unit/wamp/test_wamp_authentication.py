"""What is wrong with authentication before anything starts, what Autobahn gets of it, and what is masked of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp.auth import create_authenticator

from support.authenticated import AUTHENTICATION, PRIVATE_KEY, PUBLIC_KEY
from support.reactor import reactor
from support.supervised import component, stays, transport
from wampsup.masking import mask, mask_names
from wampsup.model.secret import Secret
from wampsup.model.spec import TlsSpec, UnixEndpoint
from wampsup.wamp.authentication import for_autobahn
from wampsup.wamp.blueprint import prepare
from wampsup.wamp.concealing import names_in, remember_all, without_names

if TYPE_CHECKING:
    from wampsup.model.spec import Mistake

NOWHERE = "rs://127.0.0.1:1"


def the_mistake(authentication: dict[str, Any], *, adopted: bool, **spec: Any) -> Mistake:
    if adopted:
        made = component(NOWHERE, component=Component(authentication=authentication), **spec)
    else:
        made = component(NOWHERE, main=stays, authentication=authentication, **spec)
    (mistake,) = prepare([made], reactor)[1]
    return mistake


@pytest.mark.parametrize("adopted", [False, True])
@pytest.mark.parametrize(
    ("authentication", "keys", "said"),
    [
        (
            {"cryptosign": {"privkey": PRIVATE_KEY, "authextra": {"pubkey": "ab" * 32}}},
            ("cryptosign", "authextra", "pubkey"),
            "authentication `cryptosign` of component `c` can't be built: Public key doesn't correspond to private key",
        ),
        (
            {"cryptosign": {"privkey": PRIVATE_KEY}, "anonymous": {"authextra": {"pubkey": "other"}}},
            ("anonymous",),
            "authentication `anonymous` of component `c` can't be built: it disagrees with another method",
        ),
        (
            {"cryptosign": {"privkey": Secret(PRIVATE_KEY), "authextra": {"channel_binding": "tls-unique"}}},
            ("cryptosign", "authextra", "channel_binding"),
            f"`channel_binding` of component `c` needs TLS, and `{NOWHERE}` has none",
        ),
        (
            {"scram": {"authid": "joe"}},
            ("scram",),
            "authentication `scram` of component `c` can't be built: it needs `password`",
        ),
        (
            {"scram": {"password": "the password"}},
            ("scram",),
            "authentication `scram` of component `c` can't be built: it needs `authid`",
        ),
        (
            {"wampcra": {"authid": "joe", "secret": "the secret", "kettle": 1}},
            ("wampcra",),
            "authentication `wampcra` of component `c` can't be built: Unexpected key 'kettle' for AuthWampCra",
        ),
        (
            {"kettle": {}},
            ("kettle",),
            "authentication `kettle` of component `c` can't be built: Unknown authenticator 'kettle'",
        ),
        (
            {"ticket": 3},
            ("ticket",),
            "authentication `ticket` of component `c` can't be built: it is neither a table nor an IAuthenticator",
        ),
    ],
)
def test_what_can_not_be_built(
    authentication: dict[str, Any], keys: tuple[str, ...], said: str, *, adopted: bool
) -> None:
    mistake = the_mistake(authentication, adopted=adopted)
    assert mistake.message == said
    assert mistake.path == ("components", "c", *(("component",) if adopted else ("authentication", *keys)))


def test_authenticators_that_a_program_has_made_may_disagree() -> None:
    one = create_authenticator("ticket", authid="joe", ticket="the ticket")
    other = create_authenticator("wampcra", authid="jim", secret="the secret")
    mistake = the_mistake({"ticket": one, "wampcra": other}, adopted=True)
    assert mistake.message.endswith("it disagrees with another method")
    assert mistake.hint == "all of them share one `authid`, `authrole` and `authextra`"


def test_an_adopted_component_needs_a_session_that_takes_authenticators() -> None:
    own = Component(session_factory=ApplicationSession, authentication={"anonymous": {}})
    (mistake,) = prepare([component(NOWHERE, component=own)], reactor)[1]
    assert mistake.path == ("components", "c", "component")
    assert "needs a session that is a `Session`" in mistake.message


def test_each_method_gets_who_any_of_them_is_and_its_secret_in_a_copy() -> None:
    extra = {"a": [Secret("deep down")]}
    methods = {
        "ticket": {"authid": "joe", "ticket": Secret("the ticket"), "authextra": extra},
        "anonymous": {"authrole": "cook"},
    }
    made = for_autobahn(methods)
    assert made == {
        "ticket": {"authid": "joe", "authrole": "cook", "ticket": "the ticket", "authextra": {"a": ["deep down"]}},
        "anonymous": {"authid": "joe", "authrole": "cook"},
    }
    made["ticket"]["authextra"]["a"].clear()
    assert extra == {"a": [Secret("deep down")]}


def test_an_authenticator_that_a_program_has_made_lends_its_name() -> None:
    made = create_authenticator("ticket", authid="joe", ticket="the ticket")
    assert for_autobahn({"ticket": made, "anonymous": {}}) == {"ticket": made, "anonymous": {"authid": "joe"}}


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("method", AUTHENTICATION)
def test_what_is_remembered_of_a_method(method: str, made: bool) -> None:  # noqa: FBT001 - a parameter
    tables = {name: {"authextra": {"door": b"number 4711"}, **table} for name, table in AUTHENTICATION[method].items()}
    if method.startswith("scram"):
        tables["scram"].pop("authextra")
    remember_all({name: create_authenticator(name, **table) for name, table in tables.items()} if made else tables)
    secrets = [value for key, value in next(iter(tables.values())).items() if key not in {"authid", "authextra"}]
    secrets += [] if method in {"anonymous-proxy", "scram", "scram-pbkdf2"} else ["number 4711"]
    for secret in secrets:
        assert mask(f"it is {secret}!") == "it is ...!"
    assert mask("joe joins realm1 as member") == "joe joins realm1 as member"
    assert mask_names("joe joins realm1") == ("joe" if method == "anonymous" else "...") + " joins realm1"
    assert mask(PUBLIC_KEY) == PUBLIC_KEY


def test_an_authenticator_that_holds_itself_is_looked_through_once() -> None:
    class Own:
        def __init__(self) -> None:
            self._secret = "the secret"
            self.myself = [self]

        def on_challenge(self, session: Any, challenge: Any) -> None: ...

    remember_all({"own": Own()})
    assert mask("the secret") == "..."


def test_names_are_taken_out_as_whole_words() -> None:
    names = names_in({"ticket": {"authid": "joe@home", "authrole": "a"}, "anonymous-proxy": {"x": [{"authid": "b"}]}})
    assert names == {"joe@home", "a", "b"}
    assert without_names('no "joe@home", a joe, or b', names) == 'no "...", ... joe, or ...'


def test_a_signature_may_be_bound_to_tls_over_a_unix_socket() -> None:
    spoken = replace(
        transport("rs://127.0.0.1:1"), endpoint=UnixEndpoint(path="/run/r.sock", tls=TlsSpec(hostname="r"))
    )
    bound = {"cryptosign": {"privkey": Secret(PRIVATE_KEY), "authextra": {"channel_binding": "tls-unique"}}}
    assert prepare([replace(component(spoken, main=stays), authentication=bound)], reactor)[1] == []
