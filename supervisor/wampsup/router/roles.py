"""What the router announces in WELCOME: its roles and their features."""

from __future__ import annotations

from autobahn.wamp.role import RoleBrokerFeatures, RoleDealerFeatures

ROLES = {
    "broker": RoleBrokerFeatures(
        publisher_identification=True,
        pattern_based_subscription=True,
        session_meta_api=True,
        subscription_meta_api=True,
        subscriber_blackwhite_listing=True,
        publisher_exclusion=True,
        payload_transparency=True,
    ),
    "dealer": RoleDealerFeatures(
        caller_identification=True,
        pattern_based_registration=True,
        session_meta_api=True,
        registration_meta_api=True,
        shared_registration=True,
        call_timeout=True,
        call_canceling=True,
        progressive_call_results=True,
        payload_transparency=True,
    ),
}
