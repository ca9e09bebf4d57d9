"""Which columns each CSV file of a run has: its names beside ours, in order (CONTRACT §5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from prisma_batch.records.table import Table, texts
from prisma_batch.records.tables import BUCKETS

Form: TypeAlias = Literal["text", "number", "date", "money", "quantity"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file and ours that it prints.

    A number is printed as it stands; money is minor units of the row's ``currency``; a quantity has its scale in
    ``quantity_scale``.
    """

    name: str
    own: str
    form: Form


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file of a run; its rows are sorted by columns of ours."""

    name: str
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


OUTBOX = Table(  # one message a row; what was not sent has no sha256
    "outbox",
    texts("key", "revision", "kind", "account", "to", "subject", "attachments", "sha256", "skipped_because"),
)


def _text(name: str, own: str = "") -> Column:
    return Column(name, own or name, "text")


def _texts(names: str) -> tuple[Column, ...]:
    return tuple(map(_text, names.split()))


def _number(name: str) -> Column:
    return Column(name, name, "number")


def _date(name: str) -> Column:
    return Column(name, name, "date")


def _money(name: str, own: str) -> Column:
    return Column(name, own, "money")


_FILES = (
    TableFile(
        "discrepancies.csv",
        (
            *_texts("id kind severity state account program sku period invoice line payment"),
            _number("expected_quantity"),
            _number("invoiced_quantity"),
            _money("expected_amount", "expected_minor"),
            _money("invoiced_amount", "invoiced_minor"),
            _money("difference_amount", "difference_minor"),
            *_texts("currency fingerprint message source"),
        ),
        ("account", "period", "kind", "program", "sku", "invoice", "line", "payment", "id"),
    ),
    TableFile(
        "rated_usage.csv",
        (
            *_texts("account program sku period"),
            _date("service_from"),
            _date("service_to"),
            Column("quantity", "quantity_scaled", "quantity"),
            _text("unit"),
            _money("amount", "amount_minor"),
            *_texts("currency rate_source"),
        ),
        ("account", "program", "sku", "service_from", "service_to", "rate_source", "quantity_scaled"),
    ),
    TableFile(
        "credited_lines.csv",
        (
            _text("document"),
            _number("line"),
            *_texts("account program sku period"),
            Column("quantity", "quantity_scaled", "quantity"),
            _money("amount", "amount_minor"),
            *_texts("currency corrected_invoice"),
            _number("corrected_line"),
            *_texts("applied_by source"),
        ),
        ("account", "period", "program", "sku", "document", "line"),
    ),
    TableFile(
        "payments.csv",
        (
            *_texts("payment source statement"),
            _date("booking_date"),
            _date("value_date"),
            _money("amount", "amount_minor"),
            *_texts("currency account state"),
        ),
        ("booking_date", "payment", "source"),
    ),
    TableFile(
        "allocations.csv",
        (
            _text("payment"),
            _date("value_date"),
            _text("account"),
            _text("invoice", "document"),
            _money("amount", "amount_minor"),
            *_texts("currency method confidence"),
        ),
        ("value_date", "payment", "account", "document", "amount_minor", "method"),
    ),
    TableFile(
        "unapplied.csv",
        (
            _text("payment"),
            _date("value_date"),
            _text("account"),
            _money("amount", "amount_minor"),
            *_texts("currency reason suggestion"),
        ),
        ("account", "value_date", "payment", "reason", "amount_minor"),
    ),
    TableFile(
        "adjustments.csv",
        (
            *_texts("document account kind"),
            _money("amount", "amount_minor"),
            _text("currency"),
            _date("on"),
            *_texts("approved_by source"),
        ),
        ("account", "on", "document", "kind", "amount_minor", "source"),
    ),
    TableFile(
        "open_items.csv",
        (
            *_texts("account document installment kind"),
            _date("issued_on"),
            _date("due_on"),
            _text("currency"),
            _money("amount", "amount_minor"),
            _money("open_amount", "open_minor"),
            _number("days_overdue"),
            _text("bucket"),
            _money("disputed_amount", "disputed_minor"),
            _text("hold"),
        ),
        ("account", "currency", "due_on", "document", "installment"),
    ),
    TableFile(
        "aging.csv",
        (*_texts("account currency"), *(_money(name, name) for name in (*BUCKETS, "unapplied", "balance"))),
        ("account", "currency"),
    ),
    TableFile(
        "account_status.csv",
        (*_texts("account status reasons"), _date("next_change_on"), _text("next_status")),
        ("account",),
    ),
    TableFile(
        "usage_reports.csv",
        (*_texts("account program period state"), _date("due_on"), _date("submitted_on")),
        ("account", "program", "period"),
    ),
    TableFile("outbox.csv", _texts(" ".join(OUTBOX.columns)), ("key", "revision")),
)

TABLE_FILES: Mapping[str, TableFile] = MappingProxyType({file.name: file for file in _FILES})
