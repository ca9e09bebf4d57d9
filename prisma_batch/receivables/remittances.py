"""Remittance advices joined to the payments that they explain: each line counts once, in the payment's currency."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pandas import DataFrame, Series

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import minor_digits
from prisma_batch.receivables.bank import BankBook, content_hashes, written_references
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import REMITTANCE_LINES

_SAID = ["payment", "invoice_reference", "amount_scaled", "amount_scale", "memo"]
_HASH_LENGTH = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Remittances:
    """REMITTANCE_LINES of payments that count; the files that said anything by now; what is wrong with lines."""

    lines: DataFrame
    sources: frozenset[str]
    findings: tuple[Finding, ...]


def remittances(advices: DataFrame, bank: BankBook, entries: DataFrame, later: DataFrame) -> Remittances:
    """Join advices to their payments by the id of the payment.

    Advices for payments that are booked after the as-of day are not known yet; those for no payment at all are warned
    about, and those for a held statement wait with it.

    Args:
        advices: REMITTANCE_ADVICES of all files, those of one file in its order.
        bank: the payments that are held.
        entries: BANK_ENTRIES with ``payment``: those that count.
        later: BANK_ENTRIES of all files that are booked after the as-of day.
    Returns:
        Lines in the order of the advices; the same line of several files counts once. Errors are amounts with more
        decimals than the payment's currency.
    """
    known = advices[~is_later(advices["payment"], entries["payment"], later)]
    currencies = entries[["payment", "currency"]].drop_duplicates("payment")
    joined = _once(known).merge(currencies, on="payment", how="left", validate="many_to_one")
    orphans = joined[joined["currency"].isna() & ~joined["payment"].isin(sorted(bank.held_payments))]
    matched = joined.dropna(subset=["currency"])
    digits = matched["currency"].map(minor_digits).astype("int64")
    too_fine = matched["amount_scale"] > digits
    factors = 10 ** (digits - matched["amount_scale"]).clip(lower=0)
    lines = matched.assign(amount_minor=matched["amount_scaled"] * factors)[~too_fine]
    found = [_orphan(row) for row in rows_of(orphans.drop_duplicates(["source", "payment"]))]
    found += [_too_fine(row) for row in rows_of(matched[too_fine])]
    return Remittances(lines=REMITTANCE_LINES.conform(lines), sources=frozenset(known["source"]), findings=tuple(found))


def is_later(payments: "Series[str]", counted: Collection[str], later: DataFrame) -> "Series[bool]":
    """Say which ids of payments are of entries that are booked after the as-of day, and of none that counts."""
    references, hashes = written_references(later), content_hashes(later)
    # Only what follows the hash in an id, its occurrence and its part, depends on other entries.
    named = payments.isin(references) | payments.str[:_HASH_LENGTH].isin(hashes)
    return named & ~payments.isin(counted)


def _once(advices: DataFrame) -> DataFrame:
    """Keep a line that several files say once, and a line that one file says twice twice."""
    occurrence = advices.groupby(["source", *_SAID], dropna=False).cumcount()
    return advices.assign(occurrence=occurrence).drop_duplicates([*_SAID, "occurrence"])


def _orphan(row: Any) -> Finding:
    return Finding(
        code="remittance-without-payment",
        message=f"payment {row.payment} is in no bank file",
        remedy="add the bank file, or correct the payment's id as payments.csv has it",
        source=row.source,
        line=int(row.pointer),
        severity="warning",
    )


def _too_fine(row: Any) -> Finding:
    return Finding(
        code="amount-precision",
        message=f"an amount in {row.currency} has at most {minor_digits(row.currency)} decimals",
        remedy="write the amount to the currency's minor unit",
        source=row.source,
        line=int(row.pointer),
    )
