"""The example's two months against figures that were worked out by hand from its records.

In the tables "-" stands for an empty cell.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.recipes import OCTOBER, SEPTEMBER, cells

DISCREPANCIES = {
    SEPTEMBER: """
    price_mismatch            DELTA-003 SQL-STD-2CORE    INV-2026-0103 -                  707.20   728.80    21.60 EUR
    unidentified_payment      -         -                -             PRB20261013002       0.00   613.06   613.06 EUR
    """,
    OCTOBER: """
    unbilled_usage            COLL-001  SNAPSHOT-GIB-DAY -             -                   29.78     0.00   -29.78 EUR
    no_agreed_rate            COLL-001  GPU-HOUR         -             -                       -        -        - -
    wrong_service_period      COLL-002  RDS-SAL          INV-2026-0211 -                  472.00   472.00     0.00 EUR
    credit_exceeds_invoice    COLL-002  -                INV-2026-0212 -                  -41.64   -45.00    -3.36 EUR
    price_mismatch            COLL-003  CVAD-USER        INV-2026-0213 -                  363.00   376.20    13.20 GBP
    missing_usage_report      COLL-004  -                -             -                       -        -        - -
    tax_mismatch              COLL-004  -                INV-2026-0214 -                    0.00    25.53    25.53 EUR
    minimum_not_billed        COLL-006  EGRESS-GIB       -             -                    9.66     0.00    -9.66 EUR
    incident_credit_due       COLL-006  -                -             -                  -55.92     0.00    55.92 EUR
    unknown_account           COLL-909  VCPU-HOUR        -             -                       -        -        - -
    quantity_mismatch         DELTA-002 WIN-STD-2CORE    INV-2026-0202 -                  190.00   209.00    19.00 EUR
    price_mismatch            DELTA-003 SQL-STD-2CORE    INV-2026-0103 -                  707.20   728.80    21.60 EUR
    rounding_difference       DELTA-003 EGRESS-GIB       INV-2026-0203 -                   68.84    68.83    -0.01 EUR
    currency_mismatch         DELTA-004 EGRESS-GIB       INV-2026-0205 -                       -   147.94        - EUR
    duplicate_invoice         DELTA-005 -                INV-2026-0207 -                    0.00   623.30   623.30 EUR
    duplicate_line            DELTA-006 WIN-STD-2CORE    INV-2026-0208 -                    0.00   304.00   304.00 EUR
    due_date_mismatch         NORD-000  -                INV-2026-0209 -                       -        -        - EUR
    billed_without_usage      NORD-102  SUPPORT-DESK     INV-2026-0209 -                    0.00   150.00   150.00 EUR
    late_usage                NORD-201  -                -             -                       -        -        - -
    short_payment             COLL-001  -                INV-2026-0109 PRB20261026007     558.77   543.77   -15.00 EUR
    unapplied_cash            COLL-003  -                -             GBP-2026-10-27-01    0.00    75.00    75.00 GBP
    payment_currency_mismatch DELTA-004 -                INV-2026-0205 USD-2026-11-12-01    0.00   160.81   160.81 USD
    duplicate_payment         DELTA-005 -                INV-2026-0105 PRB20261103002       0.00   732.96   732.96 EUR
    over_payment              NORD-000  -                INV-2026-0107 PRB20261019005    1548.79  1598.79    50.00 EUR
    returned_payment          NORD-201  -                H-2026-0402   PRB20261021006       0.00 -1087.30 -1087.30 EUR
    unidentified_payment      -         -                -             PRB20261106003       0.00   250.00   250.00 EUR
    statement_gap             -         -                -             GBP-2026-11       2595.00  2475.00  -120.00 GBP
    """,
}

# The rest of each row: kind, expected and invoiced quantity, line of the document, program, month.
QUANTITIES = """
    unbilled_usage        27074.063    -            -            aurora-cloud    2026-10
    no_agreed_rate        17.75        -            -            aurora-cloud    2026-10
    wrong_service_period  80           80           1            microsoft-spla  2026-10
    price_mismatch        22           22           1            citrix-csp      2026-10
    price_mismatch        8            8            2            microsoft-spla  2026-09
    unknown_account       31.75        -            -            aurora-cloud    2026-10
    quantity_mismatch     40           44           1            microsoft-spla  2026-10
    rounding_difference   1449.180432  1449.180432  3            aurora-cloud    2026-10
    currency_mismatch     1891.847625  1891.847625  1            aurora-cloud    2026-10
    duplicate_line        -            64           3            microsoft-spla  2026-10
    billed_without_usage  -            1            6            aurora-cloud    2026-10
