"""Canonical usage in CSV: what is read, and what each bad file is refused for."""

import gzip

import pytest

from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageNames

HEADER = "account,program,sku,usage_date,quantity,unit"
ROW = "ACME-001,azure,VM-1,2026-10-01,1.5,hour"


def _csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def _places(content: bytes) -> list[tuple[str, int | None, int | None]]:
    read = read_usage("usage/x.csv", content, UsageNames())
    assert read.rows.empty, "a refused file gives no rows"
    return [(found.code, found.line, found.column) for found in read.findings]


def test_rows_are_read_exactly() -> None:
    read = read_usage("usage/x.csv", _csv(ROW, "007,NA,1E5,2026-10-02,-0.000001,"), UsageNames())
    assert read.findings == []
    assert read.rows_read == 2
    assert read.costs.empty
    row, correction = read.rows.to_dict("records")
    assert (row["account"], row["program"], row["sku"], row["unit"]) == ("ACME-001", "azure", "VM-1", "hour")
    assert (row["quantity_scaled"], row["quantity_scale"], row["source"], row["row"]) == (1500000, 6, "usage/x.csv", 2)
    assert str(row["usage_date"].date()) == "2026-10-01"
    assert (correction["account"], correction["program"], correction["sku"]) == ("007", "NA", "1E5")
    assert (correction["quantity_scaled"], correction["row"]) == (-1, 3)


@pytest.mark.parametrize(
    "text", ["NA", "NULL", "null", "1E5", "007", "nan", "-", "1,5", 'say "x"', "two\nlines", "Ünï"]
)
def test_ids_stay_text(text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    read = read_usage("x", _csv(f"{quoted},azure,VM,2026-10-01,1,hour", ROW), UsageNames())
    assert read.rows["account"].tolist() == [text, "ACME-001"]
    assert read.rows["row"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("quantity", "scaled"),
    [
        ("0", 0),
        ("-0", 0),
        ("00012", 12_000_000),
        ("0.123456", 123456),
        ("1.5000000000000000000000000000000000000000000000", 1_500_000),
        ("9223372036854.775807", 2**63 - 1),
        ("-9223372036854.775807", -(2**63) + 1),
        ("0.1", 100_000),
    ],
)
def test_quantities_are_exact(quantity: str, scaled: int) -> None:
    read = read_usage("x", _csv(f"A,p,s,2026-10-01,{quantity},u"), UsageNames())
    assert read.rows["quantity_scaled"].tolist() == [scaled]


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ('"1,5"', "not-a-number"),
        ('"1,000.00"', "not-a-number"),
        ("1 000", "not-a-number"),
        ("NaN", "not-a-number"),
        ("inf", "not-a-number"),
        ("1e309", "not-a-number"),
        ("1E5", "not-a-number"),
        ("+1", "not-a-number"),
        (" 1", "not-a-number"),
        (".5", "not-a-number"),
        ("1.", "not-a-number"),
        ("0x10", "not-a-number"),
        ("١", "not-a-number"),
        ('"1\n"', "not-a-number"),
        ("", "empty-cell"),
        ("0.0000001", "quantity-too-fine"),
        ("0.0000000000000001", "quantity-too-fine"),
        ("9223372036854.775808", "number-too-large"),
        ("-9223372036854.775808", "number-too-large"),
        ("1" + "0" * 30, "number-too-large"),
    ],
)
def test_quantities_that_are_refused(quantity: str, code: str) -> None:
    assert _places(_csv(ROW, f"A,p,s,2026-10-01,{quantity},u")) == [(code, 3, 5)]


