"""Exchange-rate tables: exact, or refused with row and column."""

from decimal import Decimal

import pytest

from prisma_batch.readers.exchange_rates import read_exchange_rates

HEADER = "period,from,to,rate\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [("fx-header", 1, 1)]),
        ("period,from,to\n", [("fx-header", 1, 1)]),
        ("\ufeff" + HEADER, [("fx-encoding", 1, 1)]),
        (HEADER + '2026-10,"USD",EUR,1\n', [("fx-encoding", 1, 1)]),
        (HEADER + "2026-10,USD,EUR,1\r2026-11,USD,EUR,1\n", [("fx-encoding", 1, 1)]),
        (HEADER + "2026-10,USD,EUR,1,\n", [("fx-row", 2, 1)]),
        (HEADER + "2026-10,USD,EUR\n", [("fx-row", 2, 1)]),
        (HEADER + "\n", [("fx-row", 2, 1)]),
        (HEADER + "2026-13,USD,EUR,1\n", [("fx-period", 2, 1)]),
        (HEADER + "2026-10,usd,EUR,1\n", [("fx-currency", 2, 2)]),
        (HEADER + "2026-10,USD,E,1\n", [("fx-currency", 2, 3)]),
        (HEADER + "2026-10,XYZ,EUR,1\n", [("fx-currency", 2, 2)]),
        (HEADER + "2026-10,USD,EUR,0.00\n", [("fx-rate", 2, 4)]),
        (HEADER + "2026-10,USD,EUR,-1\n", [("fx-rate", 2, 4)]),
        (HEADER + "2026-10,USD,EUR,1e3\n", [("fx-rate", 2, 4)]),
        (HEADER + "2026-10,USD,EUR,NaN\n", [("fx-rate", 2, 4)]),
        (HEADER + "2026-10,USD,EUR,0,92\n", [("fx-row", 2, 1)]),
        (HEADER + "2026-10,USD,EUR,1\n2026-10,USD,EUR,2\n", [("fx-duplicate", 3, 1)]),
    ],
)
def test_faults_have_their_row_and_column(text: str, faults: list[tuple[str, int, int]]) -> None:
    found = read_exchange_rates(text.encode(), "agreements/fx/a.csv")
    assert isinstance(found, list)
    assert [(finding.code, finding.line, finding.column) for finding in found] == faults


@pytest.mark.parametrize("text", ["2026-10,USD,EUR,0.921500000001", "2026-10,USD,EUR,0.921500000001\r\n"])
def test_rates_are_exact(text: str) -> None:
    (rate,) = read_exchange_rates((HEADER + text).encode(), "agreements/fx/a.csv")
    assert (str(rate.period), rate.from_currency, rate.to_currency) == ("2026-10", "USD", "EUR")
    assert rate.rate == Decimal("0.921500000001")
