"""A thousand generated payments with the truth about them, and a small case that nobody here wrote."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.matched_cases import receivables_input, scores, wrong
from benchmarks.payment_cases import AS_OF, KINDS, Generator
from prisma_batch.base.money import to_minor
from prisma_batch.receivables.settle import settle
from tests.receivables.tables import applied, document, entry, settled, suggested, tree

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "payments_matcher"


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_applied_wrongly_and_little_is_left(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures of each kind are printed; the invariants hold for all of them together."""
    cases = Generator(seed).run(1000)
    result = settle(receivables_input(cases), AS_OF, AS_OF.replace(month=8), None)
    figures = {score.kind: score for score in scores(cases, result.allocations)}
    with capsys.disabled():
        for score in figures.values():
            print(f"{score.kind:18}{score.payments:6}{score.applied:6}  {score.precision:.3f} {score.recall:.3f}")  # noqa: T201 - wanted
    assert wrong(cases, result.allocations) == []
    assert figures["all"].precision == 1.0
    assert figures["all"].recall >= 0.98
    assert {*KINDS, "all"} == {*figures}
    kinds = {row.payment: row.kind for row in result.discrepancies.itertuples()}
    told = {kind: {kinds.get(payment) for payment, of in cases.kinds.items() if of == kind} for kind in KINDS}
    assert told["short"] <= {"short_payment", "unapplied_cash", "unidentified_payment"}
    assert "over_payment" in told["over"]
    assert told["foreign_currency"] == {"payment_currency_mismatch"}
    assert told["duplicate"] == {None, "duplicate_payment"}
    assert told["reversal"] == {None, "returned_payment"}


def test_the_same_seed_gives_the_same_cases() -> None:
    assert Generator(5).run(50).entries == Generator(5).run(50).entries != Generator(6).run(50).entries


def rows_of(name: str) -> list[dict[str, str]]:
    if not SAMPLE.is_dir():
        pytest.skip("../shared/data/payments_matcher is not there")
    with (SAMPLE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def cents(text: str) -> int:
    return to_minor(Decimal(text.replace(",", ".")), "EUR")


def test_a_case_that_nobody_here_wrote() -> None:
    """Thirteen invoices and twelve transfers: what is quoted is applied; by name and amount it is only suggested."""
    invoices, transfers = rows_of("Property_DB_Invoices.csv"), rows_of("Bank_Payments.csv")
    owed = [
        document(
            row["Invoice Number"], cents(row["Payment Amount"]), account=row["Client ID"], reference=row["Invoice Name"]
        )
        for row in invoices
    ]
    paid = [
        entry(
            row["Unique Change Code"][:4],
            cents(row["Payed Amount"]),
            row["Payment Name"],
            name=row["Name and Surname"],
            iban=row["Account Number"],
        )
        for row in transfers
    ]
    truth = {row["Unique Match Code"]: row["Invoice Number"] for row in invoices}
    result = settled(tree(*owed, *paid))
    found = {(payment, number) for payment, number, _, _ in applied(result)}
    assert found <= {*truth.items()}
    # 1005, 1011 and 1012 agree by amount and name alone; 1007, 1008 and 1013 are somebody else's.
    assert {payment for payment, _ in found} == {"1001", "1002", "1003", "1004", "1009", "1010"}
    likely = suggested(result)
    assert all(likely[payment].startswith(truth[payment]) for payment in ("1005", "1007", "1011", "1012"))
    assert likely["1013"] == ""
