"""A row for each parameter of Autobahn's Component and each key of authentication, and the test that shows it at work.

The rows are those of the real signature and of the real tables: a new one without a test fails here. Each test runs on
a real Crossbar.io, except where that has no use for a key: then it reads HELLO on Autobahn's own server side.
"""

from __future__ import annotations

import ast
import inspect
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component

from wampsup.config.schema import AuthenticationTable, ComponentTable, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]

FACTS = "integration/test_facts_of_component.py"
ERRORS = "integration/test_attempt_last_error.py"
STRANGE = "integration/test_attempt_of_strange_code.py"
JOINS = "integration/test_authentication.py"
HELLO = "integration/test_authentication_by_strange_routers.py"

SAYS_WHO = f"{HELLO}::test_hello_says_who_it_is_whatever_the_method"
EACH_JOINS = f"{JOINS}::test_each_method_joins_a_router_that_demands_it"
WRONG_SECRET = f"{JOINS}::test_a_wrong_secret_is_fatal"
WRONG_NAME = f"{JOINS}::test_a_wrong_authid_is_fatal_and_not_told"
EXTRA = f"{JOINS}::test_authextra_reaches_the_router_with_its_secrets"
DECIDES = f"{JOINS}::test_a_router_that_decides_by_itself_is_told_role_and_authextra"
NO_PROXY = f"{JOINS}::test_a_proxy_that_speaks_for_what_is_not_there"

COMPONENT = {
    "main": f"{FACTS}::test_a_main_that_raises_is_one_failure_at_a_time_and_is_given_up",
    "transports": f"{FACTS}::test_it_can_be_stopped_and_started_at_any_time",
    "config": "integration/test_nothing_is_ignored_by_components.py::test_what_autobahn_itself_ignores_has_no_key",
    "realm": f"{FACTS}::test_an_unknown_realm_is_fatal",
    "extra": f"{JOINS}::test_extra_holds_secrets_at_any_depth",
    "authentication": EACH_JOINS,
    "session_factory": f"{JOINS}::test_a_session_class_that_answers_by_itself",
    "is_fatal": f"{ERRORS}::test_is_fatal_in_all_its_forms",
}

ADOPTED = {
    "main": f"{FACTS}::test_a_main_that_raises_is_one_failure_at_a_time_and_is_given_up",
    "transports": f"{FACTS}::test_headers_of_an_adopted_component_are_sent",
    "config": "integration/test_nothing_is_ignored_by_components.py::test_what_autobahn_itself_ignores_has_no_key",
    "realm": f"{FACTS}::test_an_unknown_realm_is_fatal",
    "extra": f"{STRANGE}::test_what_an_attempt_does_to_its_extra_is_gone_with_it",
    "authentication": f"{JOINS}::test_an_adopted_component_with_authenticators_that_its_program_has_made",
    "session_factory": f"{FACTS}::test_a_join_handler_that_raises_is_a_failure",
    "is_fatal": f"{ERRORS}::test_the_predicate_of_an_adopted_component_counts_unless_the_file_has_one",
}

IS_FATAL = {
    "function, list, URI, pattern, exception": f"{ERRORS}::test_is_fatal_in_all_its_forms",
    "built-in table": f"{ERRORS}::test_the_built_in_table",
    "is_fatal_default": f"{FACTS}::test_the_built_in_table_can_be_taken_away",
    "a predicate that raises": f"{FACTS}::test_a_predicate_that_raises_is_reported_and_the_error_is_fatal",
    "a predicate that answers later": (
        f"{ERRORS}::test_a_predicate_that_answers_later_is_reported_and_the_error_is_fatal"
    ),
}

AUTHENTICATION = {
    "anonymous": EACH_JOINS,
    "anonymous.authid": SAYS_WHO,
    "anonymous.authrole": SAYS_WHO,
    "anonymous.authextra": EXTRA,
    "anonymous-proxy": EACH_JOINS,
    "anonymous-proxy.authid": SAYS_WHO,
    "anonymous-proxy.authrole": SAYS_WHO,
    "anonymous-proxy.authextra": EACH_JOINS,
    "anonymous-proxy.authextra.proxy_realm": NO_PROXY,
    "anonymous-proxy.authextra.proxy_authid": EACH_JOINS,
    "anonymous-proxy.authextra.proxy_authrole": NO_PROXY,
    "anonymous-proxy.authextra.proxy_authextra": f"{JOINS}::test_a_proxy_says_what_the_session_is_welcomed_with",
    "ticket": EACH_JOINS,
    "ticket.authid": WRONG_NAME,
    "ticket.authrole": SAYS_WHO,
    "ticket.authextra": EXTRA,
    "ticket.ticket": WRONG_SECRET,
    "wampcra": EACH_JOINS,
    "wampcra.authid": WRONG_NAME,
    "wampcra.authrole": DECIDES,
    "wampcra.authextra": DECIDES,
    "wampcra.secret": WRONG_SECRET,
    "cryptosign": EACH_JOINS,
    "cryptosign.authid": WRONG_NAME,
    "cryptosign.authrole": SAYS_WHO,
    "cryptosign.privkey": WRONG_SECRET,
    "cryptosign.authextra": SAYS_WHO,
    "cryptosign.authextra.pubkey": f"{JOINS}::test_a_public_key_in_authextra_tells_who_it_is",
    "cryptosign.authextra.channel_binding": f"{JOINS}::test_a_signature_is_bound_to_its_tls_connection",
    "scram": EACH_JOINS,
    "scram.authid": WRONG_NAME,
    "scram.authrole": SAYS_WHO,
    "scram.password": WRONG_SECRET,
}


def keys_of(table: type[Table], *above: str) -> Iterator[str]:
    """All keys in a table and in those in it, joined by dots."""
    for name, field in table.model_fields.items():
        path = (*above, field.alias or name)
        yield ".".join(path)
        for part in [field.annotation, *typing.get_args(field.annotation)]:
            if isinstance(part, type) and issubclass(part, Table):
                yield from keys_of(part, *path)


def parameters() -> set[str]:
    return set(inspect.signature(Component.__init__).parameters) - {"self"}


def test_each_parameter_of_component_has_its_row() -> None:
    assert set(COMPONENT) == set(ADOPTED) == parameters()


def test_each_key_of_authentication_has_its_row() -> None:
    assert set(AUTHENTICATION) == set(keys_of(AuthenticationTable))


@pytest.mark.parametrize("table", [COMPONENT, ADOPTED, IS_FATAL, AUTHENTICATION])
def test_each_row_names_a_test_that_is_there(table: dict[str, str]) -> None:
    for row, test in table.items():
        file, _, name = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
        assert name in found, f"{row}: {test}"


def test_what_autobahn_itself_ignores_has_no_key() -> None:
    marked: Any = object()
    assert marked not in vars(Component(config=marked)).values()
    assert "config" not in ComponentTable.model_fields
    assert parameters() - {"config"} < set(ComponentTable.model_fields)
