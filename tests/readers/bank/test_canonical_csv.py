"""Canonical bank CSV: what is read, what is refused and where; unknown files."""

import pytest

from prisma_batch.readers.bank.registry import read_bank

NAMES = (
    "payment statement account_iban booking_date value_date amount currency counterparty_name counterparty_iban "
    "end_to_end_id structured_reference text"
).split()
ROW = {
    "payment": "NTRY-77",
    "statement": "S-1",
    "account_iban": "NL02ABNA0123456789",
    "booking_date": "2026-10-05",
    "value_date": "2026-10-06",
    "amount": "340.49",
    "currency": "EUR",
    "counterparty_name": "Acme Hosting B.V.",
    "counterparty_iban": "NL91ABNA0417164300",
    "end_to_end_id": "E2E",
    "structured_reference": "RF18",
    "text": "INV-2026-00123",
}
BALANCES = ["opening_balance", "closing_balance"]


def _csv(*changes: dict[str, str], names: list[str] = NAMES) -> bytes:
    rows = [",".join((ROW | change).get(name, "") for name in names) for change in changes]
    return "\n".join((",".join(names), *rows, "")).encode()


def _places(content: bytes) -> list[tuple[str, int | None, int | None]]:
    read = read_bank("payments/x.csv", content)
    assert read.entries.empty
    assert read.statements.empty
    return [(found.code, found.line, found.column) for found in read.findings]


def test_a_row() -> None:
    read = read_bank("payments/x.csv", _csv({}))
    assert read.findings == []
    entry = read.entries.to_dict("records")[0]
    assert [str(entry.pop(name).date()) for name in ("booking_date", "value_date")] == ["2026-10-05", "2026-10-06"]
    assert entry == {
        name: value for name, value in ROW.items() if name not in ("payment", "amount", "booking_date", "value_date")
    } | {
        "bank_reference": "NTRY-77",
        "detail": 0,
        "amount_minor": 34049,
        "bank_code": "",
        "reversal": False,
        "source": "payments/x.csv",
        "pointer": "2",
    }


def test_statements_with_balances() -> None:
    balances = {"opening_balance": "-10.00", "closing_balance": "90.00"}
    content = _csv(
        balances | {"amount": "150"},
        balances | {"amount": "-50.00", "booking_date": "2026-10-03", "value_date": "", "payment": ""},
        {"statement": "S-2", "amount": "1.00"},
        {"currency": "JPY", "amount": "7"},
        names=NAMES + BALANCES,
    )
    read = read_bank("x", content)
    assert read.findings == []
    assert str(read.entries["value_date"].iloc[1].date()) == "2026-10-03"
    assert read.entries["pointer"].tolist() == ["2", "3", "4", "5"]
    rows = read.statements[["statement", "currency", "opening_minor", "closing_minor", "entries_minor", "pointer"]]
    assert rows.astype(object).where(rows.notna(), None).to_numpy().tolist() == [
        ["S-1", "EUR", -1000, 9000, 10000, "2"],
        ["S-2", "EUR", None, None, 100, "4"],
        ["S-1", "JPY", None, None, 7, "5"],
    ]
    assert [str(day.date()) for day in read.statements["opened_on"][:1]] == ["2026-10-03"]
    assert [str(day.date()) for day in read.statements["closed_on"][:1]] == ["2026-10-05"]


