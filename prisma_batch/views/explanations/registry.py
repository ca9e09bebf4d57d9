"""The kinds of ids that can be explained; one module a kind."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Protocol

from prisma_batch.views.explanations import (
    account,
    commitment,
    discrepancy,
    document,
    line,
    notice,
    payment,
    plan,
    statement,
)
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.trace import Trace


class Explainer(Protocol):
    """A kind of id is a module with its name, an example and these two functions."""

    KIND: str
    EXAMPLE: str

    def ids(self, basis: Basis, /) -> Iterator[str]: ...

    def explain(self, basis: Basis, identifier: str, /) -> Trace: ...


EXPLAINERS: tuple[Explainer, ...] = (
    account,
    document,
    line,
    payment,
    discrepancy,
    statement,
    notice,
    plan,
    commitment,
)


def explanations(basis: Basis, identifier: str) -> list[Trace]:
    """Return what is known under an id: one trace, none, or several where kinds share it."""
    return [
        explainer.explain(basis, identifier)
        for explainer in EXPLAINERS
        if any(known == identifier for known in explainer.ids(basis))
    ]


def near_misses(basis: Basis, identifier: str) -> list[str]:
    """Return known ids that look like this one, nearest first."""
    wanted = identifier.casefold()
    known = {name.casefold(): name for explainer in EXPLAINERS for name in explainer.ids(basis)}
    # Most slips come later than the second character, and comparing with every id of a large workspace takes seconds.
    alike = [name for name in known if name.startswith(wanted[:2])]
    return [known[name] for name in get_close_matches(wanted, alike or known, n=5)]


def what_ids_look_like() -> str:
    """Return each kind of id with an example."""
    return ", ".join(f"{explainer.KIND} {explainer.EXAMPLE}" for explainer in EXPLAINERS)
