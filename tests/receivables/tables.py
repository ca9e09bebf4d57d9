"""Receivables as one-liners: documents, bank entries and decisions in cents, and what becomes of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.settle import settle
from prisma_batch.receivables.terms import Terms
from prisma_batch.records.care_tables import EXTENSIONS, HOLDS, INSTALLMENTS, PLANS, WAIVERS
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import (
    ADJUSTMENTS,
    BANK_ENTRIES,
    DECISIONS,
    DISPUTES,
    DOCUMENTS,
    REFUNDS,
    REMITTANCE_LINES,
)

Row = tuple[Any, ...]
AS_OF = date(2026, 11, 15)
LAST_AS_OF = date(2026, 10, 15)
OURS = "NL02OURS0123456789"
PAYER = "NL91ACME0417164300"


def day(text: str) -> date:
    return date.fromisoformat(text)


def document(
    number: str, debt_minor: int, issued_on: str = "2026-09-10", due_on: str = "2026-10-10", **row: Any
) -> Row:
    """A row of DOCUMENTS; also: account, kind, currency, reference, order, corrects, discount (minor units, until)."""
    kind = row.get("kind", "credit_note" if debt_minor < 0 else "invoice")
    account = row.get("account", "ACME-001")
    discount_minor, until = row.get("discount", (0, None))
    quoted = (row.get("reference", ""), row.get("order", ""), row.get("corrects", ""))
    money = (row.get("currency", "EUR"), debt_minor, *quoted, discount_minor, until and day(until))
    return (number, account, kind, day(issued_on), day(due_on), *money, f"invoices/{account}/{number}.yaml")


def entry(payment: str, amount_minor: int, text: str = "", on: str = "2026-10-20", **row: Any) -> Row:
    """A BANK_ENTRIES row and its id; also: iban, currency, end_to_end, structured, code, value_on, reversal, bank."""
    dates = (day(on), day(row.get("value_on", on)))
    payer = (row.get("name", ""), row.get("iban", PAYER), row.get("end_to_end", ""), row.get("structured", ""), text)
    bank = ("", 0, row.get("bank", OURS), "S-1", *dates, amount_minor, row.get("currency", "EUR"))
    return (*bank, *payer, row.get("code", ""), row.get("reversal", False), "payments/2026-10/bank.csv", "2", payment)


def remittance(payment: str, reference: str, amount_minor: int, currency: str = "EUR", memo: str = "") -> Row:
    """A row of REMITTANCE_LINES."""
    return (payment, reference, amount_minor, currency, memo, "payments/2026-10/x.remittance.csv", "2")


def decision(kind: str, amount_minor: int, *, on: str = "2026-10-25", **row: Any) -> Row:
    """A row of DECISIONS; also: payment, account, document, settles_minor, currency."""
    about = (row.get("payment", ""), row.get("account", ""), row.get("document", ""), kind)
    amounts = (amount_minor, row.get("settles_minor", amount_minor), row.get("currency", "EUR"))
    return (day(on), *about, *amounts, "finance@issuer.example", "payments/allocations/d.yaml", "/items/0")


def write_off(number: str, amount_minor: int, on: str = "2026-10-25", account: str = "ACME-001") -> Row:
    """A row of ADJUSTMENTS that a case granted."""
    by = ("finance@issuer.example", "cases/c.yaml", "/outcome/0")
    return (number, account, "write_off", amount_minor, "EUR", day(on), *by)


def refund(number: str, amount_minor: int, on: str = "2026-10-18", account: str = "ACME-001") -> Row:
    """A row of REFUNDS."""
    return (account, number, amount_minor, day(on), "CASE-1")


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Everything that a run of the receivables may find, as rows."""

    documents: tuple[Row, ...] = ()
    entries: tuple[Row, ...] = ()
    remittances: tuple[Row, ...] = ()
    decisions: tuple[Row, ...] = ()
    granted: tuple[Row, ...] = ()
    refunds: tuple[Row, ...] = ()
    disputes: tuple[Row, ...] = ()
    holds: tuple[Row, ...] = ()
    extensions: tuple[Row, ...] = ()
    plans: tuple[Row, ...] = ()
    installments: tuple[Row, ...] = ()
    grace_days: int = 0
    links: Mapping[str, str] | None = None
    terms: Terms = field(default_factory=Terms)
    held: frozenset[str] = frozenset()
    waivers: tuple[Row, ...] = ()

    def plus(self, **rows: Iterable[Row]) -> "Tree":
        """Return the tree with further rows."""
        return replace(self, **{name: (*getattr(self, name), *added) for name, added in rows.items()})

    def tables(self) -> ReceivablesInput:
        entries = BANK_ENTRIES.of(row[:-1] for row in self.entries).assign(payment=[row[-1] for row in self.entries])
        return ReceivablesInput(
            documents=DOCUMENTS.of(sorted(self.documents, key=lambda row: (row[3], row[0]))),
            entries=entries.astype({"payment": "str"}).sort_values(["booking_date", "payment"], ignore_index=True),
            held_payments=self.held,
            remittances=REMITTANCE_LINES.of(self.remittances),
            decisions=DECISIONS.of(self.decisions),
            granted=ADJUSTMENTS.of(self.granted),
            refunds=REFUNDS.of(self.refunds),
            disputes=DISPUTES.of(self.disputes),
            assistance=Assistance(
                holds=HOLDS.of(self.holds),
                extensions=EXTENSIONS.of(self.extensions),
                plans=PLANS.of(self.plans),
                installments=INSTALLMENTS.of(self.installments),
                waivers=WAIVERS.of(self.waivers),
                grace_days=self.grace_days,
            ),
            links=self.links or {},
            terms=self.terms,
        )


