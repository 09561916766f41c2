"""Publish and subscribe.

One Event object goes to all subscribers of a subscription, so that Autobahn serializes it once for each serializer in
use. Publishers are always disclosed: one wants it while developing, and it keeps that one event the same for all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from autobahn.wamp.exception import ApplicationError, InvalidUriError
from autobahn.wamp.message import (
    Event,
    Publish,
    Published,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
    check_or_raise_uri,
)

from wampsup.router.content import content
from wampsup.router.ids import new_id
from wampsup.router.patterns import Match, PatternTable

if TYPE_CHECKING:
    from wampsup.router.session import Session

RESERVED = "wamp."

Accepts = Callable[["Session"], bool]


class Subscription:
    """A topic or pattern and who listens to it, in the order in which they came."""

    __slots__ = ("created", "id", "match", "sessions", "uri")

    def __init__(self, subscription_id: int, match: Match, uri: str) -> None:
        self.id = subscription_id
        self.match = match
        self.uri = uri
        self.created = datetime.now(UTC)
        self.sessions: dict[int, Session] = {}

    def describe(self) -> dict[str, Any]:
        """The subscription as the meta API shows it."""
        return {"id": self.id, "created": self.created.isoformat(), "match": self.match, "uri": self.uri}

    def members(self) -> list[int]:
        """The ids of the sessions that listen."""
        return list(self.sessions)


class Broker:
    """The topics of a realm."""

    def __init__(self) -> None:
        self.topics: PatternTable[Subscription] = PatternTable()
        self.subscriptions: dict[int, Subscription] = {}
        self._ids = count(1)

    def handlers(self) -> dict[type, Callable[[Session, Any], None]]:
        """What handles which message."""
        return {Publish: self._publish, Subscribe: self._subscribe, Unsubscribe: self._unsubscribe}

    def has_subscribers(self, topic: str) -> bool:
        """Whether anybody would get an event on `topic`."""
        return bool(self.topics.matching(topic))

    def announce(self, topic: str, args: list[Any]) -> None:
        """Publish an event of the router's own."""
        for subscription in self.topics.matching(topic):
            event = Event(subscription.id, new_id(), topic=_named(subscription, topic), args=args)
            for session in subscription.sessions.values():
                session.send(event)

    def leave(self, session: Session) -> None:
        """Free what `session` has subscribed to."""
        for subscription in session.subscriptions.values():
            self._drop(subscription, session)
        session.subscriptions.clear()

    def _publish(self, publisher: Session, publish: Publish) -> None:
        topic = publish.topic
        if topic.startswith(RESERVED):
            if publish.acknowledge:
                publisher.refuse(publish, ApplicationError.INVALID_URI, f"topic `{topic}` is the router's own")
            return
        publication = new_id()
        subscriptions = self.topics.matching(topic)
        if subscriptions:
            accepts = _recipients(publisher, publish)
            for subscription in subscriptions:
                event = _event(subscription, publication, publisher, publish)
                for session in subscription.sessions.values():
                    if accepts(session):
                        session.send(event)
        if publish.acknowledge:
            publisher.send(Published(publish.request, publication))

    def _subscribe(self, session: Session, subscribe: Subscribe) -> None:
        match, topic = subscribe.match, subscribe.topic
        try:
            check_or_raise_uri(
                topic,
                "topic",
                allow_empty_components=match == "wildcard",
                allow_last_empty=match == "prefix",
            )
        except InvalidUriError as error:
            session.refuse(subscribe, ApplicationError.INVALID_URI, str(error))
            return
        subscription = self.topics.of_kind(match).get(topic)
        if subscription is None:
            subscription = Subscription(next(self._ids), match, topic)
            self.topics.add(match, topic, subscription)
            self.subscriptions[subscription.id] = subscription
        subscription.sessions[session.id] = session
        session.subscriptions[subscription.id] = subscription
        session.send(Subscribed(subscribe.request, subscription.id))

    def _unsubscribe(self, session: Session, unsubscribe: Unsubscribe) -> None:
        subscription = session.subscriptions.pop(unsubscribe.subscription, None)
        if subscription is None:
            text = f"no subscription `{unsubscribe.subscription}` of this session"
            session.refuse(unsubscribe, ApplicationError.NO_SUCH_SUBSCRIPTION, text)
            return
        self._drop(subscription, session)
        session.send(Unsubscribed(unsubscribe.request))

    def _drop(self, subscription: Subscription, session: Session) -> None:
        del subscription.sessions[session.id]
        if not subscription.sessions:
            self.topics.remove(subscription.match, subscription.uri)
            del self.subscriptions[subscription.id]


def _named(subscription: Subscription, topic: str) -> str | None:
    """The topic that an event must tell, since the subscription's URI does not."""
    return None if subscription.match == "exact" else topic


def _event(subscription: Subscription, publication: int, publisher: Session, publish: Publish) -> Event:
    identity = publisher.identity
    return Event(
        subscription.id,
        publication,
        topic=_named(subscription, publish.topic),
        publisher=publisher.id,
        publisher_authid=identity.authid,
        publisher_authrole=identity.role,
        **content(publish),
    )


def _recipients(publisher: Session, publish: Publish) -> Accepts:
    """Who may get the event: without options, everybody but the publisher."""
    excluded, eligible = set(publish.exclude or ()), publish.eligible
    if publish.exclude_me is not False:
        excluded.add(publisher.id)

    def by_id(session: Session) -> bool:
        return session.id not in excluded and (eligible is None or session.id in eligible)

    identified = (publish.exclude_authid, publish.exclude_authrole, publish.eligible_authid, publish.eligible_authrole)
    if all(names is None for names in identified):
        return by_id
    return lambda session: by_id(session) and _is_meant(session, publish)


def _is_meant(session: Session, publish: Publish) -> bool:
    authid, role = session.identity.authid, session.identity.role
    return (
        authid not in (publish.exclude_authid or ())
        and role not in (publish.exclude_authrole or ())
        and (publish.eligible_authid is None or authid in publish.eligible_authid)
        and (publish.eligible_authrole is None or role in publish.eligible_authrole)
    )
