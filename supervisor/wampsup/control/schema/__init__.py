"""The replies of the control API as pydantic models, for its document alone.

Replies are made as plain dictionaries, which costs less; tests hold every one of them to its model. Nothing of this is
loaded before somebody asks for the document.
"""

from __future__ import annotations

from wampsup.control.schema.changes import Plan, Results
from wampsup.control.schema.component import ComponentInFull, Components
from wampsup.control.schema.problem import Problem
from wampsup.control.schema.profile import Profile
from wampsup.control.schema.streams import Event, Line, Lost
from wampsup.control.schema.supervisor import Ending, Supervisor, Well

__all__ = [
    "ComponentInFull",
    "Components",
    "Ending",
    "Event",
    "Line",
    "Lost",
    "Plan",
    "Problem",
    "Profile",
    "Results",
    "Supervisor",
    "Well",
]