@pytest.mark.parametrize(
    "day", ["2026-02-30", "01.10.2026", "10/01/2026", "2026-10-1", "20261001", "2026-W40-1", "", "0000-01-01"]
)
def test_days_are_iso(day: str) -> None:
    assert _places(_csv(f"A,p,s,{day},1,u")) == [("not-a-date", 2, 4)]


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (b"", [("empty-file", None, None)]),
        (b" \n", [("empty-file", None, None)]),
        (_csv("A,p,s,2026-10-01,1"), [("ragged-row", 2, None)]),
        (_csv(ROW, "A,p,s,2026-10-01,1,u,"), [("ragged-row", 3, None)]),
        (_csv(ROW)[:-30], [("ragged-row", 2, None)]),
        (_csv("A,p,s,2026-10-01,1,u", 'A,p,s,2026-10-01,1,"hou'), [("broken-quotes", 3, None)]),
        (_csv("A,p,s,2026-10-01,1,u", 'A,p,s,2026-10-01,1,"hou', ROW), [("broken-quotes", 3, None)]),
        (_csv(ROW, 'A,"p"x,s,2026-10-01,1,u', ROW), [("broken-quotes", 3, None)]),
        (_csv('"A",p,s,2026-10-01,1,u', 'A,p,s,2026-10-01,1,ho"u', ROW), [("broken-quotes", 3, None)]),
        (_csv(ROW, 'A,"p"x,s,2026-10-01,1,u')[:-1], [("broken-quotes", 3, None)]),
        (_csv('"A\nB",p,s,2026-10-01,1,u', '"A,p,s,2026-10-01,1,u', ROW), [("broken-quotes", 3, None)]),
        (_csv("A" * (34 * 1024**2) + ",p,s,2026-10-01,1,u"), [("damaged-csv", 1, None)]),
        (_csv(",p,s,2026-10-01,1,u"), [("empty-cell", 2, 1)]),
        (_csv(header=HEADER.replace("unit", "sku")), [("duplicate-column", 1, 6), ("missing-column", 1, None)]),
        (_csv(header=HEADER + ",colour"), [("unknown-column", 1, 7)]),
        (_csv(header=HEADER + ","), [("unknown-column", 1, 7)]),
        (_csv(header="account,program,sku,usage_date,unit"), [("missing-column", 1, None)]),
        (_csv(ROW, header=HEADER).replace(b",", b";"), [("wrong-delimiter", 1, None)]),
        (_csv(ROW).replace(b",", b"\t"), [("wrong-delimiter", 1, None)]),
        (b"\xef\xbb\xbf" + _csv(ROW), [("encoding", 1, 1)]),
        (_csv(ROW).decode().encode("utf-16"), [("encoding", None, None)]),
        (_csv(ROW).replace(b"azure", b"az\0re"), [("encoding", None, None)]),
        (_csv(ROW).replace(b"azure", b"az\xffre"), [("encoding", 2, None)]),
        (b"a,b,c\n1,2,3\n", [("unknown-format", None, None)]),
        (b"%PDF-1.7\n", [("unknown-format", None, None)]),
    ],
)
def test_files_that_are_refused(content: bytes, places: list[tuple[str, int | None, int | None]]) -> None:
    assert _places(content) == places


GOOD = _csv(ROW, ROW)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD.rstrip(b"\n"), id="no-final-newline"),
        pytest.param(GOOD.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(GOOD + b"\n\n", id="blank-lines-at-the-end"),
        pytest.param(gzip.compress(GOOD), id="gzip"),
        pytest.param(gzip.compress(GOOD[:20]) + gzip.compress(GOOD[20:]), id="gzip-of-two-members"),
        pytest.param(GOOD.replace(b"hour", b"hour,vm7").replace(b"unit", b"unit,resource"), id="resource"),
    ],
)
def test_harmless_differences(content: bytes) -> None:
    read = read_usage("x", content, UsageNames())
    assert (read.findings, read.rows_read) == ([], 2)
    assert read.rows["quantity_scaled"].tolist() == [1500000, 1500000]


def test_a_header_alone_is_no_rows() -> None:
    for content in (_csv(), HEADER.encode()):
        read = read_usage("x", content, UsageNames())
        assert (read.findings, read.rows_read, len(read.rows)) == ([], 0, 0)


def test_rows_after_a_ragged_one_keep_their_number() -> None:
    assert _places(_csv(ROW, "A,p", ROW, "A,p,s,2026-10-01,x,u")) == [("ragged-row", 3, None), ("not-a-number", 5, 5)]


def test_rows_are_counted_across_blocks() -> None:
    rows = [ROW] * 600_000
    rows[500_000] = "A,p"
    rows[550_000] = "A,p,s,2026-10-01,x,u"
    assert _places(_csv(*rows)) == [("ragged-row", 500_002, None), ("not-a-number", 550_002, 5)]


def test_every_bad_row_is_named_up_to_a_hundred() -> None:
    places = _places(_csv(*["A,p,s,2026-10-01,x,u"] * 150, *["A,p,s,bad,1,u"] * 120))
    assert len(places) == 101
    assert places[:2] == [("not-a-number", 2, 5), ("not-a-number", 3, 5)]
    assert places[-1] == ("more-findings", None, None)
    last = read_usage("x", _csv(*["A,p,s,2026-10-01,x,u"] * 150, *["A,p,s,bad,1,u"] * 120), UsageNames()).findings[-1]
    assert last.message.startswith("170 ")


def test_findings_never_show_values() -> None:
    address = "jane.doe@acme.example"
    for content in (
        _csv(f"A,p,s,{address},{address},u"),
        f"{address},program,sku,unit\n".encode(),
        f"{address}\n".encode(),
    ):
        findings = read_usage("x", content, UsageNames()).findings
        assert findings
        assert not any(address in found.message + found.remedy for found in findings)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(b"0" * 100_000_000, mtime=0), "gzip-bomb"),
        (gzip.compress(_csv(ROW), mtime=0)[:-9], "damaged-gzip"),
        (gzip.compress(_csv(ROW), mtime=0) + b"more", "damaged-gzip"),
        (b"\x1f\x8b" + b"x" * 40, "damaged-gzip"),
        (gzip.compress(gzip.compress(_csv(ROW), mtime=0), mtime=0), "encoding"),
    ],
)
def test_gzip_that_is_refused(content: bytes, code: str) -> None:
    assert [place[0] for place in _places(content)] == [code]
