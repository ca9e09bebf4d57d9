"""Bank statements: each counts once, balances decide, and every entry gets the id it is known by."""

import hashlib
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.base.findings import Finding
from prisma_batch.base.money import from_minor
from prisma_batch.receivables.repeated_entries import repeated_entries
from prisma_batch.receivables.statement_twins import without_twins
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import is_among, rows_of
from prisma_batch.records.tables import BANK_ENTRIES

_STATEMENT = ["account_iban", "statement", "currency", "opened_on", "closed_on"]
_BALANCES = ["opening_minor", "closing_minor", "entries_minor"]
_CONTENT = ["account_iban", "booking_date", "value_date", "amount_minor", "currency"]
_PARTIES = ["counterparty_iban", "end_to_end_id", "text"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BankBook:
    """BANK_ENTRIES that count, plus ``payment``, by booking date and id; and the ids of entries that are held.

    ``findings`` warn of what may count twice.
    """

    entries: DataFrame
    held_payments: frozenset[str]
    discrepancies: tuple[Discrepancy, ...]
    findings: tuple[Finding, ...]


def bank_book(entries: DataFrame, statements: DataFrame, recorded: DataFrame) -> BankBook:
    """Decide which entries count, and give each the id it is known by.

    A statement whose opening balance + entries is not its closing balance is held whole. A gap between two statements
    is reported and its entries are used. The same entry in several files counts once, and so does a statement in
    several formats.

    Args:
        entries: BANK_ENTRIES of all files, numbered from 0.
        statements: BANK_STATEMENTS of all files.
        recorded: PAYMENTS of closed periods: they keep their ids.
    Returns:
        With ``statement_unbalanced`` and ``statement_gap`` among the discrepancies.
    """
    entries, statements = without_twins(entries, statements, recorded)
    balances = statements["opening_minor"] + statements["entries_minor"]
    unbalanced = (balances != statements["closing_minor"]).fillna(False).astype(bool)
    held = statements[unbalanced]
    place = ["source", "account_iban", "statement", "currency"]
    named = entries.assign(payment=payment_ids(entries, statements, recorded))
    marked = named.merge(held[place].drop_duplicates(), on=place, how="left", indicator="held", validate="many_to_one")
    used = marked[marked["held"].eq("left_only")].drop(columns="held").drop_duplicates(["account_iban", "payment"])
    found = [_unbalanced(row) for row in rows_of(held.drop_duplicates([*_STATEMENT, *_BALANCES]))]
    found += _gaps(statements[~unbalanced])
    return BankBook(
        entries=used.sort_values(["booking_date", "payment", "account_iban"], ignore_index=True),
        held_payments=frozenset(marked.loc[marked["held"].eq("both"), "payment"]),
        discrepancies=tuple(found),
        findings=tuple(repeated_entries(used, statements)),
    )


def with_recorded(bank: BankBook, recorded: DataFrame, *, from_elsewhere: bool) -> DataFrame:
    """Return the entries that count, and those of closed periods that no file has any more.

    Args:
        recorded: PAYMENTS of closed periods.
        from_elsewhere: other files were named instead of the folder's: what was closed need not be among them.
    Raises:
        RecordsNotRight: the bank file of a closed payment is gone from the folder.
    """
    gone = recorded[~is_among(recorded["payment"], frozenset(bank.entries["payment"].tolist()))]
    lost = gone[~is_among(gone["payment"], bank.held_payments)]
    if len(lost) and not from_elsewhere:
        raise RecordsNotRight([_lost(row) for row in rows_of(lost)])
    blank = dict.fromkeys(set(BANK_ENTRIES.columns) - set(gone.columns), "")
    restored = gone.assign(**blank | {"detail": 0, "reversal": False})[[*BANK_ENTRIES.columns, "payment"]]
    both = pd.concat([bank.entries, restored]) if len(restored) else bank.entries
    return both.sort_values(["booking_date", "payment", "account_iban"], ignore_index=True)


def _lost(row: Any) -> Finding:
    return Finding(
        code="payment-lost",
        message=f"payment {row.payment} of a closed period is in no bank file any more",
        remedy="put the bank file back as it was",
        source=row.source.rpartition(":")[0] or row.source,
    )


def payment_ids(entries: DataFrame, statements: DataFrame, recorded: DataFrame) -> "Series[str]":
    """Return the id of each entry: the bank's reference where it is unique within the account, else a hash.

    A reference that several files give to the same day, amount and currency names one payment, whatever else they say.

    The hash covers account, dates, amount, currency, counterparty account, end-to-end id and text; equal entries of one
    statement, or of statements whose balances chain, are told apart by their occurrence. File name and position never
    matter. A reference that was unique while its period was closed stays the id of that payment when the bank uses it
    again.

    Args:
        entries: BANK_ENTRIES, numbered from 0.
        statements: BANK_STATEMENTS they stand in.
        recorded: PAYMENTS of closed periods.
    """
    content = content_hashes(entries)
    within = [entries["account_iban"], _chains(entries, statements)]
    reference, detail = entries["bank_reference"], entries["detail"]
    repeats = entries.groupby([*within, reference, detail], dropna=False)["source"].transform("size")
    named = [entries["account_iban"], reference, detail]
    # Formats tell different texts of one payment; within a file the text tells payments apart.
    facts = _facts(entries, reference).groupby(named, dropna=False).transform("nunique")
    texts = content.groupby([*named, entries["source"]], dropna=False).transform("nunique")
    unique = reference.ne("") & repeats.eq(1) & facts.eq(1) & texts.eq(1)
    # Two banks may use the same reference; an id must still name one payment.
    unique &= entries.groupby([reference, detail], dropna=False)["account_iban"].transform("nunique").eq(1)
    unique = unique.groupby([entries["account_iban"], reference], dropna=False).transform("all")
    occurrence = content.groupby([*within, content], dropna=False).cumcount().add(1)
    hashed = content.where(occurrence.eq(1), content + "-" + occurrence.astype(str))
    part = _parts(detail)
    kept = _facts(entries, reference + part).isin(_facts(recorded, recorded["payment"]))
    return (reference.where(unique | kept, hashed) + part).astype("str")


def _chains(entries: DataFrame, statements: DataFrame) -> "Series[str]":
    """Name the chain of statements, each opening where the last closed, that each entry stands in.

    Balances prove that equal entries of one chain are several payments; without them they may be one payment, exported
    twice.
    """
    place = ["source", "account_iban", "statement", "currency"]
    linked = _linked(statements)
    chains = linked.assign(chain=linked["starts"].cumsum().astype(str))[[*place, "chain"]].drop_duplicates(place)
    wide = entries.merge(chains, on=place, how="left", validate="many_to_one")
    chain: Series[str] = wide["chain"].where(wide["chain"].notna(), wide["source"] + " " + wide["statement"])
    return chain


def _linked(statements: DataFrame) -> DataFrame:
    """Return statements with both balances once, in order, and where one ``starts`` anew: not as the last closed."""
    once = statements.drop_duplicates([*_STATEMENT, *_BALANCES]).dropna(subset=["opening_minor", "closing_minor"])
    days = ["account_iban", "currency", "opened_on", "closed_on"]
    ordered = once.sort_values([*days, "statement"], ignore_index=True)
    ordered = ordered.loc[_by_balance(ordered, days)].reset_index(drop=True)
    last = ordered.groupby(["account_iban", "currency"])["closing_minor"].shift()
    return ordered.assign(last_closing=last, starts=(last != ordered["opening_minor"]).fillna(True).astype(bool))


def _by_balance(ordered: DataFrame, days: list[str]) -> list[int]:
    """Put the statements of one day in the order of their balances: their names do not tell which came first."""
    indices: list[int] = []
    closings: dict[tuple[str, str], int] = {}
    for key, rows in ordered.groupby(days, dropna=False):
        account = (str(key[0]), str(key[1]))
        openings = dict(zip(rows.index, rows["opening_minor"], strict=True))
        closing_by_index = dict(zip(rows.index, rows["closing_minor"], strict=True))
        while openings:
            follows = [index for index, opening in openings.items() if opening == closings.get(account)]
            unled = [index for index, opening in openings.items() if opening not in closing_by_index.values()]
            index = next(iter([*follows, *unled, *openings]))
            closings[account] = closing_by_index[index]
            indices.append(index)
            del openings[index]
    return indices


def _facts(table: DataFrame, payment: "Series[str]") -> "Series[str]":
    booked = table["booking_date"].dt.strftime("%Y-%m-%d")
    facts: Series[str] = payment + " " + booked + " " + table["amount_minor"].astype(str) + table["currency"]
    return facts


def written_references(entries: DataFrame) -> "Series[str]":
    """Return the bank's reference of each entry as an id would have it."""
    return entries["bank_reference"] + _parts(entries["detail"])


def _parts(detail: "Series[int]") -> "Series[str]":
    return ("/" + detail.astype(str)).where(detail.ne(0), "")


def content_hashes(entries: DataFrame) -> "Series[str]":
    """Return what the id of each entry without a reference begins with (CONTRACT §2)."""
    dates = entries.assign(
        booking_date=entries["booking_date"].dt.strftime("%Y-%m-%d"),
        value_date=entries["value_date"].dt.strftime("%Y-%m-%d"),
    )
    rows = dates[[*_CONTENT, *_PARTIES]].itertuples(index=False, name=None)
    amounts = (
        from_minor(amount, currency)
        for amount, currency in zip(entries["amount_minor"], entries["currency"], strict=True)
    )
    digests = [_hash((*row[:3], str(amount), *row[4:])) for row, amount in zip(rows, amounts, strict=True)]
    return Series(digests, index=entries.index, dtype="str")


def _hash(parts: tuple[Any, ...]) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]


