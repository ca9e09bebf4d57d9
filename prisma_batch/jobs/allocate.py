"""A person's decision about a payment, drafted from what the last run suggested."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pandas import DataFrame

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.money import from_minor
from prisma_batch.jobs.findings import findings_in, placed
from prisma_batch.jobs.month_inputs import load_settings
from prisma_batch.jobs.recorded import published_manifests, published_table
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.records.table import rows_of
from prisma_batch.writers.one_file import create_file, locked_workspace
from prisma_batch.writers.yaml_text import Flow, yaml_text

_FOLDER = "payments/allocations"
_SCHEMA = "../../schemas/allocations.schema.json"
_SUGGESTION = re.compile(r"(.+?) \(([^()]*)\)(?:; |$)")
_LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is decided: the documents, or else the suggestion by its place, by whom, when, and why.

    Without a name the issuer's finance decides; without a reason that of the suggestion is given.
    """

    payment: str
    at: date
    documents: tuple[str, ...] = ()
    suggestion: int = 1
    decided_by: str | None = None
    reason: str | None = None


def allocate(root: Path, decision: Decision) -> str:
    """Write the allocation of a payment to the documents that it settles, and return the path of the record.

    Each document takes what is open of it, in order, until the payment and the open credits among them are used up;
    what is left stays unapplied.

    Raises:
        UsageProblem: no run, nothing unapplied, no such suggestion, a document that the payment cannot settle so.
        RecordsNotRight: the records would not be right with it; nothing is left behind.
    """
    require_workspace(root)
    with locked_workspace(root):
        loaded, settings = load_settings(root)
        unapplied, open_items = _published(root / "reports")
        row = _unapplied_row(unapplied, decision.payment)
        documents, reason = _chosen(row.suggestion, decision)
        items = [Flow(item) for item in _items(row, documents, open_items)]
        name = f"{decision.at}-{file_stem(decision.payment)[:_LONGEST_NAME].strip('._-')}"
        record = {
            "id": name,
            "decided_on": decision.at,
            "decided_by": decision.decided_by or settings.issuer.finance_email,
            "reason": decision.reason or reason,
            "items": items,
        }
        source = f"{_FOLDER}/{name}.yaml"
        if not create_file(root, source, yaml_text(record, _SCHEMA).encode()):
            raise UsageProblem(f"{source} is there already: change it, or decide on another day")
        _refuse_faults(root, source, errors_in(findings_in(loaded, decision.at)), decision.at)
        return source


def _published(reports: Path) -> tuple[DataFrame, DataFrame]:
    published = published_manifests(reports)
    if not published:
        raise UsageProblem("no run is published: run a month first, its unapplied.csv says what waits for a person")
    last = max(published)
    folder, manifest = reports / str(last), published[last]
    return published_table(folder, manifest, "unapplied.csv"), published_table(folder, manifest, "open_items.csv")


def _unapplied_row(unapplied: DataFrame, payment: str) -> Any:
    found = [row for row in rows_of(unapplied) if row.payment == payment]
    if not found:
        raise UsageProblem(f"nothing of payment {payment} is unapplied in the last run")
    if found[0].amount_minor < 0:
        raise UsageProblem(f"payment {payment} is money that left: write the record by hand (docs/payments.md)")
    return found[0]


def _chosen(suggestion: str, decision: Decision) -> tuple[Sequence[str], str]:
    if decision.documents:
        return decision.documents, "Decided by hand"
    suggestions = _SUGGESTION.findall(suggestion)
    if not 0 < decision.suggestion <= len(suggestions):
        told = f"there are {len(suggestions)} suggestions" if suggestions else "there is no suggestion"
        raise UsageProblem(f"{told} for payment {decision.payment}: name the documents with --document")
    documents, reason = suggestions[decision.suggestion - 1]
    return documents.split(" + "), f"As suggested: {reason}"


def _items(row: Any, documents: Sequence[str], open_items: DataFrame) -> Iterator[dict[str, str | Decimal]]:
    named = {document: _open_item(row, document, open_items) for document in documents}
    left = int(row.amount_minor) - sum(min(0, open_minor) for _, open_minor in named.values())
    for document, (account, open_minor) in named.items():
        if not left and open_minor > 0:
            raise UsageProblem(f"nothing of payment {row.payment} is left for {document}")
        amount = min(left, open_minor)
        left -= max(0, amount)
        about = {"payment": row.payment, "account": account, "document": document}
        yield {**about, "amount": from_minor(amount, row.currency), "kind": "settle"}
    if left > int(row.amount_minor):
        raise UsageProblem(f"the open credits are more than the documents that payment {row.payment} settles")


def _open_item(row: Any, document: str, open_items: DataFrame) -> tuple[str, int]:
    """Return the account of a document, and what is open of it: below zero for a credit."""
    items = [item for item in rows_of(open_items) if item.document == document]
    open_minor = sum(int(item.open_minor) for item in items)
    if not open_minor:
        raise UsageProblem(f"nothing is open of {document} in the last run")
    if items[0].currency != row.currency:
        raise UsageProblem(f"{document} is in {items[0].currency}: write the record by hand, with settles_amount")
    return items[0].account, open_minor


def _refuse_faults(root: Path, source: str, known: Sequence[Finding], day: date) -> None:
    """Take the record back where anything is wrong that was not wrong before."""
    loaded, _ = load_settings(root)
    faults = [finding for finding in errors_in(findings_in(loaded, day)) if finding not in known]
    if faults:
        told = placed(root, faults)
        (root / source).unlink()
        raise RecordsNotRight(told)