@pytest.mark.parametrize("text", ["007", "NA", "NULL", "1E5", '"a, b"', '"two\nlines"', '"say ""x"""'])
def test_text_stays_text(text: str) -> None:
    read = read_bank("x", _csv({"text": text, "payment": text}, {}))
    assert read.entries["text"].iloc[0] == read.entries["bank_reference"].iloc[0]
    assert read.entries["text"].iloc[0] in text.replace('""', '"')
    assert read.entries["pointer"].tolist() == ["2", "3"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"amount": "NaN"}, ("not-a-number", 3, 6)),
        ({"amount": '"1,50"'}, ("not-a-number", 3, 6)),
        ({"amount": '"1,000.00"'}, ("not-a-number", 3, 6)),
        ({"amount": "1e309"}, ("not-a-number", 3, 6)),
        ({"amount": ""}, ("not-a-number", 3, 6)),
        ({"amount": "1.005"}, ("amount-precision", 3, 6)),
        ({"amount": "1.000"}, ("amount-precision", 3, 6)),
        ({"amount": "1.5", "currency": "JPY"}, ("amount-precision", 3, 6)),
        ({"amount": "1" + "0" * 18}, ("number-too-large", 3, 6)),
        ({"amount": "1" + "0" * 14, "currency": "CLF"}, ("number-too-large", 3, 6)),
        ({"currency": "eur"}, ("not-a-currency", 3, 7)),
        ({"currency": "XYZ"}, ("not-a-currency", 3, 7)),
        ({"currency": ""}, ("not-a-currency", 3, 7)),
        ({"booking_date": "2026-02-30"}, ("not-a-date", 3, 4)),
        ({"booking_date": "05.10.2026"}, ("not-a-date", 3, 4)),
        ({"value_date": "20261006"}, ("not-a-date", 3, 5)),
        ({"account_iban": ""}, ("empty-cell", 3, 3)),
        ({"text": "a,b"}, ("ragged-row", 3, None)),
        ({"text": '"a"b'}, ("broken-quotes", 3, None)),
        ({"text": '"never ends'}, ("broken-quotes", 3, None)),
    ],
)
def test_cells_that_are_refused(change: dict[str, str], place: tuple[str, int, int | None]) -> None:
    assert _places(_csv({}, change)) == [place]


def test_every_bad_cell_is_named() -> None:
    content = _csv({"amount": "x", "booking_date": "y"}, {}, {"currency": "?"})
    assert _places(content) == [("not-a-date", 2, 4), ("not-a-number", 2, 6), ("not-a-currency", 4, 7)]


@pytest.mark.parametrize("second", ["2.00", ""])
def test_balances_of_a_statement_agree(second: str) -> None:
    content = _csv({"opening_balance": "1.00"}, {"opening_balance": second}, names=NAMES + BALANCES)
    assert _places(content) == [("balance-disagrees", 3, 13)]


def test_a_balance_that_is_no_number_is_named_once_a_row() -> None:
    assert _places(_csv({"closing_balance": "x"}, names=NAMES + BALANCES)) == [("not-a-number", 2, 14)]


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (b"", [("empty-file", None, None)]),
        (_csv({}, names=NAMES[:-1]), [("missing-column", 1, None)]),
        (_csv({}, names=[*NAMES, "colour"]), [("unknown-column", 1, 13)]),
        (_csv({}, names=[*NAMES, "text"]), [("duplicate-column", 1, 13)]),
        (_csv({}).replace(b",", b";"), [("wrong-delimiter", 1, None)]),
        (b"\xef\xbb\xbf" + _csv({}), [("encoding", 1, 1)]),
        (_csv({}).decode().encode("utf-16"), [("encoding", None, None)]),
        (_csv({}).replace(b"Acme", b"\xff"), [("encoding", 2, None)]),
        (_csv({}, {})[:-40], [("ragged-row", 3, None)]),
        (b"hello\n", [("unknown-format", None, None)]),
        (b"a,b,c\n", [("unknown-format", None, None)]),
    ],
)
def test_files_that_are_refused(content: bytes, places: list[tuple[str, int | None, int | None]]) -> None:
    assert _places(content) == places


def test_a_header_alone_is_no_entries() -> None:
    read = read_bank("x", _csv())
    assert (read.findings, len(read.entries), len(read.statements)) == ([], 0, 0)


def test_findings_never_show_values() -> None:
    private = "NL91ABNA0417164300"
    for content in (
        _csv({"amount": private, "booking_date": private}),
        f"{private},amount\n".encode(),
        private.encode(),
    ):
        findings = read_bank("x", content).findings
        assert findings
        assert not any(private in found.message + found.remedy for found in findings)
