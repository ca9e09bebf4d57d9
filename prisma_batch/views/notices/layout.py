"""What a notice says: sentences to translate with the values in them, facts in rows, and tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from prisma_batch.base.periods import Period
from prisma_batch.views.amounts import Money
from prisma_batch.views.substance import Substance


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the catalogs and the values in it; each value is printed in the reader's language."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """A code that customers see, such as a kind of document: printed as its label."""

    code: str


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price, which may be finer than the minor unit of its currency."""

    amount: Decimal
    currency: str


# Text of a record is printed as it stands.
Value: TypeAlias = str | int | Decimal | Money | UnitPrice | date | datetime | Period | Text | Label


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeTable:
    """Rows below their headings."""

    headings: tuple[Text, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A message in the common layout.

    ``action`` is what the reader is to do or know, first; ``facts`` are headings with values; ``closing`` ends it.
    ``substance`` must not depend on the day on which the message is planned. ``act_by`` is the last day on which what
    it asks for can still be done in time: it makes no sense to send it later.
    """

    subject: Text
    title: Text
    action: tuple[Text, ...]
    facts: tuple[tuple[Text, Value], ...] = ()
    tables: tuple[NoticeTable, ...] = ()
    closing: tuple[Text, ...] = ()
    substance: Substance = ()
    act_by: date | None = None


def say(message: str, **values: Value) -> Text:
    """Return a sentence for the catalogs; it is translated where it is printed."""
    return Text(message, values)
