"""All that a component can cause events by, each as a component that burns a known processor time in those events.

`python -m support.causes KIND FOLDER` runs all of them at once on a reactor of that kind, and prints what came of it.
"""
