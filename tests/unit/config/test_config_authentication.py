"""Each method of authentication takes Autobahn's keys for it, and what would fail late is a mistake in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wampsup.config.schema import AuthenticationTable, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unit.config.conftest import Refuse
    from wampsup.config import FleetFile

HEAD = '[components.x]\nmain = "m:f"\n[components.x.authentication]\n'
KEY = "20e3ff0eb2e3204fac19a15a61da722db3c4b7b2ac9a5bec1b0ec7b4a4b6d2e6"
COMMON = "`authid`, `authrole`"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        # Keys.
        ("ticket = {}", "4:1 `authentication.ticket` of component `x` needs a `ticket`"),
        (
            "ticket = { tickt = 's3cret' }",
            "4:12 unknown key `tickt` in `authentication.ticket` of component `x` (did you mean `ticket`?)",
        ),
        (
            "ticket = { ticket = 's3cret', xyz = 1 }",
            (
                f"4:31 unknown key `xyz` in `authentication.ticket` of component `x` (its keys are {COMMON},"
                " `authextra`, `ticket`)"
            ),
        ),
        ("anonymous = { xyz = 1 }", None),
        ("wampcra = { secret = 's3cret' }", "4:1 `authentication.wampcra` of component `x` needs an `authid`"),
        ("wampcra = { authid = 'joe' }", "4:1 `authentication.wampcra` of component `x` needs a `secret`"),
        ("cryptosign = { authid = 'joe' }", "4:1 `authentication.cryptosign` of component `x` needs a `privkey`"),
        ("scram = { authid = 'joe' }", "4:1 `authentication.scram` of component `x` needs a `password`"),
        ("scram = { password = 's3cret' }", "4:1 `authentication.scram` of component `x` needs an `authid`"),
        ("anonymous-proxy = {}", "4:1 `authentication.anonymous-proxy` of component `x` needs an `authextra`"),
        (
            "tickt = { ticket = 's3cret' }",
            "4:1 unknown key `tickt` in `authentication` of component `x` (did you mean `ticket`?)",
        ),
        (
            "cryptosign-proxy = {}",
            "4:1 unknown key `cryptosign-proxy` in `authentication` of component `x` (did you mean `cryptosign`?)",
        ),
        (
            "anonymous_proxy = {}",
            "4:1 unknown key `anonymous_proxy` in `authentication` of component `x` (did you mean `anonymous-proxy`?)",
        ),
        # What Autobahn documents and does not read.
        *(
            (f"scram = {{ authid = 'joe', password = 's3cret', {key} = 1 }}", None)
            for key in ("nonce", "kdf", "salt", "iterations", "memory", "authextra", "channel_binding")
        ),
        # Values.
        ("ticket.ticket = ''", None),
        ("ticket.ticket = 3", None),
        ("ticket = { ticket = 's3cret', authid = 3 }", None),
        ("ticket = { ticket = 's3cret', authid = '' }", None),
        ("ticket = { ticket = 's3cret', authextra = 'x' }", None),
        (
            "scram = { authid = 'jöe', password = 's3cret' }",
            (
                "4:20 `authentication.scram.authid` of component `x` must be in printable ASCII, which is all that"
                " Autobahn takes for SCRAM"
            ),
        ),
        ('scram = { authid = "j\\u0000e", password = "s3cret" }', None),
        (
            "cryptosign = { privkey = 's3cret' }",
            (
                "4:26 `authentication.cryptosign.privkey` of component `x` must be 64 hexadecimal digits, the seed of"
                " an Ed25519 key"
            ),
        ),
        (f"cryptosign = {{ privkey = '{KEY}\\n' }}", None),
        (
            f"cryptosign = {{ privkey = '{KEY}', authextra = {{ channel_binding = 'tls-exporter' }} }}",
            "4:126 `authentication.cryptosign.authextra.channel_binding` of component `x` must be one of `tls-unique`",
        ),
        (
            f"cryptosign = {{ privkey = '{KEY}', authextra = {{ chanel_binding = 'tls-unique' }} }}",
            (
                "4:108 unknown key `chanel_binding` in `authentication.cryptosign.authextra` of component `x`"
                " (did you mean `channel_binding`?)"
            ),
        ),
        (f"cryptosign = {{ privkey = '{KEY}', authextra = {{ pubkey = 'AB' }} }}", None),
        (
            "anonymous-proxy.authextra = { proxy_realm = 'r', proxy_authid = 'joe', proxy_role = 'x' }",
            (
                "4:72 unknown key `proxy_role` in `authentication.anonymous-proxy.authextra` of component `x`"
                " (did you mean `proxy_authrole`?)"
            ),
        ),
        (
            "ticket = { ticket = 's3cret', authextra = { born = [1979-05-27] } }",
            (
                "4:53 `authentication.ticket.authextra.born[0]` of component `x` must be something that WAMP has a"
                " form for (put a date or a time into quotes)"
            ),
        ),
        # What methods ask of each other.
        (
            "ticket = { ticket = 's3cret', authid = 'joe' }\nwampcra = { secret = 's3cret', authid = 'jim' }",
            (
                "5:41 `authentication.wampcra.authid` of component `x` is not that of `ticket`"
                " (all methods of a component share one `authid`)"
            ),
        ),
        (
            "ticket = { ticket = 's3cret', authrole = 'a' }\nanonymous = { authrole = 'b' }",
            (
                "5:26 `authentication.anonymous.authrole` of component `x` is not that of `ticket`"
                " (all methods of a component share one `authrole`)"
            ),
        ),
        (
            "ticket = { ticket = 's3cret', authextra = { a = 1, b = 1 } }\nanonymous.authextra = { a = 1, b = 2 }",
            (
                "5:36 `authentication.anonymous.authextra.b` of component `x` is not that of `ticket`"
                " (all methods of a component share one `authextra`)"
            ),
        ),
        (
            "scram = { authid = 'joe', password = 's3cret' }\nanonymous.authextra = { nonce = 'a' }",
            "5:25 `authentication.anonymous.authextra.nonce` of component `x` is set by `scram` (choose another key)",
        ),
    ],
)
def test_what_is_wrong_in_authentication(
    mistakes: Callable[[str], list[str]], refuse: Refuse, text: str, mistake: str | None
) -> None:
    (found,) = mistakes(HEAD + text)
    assert mistake in {found, None}
    assert "authentication" in found
    rendered = refuse(HEAD + text).render()
    assert "s3cret" not in rendered
    assert KEY not in rendered


def test_in_the_defaults_as_well(mistakes: Callable[[str], list[str]]) -> None:
    text = "[defaults.authentication]\nticket = { ticket = 's3cret', authid = 'joe' }\nanonymous.authid = 'jim'\n"
    assert mistakes(text + '[components.x]\nmain = "m:f"\n') == [
        (
            "3:20 `authentication.anonymous.authid` in `[defaults]` is not that of `ticket`"
            " (all methods of a component share one `authid`)"
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "anonymous = {}",
        "anonymous = { authid = 'joe', authrole = 'a', authextra = { a = [1, { b = 1.5 }] } }",
        "anonymous-proxy.authextra = { proxy_realm = 'r', proxy_authid = 'j', proxy_authrole = 'a' }",
        f"cryptosign = {{ privkey = '{KEY.upper()}' }}",
        f"cryptosign = {{ privkey = '{KEY}', authextra = {{ public_key = 'of some router', trustroot = 'x' }} }}",
        "ticket = { ticket = 's', authid = 'j', authextra = { a = 1 } }\nanonymous = { authid = 'j', authextra.a = 1 }",
    ],
)
def test_what_is_right_in_authentication(read: Callable[[str], FleetFile], text: str) -> None:
    assert read(HEAD + text).spec.components[0].authentication


def test_each_key_has_a_description() -> None:
    def tables(table: type[Table]) -> Iterator[type[Table]]:
        yield table
        for field in table.model_fields.values():
            for part in [field.annotation, *getattr(field.annotation, "__args__", ())]:
                if isinstance(part, type) and issubclass(part, Table):
                    yield from tables(part)

    found: list[Any] = [field for table in tables(AuthenticationTable) for field in table.model_fields.values()]
    assert len(found) > 25
    assert all(field.description for field in found)
