"""Remittance advices find their payments: once, in the payment's currency, and never before it is known."""

from datetime import date
from typing import Any

from pandas import DataFrame

from prisma_batch.receivables.bank import bank_book
from prisma_batch.receivables.remittances import Remittances, remittances
from prisma_batch.records.tables import BANK_ENTRIES, BANK_STATEMENTS, PAYMENTS, REMITTANCE_ADVICES

A, B = "payments/2026-10/a.remittance.csv", "payments/2026-10/b.remittance.csv"


def _entry(reference: str, *, detail: int = 0, currency: str = "EUR", text: str = "") -> tuple[Any, ...]:
    days = (date(2026, 10, 5), date(2026, 10, 5))
    parties = ("", "NL91ACME0417164300", "", "", text, "", False)
    return (reference, detail, "NL02", "S", *days, 100, currency, *parties, "payments/2026-10/x.csv", "2")


def _line(payment: str, scaled: int = 100, scale: int = 2, *, source: str = A, reference: str = "INV-1") -> Any:
    return (payment, reference, scaled, scale, "", source, "2")


def _joined(*lines: Any, entries: tuple[Any, ...] = (), later: tuple[Any, ...] = ()) -> Remittances:
    bank = bank_book(BANK_ENTRIES.of(entries), BANK_STATEMENTS.of([]), PAYMENTS.of([]))
    return remittances(REMITTANCE_ADVICES.of(lines), bank, bank.entries, BANK_ENTRIES.of(later))


def _amounts(lines: DataFrame) -> list[list[Any]]:
    return lines[["payment", "amount_minor", "currency"]].to_numpy().tolist()


def test_amounts_take_the_payments_currency() -> None:
    entries = (_entry("E"), _entry("J", currency="JPY"), _entry("K", currency="KWD"), _entry("D", detail=2))
    found = _joined(_line("E", 15, 1), _line("J", -7, 0), _line("K", 1125, 3), _line("D/2"), entries=entries)
    assert _amounts(found.lines) == [["E", 150, "EUR"], ["J", -7, "JPY"], ["K", 1125, "KWD"], ["D/2", 100, "EUR"]]
    assert (found.findings, found.sources) == ((), {A})


def test_an_amount_finer_than_the_currency_is_an_error() -> None:
    found = _joined(_line("E", 1000, 3), entries=(_entry("E"),))
    assert [(finding.code, finding.severity, finding.line) for finding in found.findings] == [
        ("amount-precision", "error", 2)
    ]
    assert found.lines.empty


def test_a_line_counts_once_in_several_files_and_twice_in_one() -> None:
    lines = (_line("E"), _line("E"), _line("E", source=B), _line("E", source=B, reference="INV-2"))
    found = _joined(*lines, entries=(_entry("E"),))
    assert found.lines["invoice_reference"].tolist() == ["INV-1", "INV-1", "INV-2"]
    assert found.lines["source"].tolist() == [A, A, B]


def test_an_advice_for_no_payment_is_warned_about() -> None:
    found = _joined(_line("GONE"), _line("GONE"), _line("E"), entries=(_entry("E"),))
    assert [(finding.code, finding.severity, finding.source) for finding in found.findings] == [
        ("remittance-without-payment", "warning", A)
    ]
    assert found.lines["payment"].tolist() == ["E"]


def test_an_advice_for_a_later_payment_is_not_known_yet() -> None:
    hashed = bank_book(BANK_ENTRIES.of([_entry("")]), BANK_STATEMENTS.of([]), PAYMENTS.of([])).entries["payment"][0]
    lines = (_line("L"), _line("D/1", source=B), _line(f"{hashed}-2", source=B), _line("E"))
    found = _joined(*lines, entries=(_entry("E"),), later=(_entry("L"), _entry("D", detail=1), _entry("")))
    assert (found.findings, found.sources) == ((), {A})
    assert found.lines["payment"].tolist() == ["E"]


def test_an_advice_waits_with_its_held_statement() -> None:
    statement = ("NL02", "S", "EUR", date(2026, 10, 5), date(2026, 10, 5), 0, 999, 100, "payments/2026-10/x.csv", "2")
    bank = bank_book(BANK_ENTRIES.of([_entry("E")]), BANK_STATEMENTS.of([statement]), PAYMENTS.of([]))
    found = remittances(REMITTANCE_ADVICES.of([_line("E")]), bank, bank.entries, BANK_ENTRIES.of([]))
    assert (found.findings, found.sources, len(found.lines)) == ((), {A}, 0)