"""

OPEN_ITEMS = {
    SEPTEMBER: """
        COLL-001   INV-2026-0109  EUR  2026-11-04    558.77   0
        COLL-002   INV-2026-0110  EUR  2026-11-04    481.05   0
        COLL-004   INV-2026-0111  EUR  2026-10-19    460.28   0
        COLL-005   INV-2026-0112  EUR  2026-11-04    498.62   0
        DELTA-001  INV-2026-0101  EUR  2026-11-04   1121.91   0
        DELTA-002  INV-2026-0102  EUR  2026-10-19    428.10   0
        DELTA-003  INV-2026-0103  EUR  2026-11-04   1303.80   0
        DELTA-004  INV-2026-0104  USD  2026-11-04    942.59   0
        DELTA-005  INV-2026-0105  EUR  2026-11-04    732.96   0
        DELTA-006  INV-2026-0106  EUR  2026-11-04    625.57   0
        NORD-000   INV-2026-0107  EUR  2026-10-19   1548.79   0
        NORD-201   INV-2026-0108  EUR  2026-11-15   1146.00   0
    """,
    OCTOBER: """
        COLL-001   INV-2026-0109  EUR  2026-11-04     15.00  11
        COLL-001   INV-2026-0210  EUR  2026-12-05    532.61   0
        COLL-002   CN-2026-0003   EUR  2026-12-12     -3.36   0
        COLL-002   INV-2026-0211  EUR  2026-12-05    472.00   0
        COLL-004   INV-2026-0214  EUR  2026-11-19    147.09   0
        COLL-005   INV-2026-0215  EUR  2026-12-05    494.28   0
        COLL-006   INV-2026-0217  EUR  2026-12-05    590.34   0
        DELTA-002  INV-2026-0202  EUR  2026-11-19    451.09   0
        DELTA-003  INV-2026-0103  EUR  2026-11-04   1303.80  11
        DELTA-003  INV-2026-0203  EUR  2026-12-05   1279.49   0
        DELTA-004  INV-2026-0204  USD  2026-12-05    773.86   0
        DELTA-004  INV-2026-0205  EUR  2026-12-05    147.94   0
        DELTA-005  INV-2026-0206  EUR  2026-12-05    754.19   0
        DELTA-005  INV-2026-0207  EUR  2026-12-06    754.19   0
        DELTA-006  INV-2026-0208  EUR  2026-12-05   1010.59   0
        NORD-000   INV-2026-0209  EUR  2026-12-05   1600.30   0
        NORD-201   FEE-2026-0001  EUR  2026-12-15     25.00   0
        NORD-201   H-2026-0402    EUR  2026-09-15   1087.30  61
        NORD-201   INV-2026-0216  EUR  2026-12-15   1162.90   0
    """,
}

# Account, currency, not due, 1 to 30, 61 to 90, unapplied, balance; nothing is in another bucket.
AGING = {
    SEPTEMBER: """
        COLL-001   EUR   558.77     0.00     0.00     0.00   558.77
        COLL-002   EUR   481.05     0.00     0.00     0.00   481.05
        COLL-004   EUR   460.28     0.00     0.00     0.00   460.28
        COLL-005   EUR   498.62     0.00     0.00     0.00   498.62
        DELTA-001  EUR  1121.91     0.00     0.00     0.00  1121.91
        DELTA-002  EUR   428.10     0.00     0.00     0.00   428.10
        DELTA-003  EUR  1303.80     0.00     0.00     0.00  1303.80
        DELTA-004  USD   942.59     0.00     0.00     0.00   942.59
        DELTA-005  EUR   732.96     0.00     0.00     0.00   732.96
        DELTA-006  EUR   625.57     0.00     0.00     0.00   625.57
        NORD-000   EUR  1548.79     0.00     0.00     0.00  1548.79
        NORD-201   EUR  1146.00     0.00     0.00     0.00  1146.00
    """,
    OCTOBER: """
        COLL-001   EUR   532.61    15.00     0.00     0.00   547.61
        COLL-002   EUR   472.00     0.00     0.00    -3.36   468.64
        COLL-003   GBP     0.00     0.00     0.00   -75.00   -75.00
        COLL-004   EUR   147.09     0.00     0.00     0.00   147.09
        COLL-005   EUR   494.28     0.00     0.00     0.00   494.28
        COLL-006   EUR   590.34     0.00     0.00     0.00   590.34
        DELTA-002  EUR   451.09     0.00     0.00     0.00   451.09
        DELTA-003  EUR  1279.49  1303.80     0.00     0.00  2583.29
        DELTA-004  EUR   147.94     0.00     0.00     0.00   147.94
        DELTA-004  USD   773.86     0.00     0.00  -160.81   613.05
        DELTA-005  EUR  1508.38     0.00     0.00  -732.96   775.42
        DELTA-006  EUR  1010.59     0.00     0.00     0.00  1010.59
        NORD-000   EUR  1600.30     0.00     0.00   -50.00  1550.30
        NORD-201   EUR  1187.90     0.00  1087.30     0.00  2275.20
    """,
}

UNAPPLIED = {
    SEPTEMBER: """
        PRB20261013002     -          613.06  EUR
    """,
    OCTOBER: """
        GBP-2026-10-27-01  COLL-003    75.00  GBP
        PRB20261019005     NORD-000    50.00  EUR
        PRB20261103002     DELTA-005  732.96  EUR
        PRB20261106003     -          250.00  EUR
        USD-2026-11-12-01  DELTA-004  160.81  USD
    """,
}

# Currency, opening, invoices, fees, credit notes, payments, reversals, adjustments, closing.
LEDGER = {
    SEPTEMBER: """
        EUR  2317.24   8920.01   0.00  14.16  2317.24     0.00   0.00   8905.85
        GBP   540.00      0.00   0.00   0.00   540.00     0.00   0.00      0.00
        USD     0.00    942.59   0.00   0.00     0.00     0.00   0.00    942.59
    """,
    OCTOBER: """
        EUR  8905.85  10617.31  25.00  45.00  9536.16  1087.30  12.51  11041.79
        GBP     0.00    556.20   0.00   0.00   631.20     0.00   0.00    -75.00
        USD   942.59    773.86   0.00   0.00  1103.40     0.00   0.00    613.05
    """,
}

USED = {
    SEPTEMBER: """
        COLL-001   BLOCK-GIB-DAY      60418.791
        COLL-001   SNAPSHOT-GIB-DAY   30322.973
        COLL-001   VCPU-HOUR           2836.34
        COLL-001   WIN-DC-2CORE          10
        COLL-002   EGRESS-GIB           811.529093
        COLL-002   RDS-SAL               75
        COLL-004   CVAD-USER             18
        COLL-004   EGRESS-GIB          2793.333679
        COLL-005   BLOCK-GIB-DAY      94385.11
        COLL-005   EGRESS-GIB          1217.084176
        COLL-005   VCPU-HOUR           4339.94
        DELTA-001  SQL-STD-2CORE          4
        DELTA-001  WIN-DC-2CORE          24
        DELTA-002  RDS-SAL               28
        DELTA-002  WIN-STD-2CORE         40
        DELTA-003  EGRESS-GIB          1417.346188
        DELTA-003  SQL-STD-2CORE          8
        DELTA-003  WIN-DC-2CORE          12
        DELTA-004  BLOCK-GIB-DAY     158775.995
        DELTA-004  EGRESS-GIB          1820.775221
        DELTA-004  VCPU-HOUR           7175.03
        DELTA-005  OFFICE-SAL            20
        DELTA-005  RDS-SAL               55
        DELTA-006  OFFICE-SAL            15
        DELTA-006  WIN-STD-2CORE         64
        NORD-000   OFFICE-SAL            12
        NORD-101   CVAD-USER             35
        NORD-101   WIN-DC-2CORE          16
        NORD-102   BLOCK-GIB-DAY      41546.589
        NORD-102   SUPPORT-DESK           1
        NORD-102   VCPU-HOUR           3231.12
        NORD-201   RDS-SAL              120
        NORD-201   WIN-STD-2CORE         90
    """,
    OCTOBER: """
        COLL-001   BLOCK-GIB-DAY      62230.326
        COLL-001   SNAPSHOT-GIB-DAY   27074.063
        COLL-001   VCPU-HOUR           2886.64
        COLL-001   WIN-DC-2CORE          10
        COLL-002   EGRESS-GIB           876.71198
        COLL-002   RDS-SAL               80
        COLL-003   ADC-VPX                2
        COLL-003   CVAD-USER             22
        COLL-004   EGRESS-GIB          2559.08824
        COLL-005   BLOCK-GIB-DAY      89927.902
        COLL-005   EGRESS-GIB          1162.032538
        COLL-005   VCPU-HOUR           4630.82
        COLL-006   EGRESS-GIB           180.5
        COLL-006   EGRESS-GIB             0
        COLL-006   SUPPORT-SEAT           3
        COLL-006   SUPPORT-SEAT           5
        COLL-006   VCPU-HOUR           6240
        COLL-006   launch-2026-10         0
        DELTA-001  SQL-STD-2CORE          4
        DELTA-001  WIN-DC-2CORE          26
        DELTA-002  RDS-SAL               28
        DELTA-002  WIN-STD-2CORE         40
        DELTA-003  EGRESS-GIB          1449.180432
        DELTA-003  SQL-STD-2CORE          8
        DELTA-003  WIN-DC-2CORE          12
        DELTA-004  BLOCK-GIB-DAY     148249.715
        DELTA-004  EGRESS-GIB          1891.847625
        DELTA-004  VCPU-HOUR           7628.43
        DELTA-005  OFFICE-SAL            20
        DELTA-005  RDS-SAL               58
        DELTA-006  OFFICE-SAL            16
        DELTA-006  WIN-STD-2CORE         64
        NORD-000   OFFICE-SAL            12
        NORD-101   CVAD-USER             35
        NORD-101   WIN-DC-2CORE          18
        NORD-102   BLOCK-GIB-DAY      40421.544
        NORD-102   VCPU-HOUR           3454.37
        NORD-201   RDS-SAL              118
        NORD-201   WIN-STD-2CORE         96
    """,
}

MONTHS = pytest.mark.parametrize("folder", [SEPTEMBER, OCTOBER])


def table(text: str) -> Iterator[tuple[str, ...]]:
    return (tuple("" if cell == "-" else cell for cell in line.split()) for line in text.split("\n") if line.strip())


@MONTHS
def test_discrepancies(example: Path, folder: str) -> None:
    amounts = ("expected_amount", "invoiced_amount", "difference_amount", "currency")
    found = cells(example / folder / "discrepancies.csv", "kind", "account", "sku", "invoice", "payment", *amounts)
    assert sorted(found) == sorted(table(DISCREPANCIES[folder]))


def test_what_was_accepted_or_is_small_alerts_nobody(example: Path) -> None:
    states = cells(example / OCTOBER / "discrepancies.csv", "kind", "account", "state")
    assert [row for row in states if row[2] != "open"] == [
        ("wrong_service_period", "COLL-002", "accepted"),
        ("rounding_difference", "DELTA-003", "within_tolerance"),
    ]
    summary = json.loads((example / OCTOBER / "summary.json").read_bytes())
    assert "wrong_service_period" not in {item["code"] for item in summary["headline"]}


def test_quantities_of_discrepancies(example: Path) -> None:
    columns = ("kind", "expected_quantity", "invoiced_quantity", "line", "program", "period")
    found = cells(example / OCTOBER / "discrepancies.csv", *columns)
    assert sorted(row for row in found if row[1] or row[2]) == sorted(table(QUANTITIES))


def test_currencies_that_differ_are_told_in_words(example: Path) -> None:
    messages = dict(cells(example / OCTOBER / "discrepancies.csv", "kind", "message"))
    assert "160.81 USD" in messages["currency_mismatch"]
    assert "147.94 EUR" in messages["currency_mismatch"]


@MONTHS
def test_open_items(example: Path, folder: str) -> None:
    columns = ("account", "document", "currency", "due_on", "open_amount", "days_overdue")
    assert sorted(cells(example / folder / "open_items.csv", *columns)) == sorted(table(OPEN_ITEMS[folder]))


@MONTHS
def test_aging(example: Path, folder: str) -> None:
    columns = ("account", "currency", "not_due", "1_30", "61_90", "unapplied", "balance")
    assert cells(example / folder / "aging.csv", *columns) == list(table(AGING[folder]))
    assert set(cells(example / folder / "aging.csv", "31_60", "91_120", "over_120")) == {("0.00",) * 3}


@MONTHS
def test_unapplied_money(example: Path, folder: str) -> None:
    found = cells(example / folder / "unapplied.csv", "payment", "account", "amount", "currency")
    assert sorted(found) == sorted(table(UNAPPLIED[folder]))


def test_disputed_amount_and_adjustment(example: Path) -> None:
    disputed = cells(example / OCTOBER / "open_items.csv", "document", "disputed_amount")
    assert [row for row in disputed if row[1] != "0.00"] == [("INV-2026-0103", "26.14")]
    adjusted = cells(example / OCTOBER / "adjustments.csv", "document", "account", "kind", "amount", "on")
    assert adjusted == [("INV-2026-0106", "DELTA-006", "discount", "12.51", "2026-10-20")]
    assert cells(example / SEPTEMBER / "adjustments.csv", "document") == []


@MONTHS
def test_control_totals(example: Path, folder: str) -> None:
    names = "currency opening invoices fees credit_notes payments reversals adjustments closing".split()
    for source, path in (("summary.json", ()), ("manifest.json", ("control_totals",))):
        totals = json.loads((example / folder / source).read_bytes())
        for name in path:
            totals = totals[name]
        found = [tuple(total[name] for name in names) for total in totals["ledger"]]
        assert found == list(table(LEDGER[folder]))


@MONTHS
def test_rated_quantities(example: Path, folder: str) -> None:
    found = cells(example / folder / "rated_usage.csv", "account", "sku", "quantity")
    assert sorted(found) == sorted(table(USED[folder]))
    assert set(cells(example / folder / "rated_usage.csv", "period")) == {(folder.removeprefix("reports/"),)}


def test_usage_report_states(example: Path) -> None:
    states = cells(example / OCTOBER / "usage_reports.csv", "account", "program", "state", "submitted_on")
    assert [row for row in states if row[2] != "submitted"] == [
        ("COLL-004", "citrix-csp", "missing", ""),
        ("NORD-201", "microsoft-spla", "late", "2026-11-12"),
    ]
    states = cells(example / SEPTEMBER / "usage_reports.csv", "account", "program", "state")
    assert [row for row in states if row[2] != "submitted"] == [
        ("COLL-003", "citrix-csp", "zero"),
        ("DELTA-002", "microsoft-spla", "revised"),
    ]


@MONTHS
def test_a_credit_note_stands_beside_the_line_that_it_corrects(example: Path, folder: str) -> None:
    """The months of the program stay open: both runs net the credit of September."""
    columns = ("document", "line", "amount", "corrected_invoice", "corrected_line", "applied_by")
    found = cells(example / folder / "credited_lines.csv", *columns)
    assert found == [("CN-2026-0001", "1", "-11.70", "INV-2026-0102", "2", "line")]


def test_tiers_a_subscription_a_minimum_a_commitment_and_an_incident(example: Path) -> None:
    """COLL-006 in its first month.

    Tiers: 1,000 × 0.04 + 4,000 × 0.036 + 1,240 × 0.032 = 40 + 144 + 39.68 = 223.68. Traffic: 180.5 × 0.085 = 15.3425,
    and 9.66 to the minimum of 25.00. Seats: 3 × 62 × 16 ÷ 31 = 96 and 5 × 62 × 15 ÷ 31 = 150. Committed are 600.00:
    less 223.68 + 25.00 + 246.00 that is 105.32. The incident earns 25 % of the hours, 55.92: less than 20 % of 494.68.
    """
    found = cells(example / OCTOBER / "rated_usage.csv", "account", "sku", "quantity", "amount")
    assert sorted(row[1:] for row in found if row[0] == "COLL-006") == [
        ("EGRESS-GIB", "0", "9.66"),
        ("EGRESS-GIB", "180.5", "15.34"),
        ("SUPPORT-SEAT", "3", "96.00"),
        ("SUPPORT-SEAT", "5", "150.00"),
        ("VCPU-HOUR", "6240", "223.68"),
        ("launch-2026-10", "0", "105.32"),
    ]
    proposed = (example / OCTOBER / "proposals" / "COLL-006").iterdir()
    texts = [path.read_text(encoding="utf-8") for path in sorted(proposed)]
    assert [("credit_note" in text, 'total: "55.92"' in text, 'total: "9.66"' in text) for text in texts] == [
        (True, True, False),
        (False, False, True),
    ]