def _unbalanced(row: Any) -> Discrepancy:
    opening, entries, closing = (
        from_minor(getattr(row, column), row.currency) for column in ("opening_minor", "entries_minor", "closing_minor")
    )
    return Discrepancy(
        kind="statement_unbalanced",
        message=f"statement {row.statement} is held: {opening} + {entries} is not {closing} {row.currency}",
        source=row.source,
        pointer=row.pointer,
        period=row.closed_on.strftime("%Y-%m"),
        payment=row.statement,
        expected_minor=int(row.closing_minor),
        invoiced_minor=int(row.opening_minor + row.entries_minor),
        currency=row.currency,
    )


def _gaps(statements: DataFrame) -> list[Discrepancy]:
    """Compare each statement's opening balance with the closing balance before it, per account and currency."""
    linked = _linked(statements)
    return [_gap(row) for row in rows_of(linked[linked["starts"] & linked["last_closing"].notna()])]


def _gap(row: Any) -> Discrepancy:
    opening, last = (from_minor(minor, row.currency) for minor in (row.opening_minor, row.last_closing))
    return Discrepancy(
        kind="statement_gap",
        message=f"statement {row.statement} opens with {opening} {row.currency}, the one before closed with {last}",
        source=row.source,
        pointer=row.pointer,
        period=row.opened_on.strftime("%Y-%m"),
        payment=row.statement,
        expected_minor=int(row.last_closing),
        invoiced_minor=int(row.opening_minor),
        currency=row.currency,
    )