def tree(*rows: Row, **more: Any) -> Tree:
    """A tree of documents and bank entries, told apart by their shape."""
    documents = tuple(row for row in rows if len(row) == len(DOCUMENTS.columns))
    entries = tuple(row for row in rows if len(row) == len(BANK_ENTRIES.columns) + 1)
    return Tree(documents=documents, entries=entries, **more)


def settled(
    records: Tree, as_of: date = AS_OF, last_as_of: date = LAST_AS_OF, recorded: RecordedState | None = None
) -> Receivables:
    return settle(records.tables(), as_of, last_as_of, recorded)


def closed(records: Tree, as_of: date = LAST_AS_OF, recorded: RecordedState | None = None) -> RecordedState:
    """What the run of a closed period recorded."""
    result = settled(records, as_of, as_of if recorded is None else recorded.as_of, recorded)
    return recorded_by(records, result, as_of)


def recorded_by(records: Tree, result: Receivables, as_of: date) -> RecordedState:
    """What a run recorded of its result."""
    return RecordedState(
        as_of=as_of,
        document_sources=frozenset(row[-1] for row in records.documents if row[3] <= as_of),
        payments=result.payments,
        allocations=result.allocations,
        adjustments=result.adjustments,
    )


def applied(result: Receivables) -> set[tuple[str, str, int, str]]:
    """Payment, document, cents and method of every allocation."""
    table = result.allocations[["payment", "document", "amount_minor", "method"]]
    return {tuple(row) for row in rows_of(table)}


def left(result: Receivables) -> dict[str, tuple[str, int, str]]:
    """Account, cents and reason of what is unapplied, by payment."""
    return {row.payment: (row.account, row.amount_minor, row.reason) for row in rows_of(result.unapplied)}


def suggested(result: Receivables) -> dict[str, str]:
    return dict(zip(result.unapplied["payment"], result.unapplied["suggestion"], strict=True))


def open_minor(result: Receivables) -> dict[str, int]:
    return dict(zip(result.open_items["document"], result.open_items["open_minor"], strict=True))


def states(result: Receivables) -> dict[str, tuple[str, str]]:
    """Account and state by payment."""
    return {row.payment: (row.account, row.state) for row in rows_of(result.payments)}


def kinds(result: Receivables) -> list[tuple[str, str, int, int]]:
    """Kind, payment, claimed and received of the discrepancies."""
    columns = ["kind", "payment", "expected_minor", "invoiced_minor"]
    return sorted(tuple(row) for row in rows_of(result.discrepancies[columns]))


def moved(result: Receivables) -> list[tuple[str, str, int, bool]]:
    """Kind, reference, cents and prior_period of the movements, in their order."""
    columns = ["kind", "reference", "amount_minor", "prior_period"]
    return [tuple(row) for row in rows_of(result.movements[columns])]


def balances(result: Receivables) -> dict[tuple[str, str], tuple[int, int]]:
    """Opening and closing by account and currency."""
    return {(row.account, row.currency): (row.opening_minor, row.closing_minor) for row in rows_of(result.balances)}


def codes(findings: Iterable[Any]) -> list[str]:
    return sorted(finding.code for finding in findings)
