"""All that touches Autobahn's client side: what a component is built from, and one attempt to run it."""
