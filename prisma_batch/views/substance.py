"""The substance of a message: its figures, documents, due dates and required actions, apart from any words.

A message that was sent is told again only where its substance is another one. How it is written down here is a format:
another one would tell every customer everything again.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from prisma_batch.views.amounts import Money

Substance: TypeAlias = Sequence["str | int | date | Money | Substance | None"]

_DIGITS = 16


def substance_digest(substance: Substance) -> str:
    """Return the hash by which the journal knows what was told."""
    written = json.dumps(_written(substance), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:_DIGITS]


def _written(value: object) -> object:
    if isinstance(value, Money):
        return f"{value.text} {value.currency}"
    if isinstance(value, (list, tuple)):
        return [_written(part) for part in value]
    return "" if value is None else str(value)
