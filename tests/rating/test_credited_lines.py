"""Which credit corrected which line, as a table."""

from collections.abc import Iterable

import pytest

from prisma_batch.rating.credited_lines import credited_lines
from prisma_batch.rating.placement import with_period
from prisma_batch.records.price_tables import RATES
from prisma_batch.records.table import rows_of
from tests.rating.tables import Row, billed, invoice_lines, scope

FIRST, SECOND = billed("5", "10.00"), billed("5", "10.00", document="INV-2")
SEPTEMBER = {"service_from": "2026-09-01", "service_to": "2026-09-30"}


def note(quantity: str = "-5", amount: str = "-10.00", **row: str) -> Row:
    return billed(quantity, amount, document="CN-1", kind="credit_note", **row)


def found(lines: Iterable[Row], *periods: str) -> list[tuple[str, int, str, int]]:
    table = credited_lines(with_period(invoice_lines(*lines), RATES.of([])), scope(*periods))
    return [(row.corrected_invoice, row.corrected_line, row.applied_by, row.amount_minor) for row in rows_of(table)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([FIRST, note("-1", "-2.00", corrects="INV-1", corrects_line="1")], ("INV-1", 1, "line", -200)),
        ([FIRST, SECOND, note(corrects="INV-2")], ("INV-2", 1, "mirror_image", -1000)),
        ([FIRST, SECOND, note()], ("INV-1", 1, "mirror_image", -1000)),
        ([FIRST, note("-1", "-2.00", corrects="INV-1")], ("INV-1", 1, "only_line", -200)),
        ([FIRST, billed("1", "2.00", line=2), note("-2", "-4.00", corrects="INV-1")], ("INV-1", 0, "month", -400)),
        ([FIRST, note("-1", "-2.00", corrects="INV-9")], ("INV-9", 0, "month", -200)),
        ([FIRST, note("-1", "-2.00", corrects="INV-1", sku="B2")], ("INV-1", 0, "month", -200)),
        ([FIRST, note("-1", "-2.00")], ("", 0, "month", -200)),
        ([FIRST, billed("-5", "-10.00", document="INV-2")], ("INV-1", 1, "mirror_image", -1000)),
    ],
    ids=[
        *("names the line", "names one of two equal documents", "the first of equal ones", "the only line of its SKU"),
        *(
            "two lines of its SKU",
            "an unknown invoice",
            "another SKU",
            "names nothing",
            "a negative line of an invoice",
        ),
    ],
)
def test_what_a_credit_corrects(lines: list[Row], expected: tuple[str, int, str, int]) -> None:
    assert found(lines) == [expected]


def test_lines_without_money_neither_credit_nor_are_credited() -> None:
    free = billed("3", "0.00", line=2)
    assert found([FIRST, free]) == []
    assert found([FIRST, free, note("-1", "-2.00", corrects="INV-1")]) == [("INV-1", 1, "only_line", -200)]


def test_a_single_cent_is_a_credit_and_can_be_credited() -> None:
    lines = [billed("1", "0.01"), note("-1", "-0.01", corrects="INV-1")]
    assert found(lines) == [("INV-1", 1, "mirror_image", -1)]


def test_only_what_is_matched_in_the_run() -> None:
    earlier = [billed("5", "10.00", **SEPTEMBER), note(corrects="INV-1", **SEPTEMBER)]
    assert found(earlier) == []
    assert found(earlier, "2026-09") == [("INV-1", 1, "mirror_image", -1000)]
    assert found([FIRST]) == []
