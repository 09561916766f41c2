"""Why a request was not served."""

from __future__ import annotations

from typing import Literal

from wampsup.control.schema.base import Count, StateName, Told, sometimes


class Mistake(Told):
    """A mistake in the fleet file."""

    message: str
    hint: str | None
    file: str | None
    line: Count | None
    column: Count | None
    text: str
    """All of it, as a person sees it."""


class Down(Told):
    """A component that is not where it should be."""

    name: str
    state: StateName


class Problem(Told):
    """Why a request was not served (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: Count
    detail: str
    hint: str = sometimes()
    """What to do about it."""
    errors: list[Mistake] = sometimes()
    """Of a reload: all mistakes in the file."""
    down: Count = sometimes()
    """Of `/readyz`: how many components are not where they should be."""
    components: list[Down] = sometimes()
    """Of `/readyz`: the first of these."""
