"""No key of a transport is accepted and then ignored: each has a test that shows what it does, on a real router.

The keys are those of the models, so that a new one fails here until it has its row.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from wampsup.config.schema.transport import EndpointTable, ProxyTable, TlsTable, TransportTable

FOLDER = Path(__file__).parent
ROUTERS = {"crossbar", "transports_crossbar", "own_crossbar"}
"""Fixtures that are a real Crossbar.io."""

AWAY = "no router is there, and that is what it is about"

ENDPOINTS, OPTIONS, PROXY = "test_transports_endpoints", "test_transports_options", "test_transports_proxy"
TLS = "test_transports_tls"

ROWS: dict[type, dict[str, str]] = {
    TransportTable: {
        "type": f"{ENDPOINTS}.test_it_connects_to_a_unix_socket",
        "url": f"{ENDPOINTS}.test_several_transports_are_tried_in_their_order",
        "endpoint": f"{ENDPOINTS}.test_it_connects_to_an_endpoint_string",
        "serializers": "test_transports_serializers.test_a_websocket_joins_with_each_serializer",
        "serializer": "test_transports_serializers.test_a_rawsocket_joins_with_each_serializer",
        "options": f"{OPTIONS}.test_an_option_of_a_websocket_reaches_the_protocol",
        "headers": "test_transports_headers.test_headers_are_sent",
        "proxy": f"{PROXY}.test_it_joins_through_a_proxy",
        "max_retries": f"{ENDPOINTS}.test_a_transport_is_tried_again_as_often_and_as_late_as_it_says",
        "initial_retry_delay": f"{ENDPOINTS}.test_a_transport_is_tried_again_as_often_and_as_late_as_it_says",
        "max_retry_delay": f"{ENDPOINTS}.test_a_transport_is_tried_again_as_often_and_as_late_as_it_says",
        "retry_delay_growth": f"{ENDPOINTS}.test_a_transport_is_tried_again_as_often_and_as_late_as_it_says",
        "retry_delay_jitter": f"{ENDPOINTS}.test_the_retries_of_a_transport_that_works_again_lead_back_to_the_router",
    },
    EndpointTable: {
        "type": f"{ENDPOINTS}.test_it_connects_to_a_unix_socket",
        "host": f"{ENDPOINTS}.test_it_connects_over_ipv6",
        "port": f"{ENDPOINTS}.test_it_connects_over_ipv4",
        "path": f"{ENDPOINTS}.test_it_connects_to_a_unix_socket",
        "timeout": f"{ENDPOINTS}.test_a_timeout_ends_an_attempt",
        "version": f"{ENDPOINTS}.test_a_version_takes_only_its_addresses_of_a_name",
        "tls": f"{TLS}.test_the_url_or_the_endpoint_asks_for_tls",
    },
    TlsTable: {
        "hostname": f"{TLS}.test_it_expects_the_hostname_and_asks_for_it",
        "trust_root": f"{TLS}.test_it_takes_several_trust_files",
        "certificate": f"{TLS}.test_it_shows_its_certificate",
        "key": f"{TLS}.test_it_shows_its_certificate",
    },
    ProxyTable: {
        "host": f"{PROXY}.test_it_joins_through_a_proxy",
        "port": f"{PROXY}.test_it_joins_through_a_proxy",
    },
}

WITHOUT_A_ROUTER = {
    f"{ENDPOINTS}.test_a_timeout_ends_an_attempt": AWAY,
    f"{ENDPOINTS}.test_a_transport_is_tried_again_as_often_and_as_late_as_it_says": AWAY,
}


@pytest.mark.parametrize("table", ROWS, ids=lambda table: table.__name__)
def test_every_key_has_its_row(table: type[TransportTable]) -> None:
    assert set(ROWS[table]) == {field.alias or key for key, field in table.model_fields.items()}


@pytest.mark.parametrize("test", sorted({test for rows in ROWS.values() for test in rows.values()}))
def test_the_test_of_a_row_is_there_and_has_a_real_router(test: str) -> None:
    module, name = test.split(".")
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert found, f"there is no test {test}"
    arguments = {argument.arg for argument in found[0].args.args}
    assert test in WITHOUT_A_ROUTER or arguments & ROUTERS, f"{test} has no real router"
