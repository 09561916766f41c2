"""The exact words of every mistake in the options of a transport, each at the option's own place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.supervised import component, prepared, stays, transport
from support.ways import mistakes_in
from wampsup.wamp.options import known_options, protocol_options

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "ws://127.0.0.1:1/ws"
WHERE = f"in transport `{URL}` of component `c`"


def the_mistake(options: str, url: str = URL) -> tuple[tuple[str | int, ...], str, str | None]:
    (mistake,) = mistakes_in(f'url = "{url}", options = {{ {options} }}')
    assert mistake.path[:5] == ("components", "c", "transports", 0, "options")
    return mistake.path[5:], mistake.message, mistake.hint


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("version", "9", "a whole number from 10 to 18"),
        ("version", "13.0", "a whole number from 10 to 18"),
        ("utf8validate_incoming", "1", "`true` or `false`"),
        ("apply_mask", '"no"', "`true` or `false`"),
        ("max_frame_payload_size", "-1", "a number of bytes, or 0 for no limit"),
        ("max_message_payload_size", "1.5", "a number of bytes, or 0 for no limit"),
        ("max_message_payload_size", "true", "a number of bytes, or 0 for no limit"),
        ("auto_fragment_size", '"1k"', "a number of bytes, or 0 to fragment nothing"),
        ("open_handshake_timeout", '"abc"', "a number of seconds, or 0 for no limit"),
        ("openHandshakeTimeout", "-1", "a number of seconds, or 0 for no limit"),
        ("close_handshake_timeout", "nan", "a number of seconds, or 0 for no limit"),
        ("server_connection_drop_timeout", "inf", "a number of seconds, or 0 for no limit"),
        ("auto_ping_interval", "-0.5", "a number of seconds, or 0 for no pings"),
        ("auto_ping_timeout", "[1]", "a number of seconds, or 0 for no limit"),
        ("auto_ping_size", "200", "a number of bytes from 12 to 125"),
        ("auto_ping_size", "12.5", "a number of bytes from 12 to 125"),
        ("auto_ping_restart_on_any_traffic", "0", "`true` or `false`"),
    ],
)
def test_a_value_that_an_option_does_not_take(option: str, value: str, expected: str) -> None:
    shown = "a list" if value == "[1]" else f"`{value}`"
    assert the_mistake(f"{option} = {value}") == (
        (option,),
        f"option `{option}` {WHERE} must be {expected}, not {shown}",
        None,
    )


@pytest.mark.parametrize("value", ["511", "16777217", "true"])
def test_a_value_that_an_option_of_a_rawsocket_does_not_take(value: str) -> None:
    path, message, _ = the_mistake(f"max_message_payload_size = {value}", "rs://h:1")
    assert path == ("max_message_payload_size",)
    assert message.endswith(f"must be a number of bytes from 512 to 16777216, not `{value}`")


def test_both_spellings_of_one_option_are_one_too_many() -> None:
    assert the_mistake("openHandshakeTimeout = 3, open_handshake_timeout = 3") == (
        ("open_handshake_timeout",),
        f"`openHandshakeTimeout` and `open_handshake_timeout` {WHERE} are the same option",
        "keep one of them",
    )


def test_an_option_of_the_other_type_is_unknown() -> None:
    path, message, hint = the_mistake("auto_ping_size = 20", "rs://h:1")
    assert path == ("auto_ping_size",)
    assert message == "unknown option `auto_ping_size` in transport `rs://h:1` of component `c`"
    assert hint == "its options are `max_message_payload_size`"


def test_all_mistakes_in_options_come_at_once() -> None:
    found = mistakes_in(f'url = "{URL}", options = {{ auto_ping_size = 1, apply_mask = 1, kettle = 1 }}')
    assert [mistake.path[-1] for mistake in found] == ["auto_ping_size", "apply_mask", "kettle"]


OFFERS = "per_message_compression_offers"


@pytest.mark.parametrize(
    ("value", "at", "said", "hint"),
    [
        ("1", (), 'must be a word such as `"deflate"`, a table with such a `type`, or a list of both, not `1`', None),
        (
            "[{}]",
            (0,),
            'must be a word such as `"deflate"`, a table with such a `type`, or a list of both, not a table',
            None,
        ),
        ('"deflat"', (), "must offer one of `deflate`, `bzip2`, not `deflat`", "did you mean `deflate`?"),
        (
            '["deflate", { type = "defalte" }]',
            (1, "type"),
            "must offer one of `deflate`, `bzip2`, not `defalte`",
            "did you mean `deflate`?",
        ),
        ('"snappy"', (), "offers `snappy`, which is not installed", "pip install python-snappy"),
        (
            '{ type = "deflate", request_max_window_bit = 10 }',
            ("request_max_window_bit",),
            "has an unknown parameter `request_max_window_bit`",
            "did you mean `request_max_window_bits`?",
        ),
        (
            '{ type = "deflate", request_max_window_bits = 8 }',
            ("request_max_window_bits",),
            "must have 0, or a whole number from 9 to 15, as `request_max_window_bits`, not `8`",
            None,
        ),
        (
            '{ type = "deflate", accept_max_window_bits = 1 }',
            ("accept_max_window_bits",),
            "must have `true` or `false` as `accept_max_window_bits`, not `1`",
            None,
        ),
        (
            '[{ type = "bzip2", request_max_compress_level = true }]',
            (0, "request_max_compress_level"),
            "must have 0, or a whole number from 1 to 9, as `request_max_compress_level`, not `true`",
            None,
        ),
    ],
)
def test_what_can_not_be_offered(value: str, at: tuple[str | int, ...], said: str, hint: str | None) -> None:
    assert the_mistake(f"{OFFERS} = {value}") == ((OFFERS, *at), f"option `{OFFERS}` {WHERE} {said}", hint)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('per_message_compression_accept = "m:f"', " needs `per_message_compression_offers`"),
        (
            f'{OFFERS} = "deflate", per_message_compression_accept = "f"',
            ' must be a reference such as `package.module:function`, not `"f"`',
        ),
        (
            f'{OFFERS} = "deflate", per_message_compression_accept = true',
            " must be a reference such as `package.module:function`, not `true`",
        ),
        (
            f'{OFFERS} = "deflate", per_message_compression_accept = "no_kettle:f"',
            ": there is no module `no_kettle`",
        ),
    ],
)
def test_what_can_not_decide_about_a_response(options: str, said: str) -> None:
    option = "per_message_compression_accept"
    assert the_mistake(options) == ((option,), f"option `{option}` {WHERE}{said}", None)


def test_the_options_of_a_component_of_autobahns_may_be_its_own_objects(
    component_module: Callable[[str], str],
) -> None:
    module = __import__(
        component_module(
            """
            from autobahn.twisted.component import Component
            from autobahn.websocket.compress import PerMessageDeflateOffer

            offers = [PerMessageDeflateOffer()]
            accept = lambda response: None
            options = {
                "perMessageCompressionOffers": offers, "perMessageCompressionAccept": accept, "autoPingSize": None,
            }
            """
        )
    )
    made: dict[str, Any] = protocol_options("websocket", module.options)
    assert made == {"perMessageCompressionOffers": module.offers, "perMessageCompressionAccept": module.accept}
    assert prepared(component(transport(URL, options=module.options), main=stays))


def test_what_is_derived_from_the_offers_takes_nothing_else() -> None:
    made = protocol_options("websocket", {OFFERS: "bzip2"})
    accept = made[known_options("websocket")["per_message_compression_accept"]]
    response = type("Response", (), {"EXTENSION_NAME": "permessage-deflate"})()
    assert accept(response) is None
