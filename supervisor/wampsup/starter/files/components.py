"""Three components, each an example of what a component can be.

They are plain Autobahn|Python and know nothing of wampsup. What they print goes to the fleet's log, with their name.
After a change in this file, end the fleet (`wampsup shutdown`) and start it again.
"""

from autobahn.twisted.component import Component
from twisted.internet.task import deferLater

greeter = Component()


@greeter.register("com.example.greet")
def greet(name="stranger"):
    """Answer a call: the greeter is `running` once the router has taken this registration."""
    return f"Hello, {name}!"


@greeter.subscribe("com.example.tick")
def ticked(number):
    """Take an event; most of them are not worth a line in the log."""
    if number % 10 == 0:
        print(f"tick {number}")


async def clock(reactor, session):
    """Publish an event a second, for as long as the session lasts."""
    number = 0
    while True:
        session.publish("com.example.tick", number)
        number += 1
        await deferLater(reactor, 1.0)


async def visitor(reactor, session):
    """Call the greeter once. Then this returns, which ends the component: it has `completed`."""
    print(await session.call("com.example.greet", "visitor"))
