"""What stands under `authentication` is shown nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.config.conftest import Refuse
    from wampsup.config import FleetFile

HEAD = '[components.x]\nmain = "m:f"\n'


@pytest.mark.parametrize(
    "text",
    [
        HEAD + 'authentication = "s3cret"',
        HEAD + 'authentication.ticket = "s3cret"',
        HEAD + 'authentication.ticket.ticket = "s3cret"\nbad = 1',
        HEAD + 'authentication.tiket.ticket = "s3cret"',
        HEAD + 'authentication = { tiket = { ticket = "s3cret" } }',
        HEAD + 'authentication = { tiket = [ "s3cret", 3, [ { a = "s3cret" } ] ] }',
        HEAD + 'authentification = { ticket = { ticket = "s3cret" } }',
        HEAD + 'auth = { ticket = { ticket = "s3cret" } }',
        HEAD + 'ticket = { ticket = "s3cret" }',
        HEAD + '[components.x.wampcra]\nsecret = "s3cret"',
        HEAD + 'extra = { authentication = "s3cret" }\nrealm = 1',
        HEAD + "authentication.ticket.ticket = '''\ns3cret\ns3cret''' \nrealm = 1",
        'components.x = { main = 3, authentication = { ticket = { ticket = "s3cret" } }, bad = 1 }',
        '[defaults.authentication]\nticket = "s3cret"\n' + HEAD,
        '[authentication]\nticket = "s3cret"\n' + HEAD,
        HEAD + 'transports = { url = "ws://h", heders = { A = "s3cret" } }',
        HEAD + 'transports = { url = "ws://h", http_headers = { A = "s3cret" }, x = 1 }',
        HEAD + 'password = "s3cret"',
        HEAD + 'client_secret = "s3cret"',
        HEAD + 'extra = { db_password = "s3cret", api-key = "s3cret" }\nrealm = 1',
        HEAD + 'transports = "ws://joe:s3cret@router.example/ws"',
        HEAD + 'transports = "ws://joe:${S3CRET:-s3cret}@router.example/ws"',
        # Not even TOML.
        HEAD + 'authentication.ticket.ticket = "s3cret',
        HEAD + "[components.x.authentication.ticket]\nticket = s3cret",
        HEAD + '[components.x.authentication.ticket]\nticket = "s3cret" x',
        HEAD + "authentication.ticket.ticket = '''\ns3cret\\\n ''' '''",
        HEAD + 'authentication.ticket = {\n ticket = "s3cret",\n x }',
        HEAD + 'authentication.ticket.x = [\n ["a"],\n ["b"],\n ["s3cret" x],\n]',
    ],
)
def test_a_secret_is_never_shown(refuse: Refuse, text: str) -> None:
    error = refuse(text)
    assert "s3cret" not in error.render()
    assert all("s3cret" not in mistake.message for mistake in error.mistakes)


def test_secrets_are_masked_in_the_line_and_the_marker_follows(refuse: Refuse) -> None:
    text = 'components.x = { authentication = { ticket = { ticket = "a long s3cret" } }, main = 3, is_fatal = 4 }'
    assert refuse(text).render() == (
        "error: `main` of component `x` must be a string, not `3`\n"
        " --> edge.toml:1:85\n"
        "  |\n"
        "1 | components.x = { authentication = { ticket = { ticket = ... } }, main = 3, is_fatal = 4 }\n"
        "  |                                                                         ^\n"
        "\n"
        "error: `is_fatal` of component `x` must be a reference or a list of errors, not `4`\n"
        " --> edge.toml:1:99\n"
        "  |\n"
        "1 | components.x = { authentication = { ticket = { ticket = ... } }, main = 3, is_fatal = 4 }\n"
        "  |                                                                                       ^"
    )


def test_a_secret_that_is_wrong_is_marked_but_not_shown(refuse: Refuse) -> None:
    assert refuse(HEAD + 'authentication.ticket = "a long s3cret" # why\n').render() == (
        "error: `authentication.ticket` of component `x` must be a table\n"
        " --> edge.toml:3:25\n"
        "  |\n"
        "3 | authentication.ticket = ... # why\n"
        "  |                         ^^^"
    )


def test_a_line_that_may_hold_a_secret_is_cut_where_the_file_is_not_toml(refuse: Refuse) -> None:
    assert refuse(HEAD + '[components.x.authentication.ticket]\nticket = "s3cret" x\n').render() == (
        "error: not valid TOML: expected newline or end of document after a statement\n"
        " --> edge.toml:4:19\n"
        "  |\n"
        "4 | ticket = ...\n"
        "  |          ^"
    )


def test_mistakes_found_later_do_not_show_secrets_either(read: Callable[[str], FleetFile]) -> None:
    fleet_file = read(HEAD + '[components.x.authentication]\nticket = { authid = "joe", ticket = "s3cret" }\n')
    path = ("components", "x", "authentication", "ticket", "ticket")
    mistake = Mistake(path=path, message="no `ticket`, but `s3cret`", hint="s3cret?", at_key=True)
    assert fleet_file.error([mistake]).render() == (
        "error: no `ticket`, but `...`\n"
        " --> edge.toml:4:28\n"
        "  |\n"
        "4 | ticket = { authid = ..., ticket = ... }\n"
        "  |                          ^^^^^^\n"
        "hint: ...?"
    )


def test_the_name_of_a_component_hides_nothing(refuse: Refuse) -> None:
    rendered = refuse('[components.auth-service]\nmain = "m:f"\nrealm = 3\n').render()
    assert "not `3`" in rendered
    assert "3 | realm = 3" in rendered
