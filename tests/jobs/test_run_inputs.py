"""What a run reads: bad input is refused with all its faults at once, good input counts once, and text stays text."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.base.counts import counted
from tests.jobs.recipes import (
    OCTOBER,
    allocation,
    bank_csv,
    cells,
    contents,
    customer,
    edit,
    invoice,
    prisma_batch,
    published,
    rows,
    write,
)

CAMT = "payments/2026-11/eur-account.camt053.xml"
STERLING_ACCOUNT = "NL92PRSM0800100400"
USAGE_HEADER = "account,program,sku,usage_date,quantity,unit\n"
DTD = """<?xml version="1.0"?>
<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>&x;</BkToCstmrStmt></Document>
"""
FINDING = re.compile(r"(\S+?:\d+:\d+): ([a-z-]+): .+")


def findings(workspace: Path, *arguments: str) -> list[tuple[str, str]]:
    """Run a month that must be refused, and return place and code of each finding."""
    before = contents(workspace / "reports")
    result = prisma_batch(workspace, "run", "2026-10", *arguments)
    assert result.exit_code == 1, result.output
    assert contents(workspace / "reports") == before
    lines = result.stdout.splitlines()
    assert all(line.startswith("    ") for line in lines[1::2]), "each finding says what to do"
    assert result.stderr == f"prisma-batch: {counted(len(lines) // 2, 'error')} in the records\n"
    return [matched.groups() for line in lines[::2] if (matched := FINDING.fullmatch(line))]


def summary(workspace: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((workspace / OCTOBER / "summary.json").read_bytes())
    return content


def usage_counts(workspace: Path) -> dict[str, tuple[int, ...]]:
    return {
        file["source"]: tuple(file[name] for name in ("read", "used", "refused", "duplicate"))
        for file in summary(workspace)["usage_files"]
    }


def test_all_faults_of_all_files_at_once(workspace: Path) -> None:
    edit(workspace / "contacts/DELTA-001.yaml", "language: ", "note: jane.secret@polder.example\nlanguage: ")
    edit(workspace / "invoices/COLL-001/INV-2026-0210.yaml", 'total: "532.61"', 'total: "532.60"')
    bad_rows = 'COLL-001,aurora-cloud,VCPU-HOUR,2026-10-01,"17,5",hour\nCOLL-001,aurora-cloud,VCPU-HOUR\n'
    write(workspace, {"usage/2026-10/bad.csv": USAGE_HEADER + bad_rows, "payments/2026-10/evil.xml": DTD})
    assert findings(workspace) == [
        ("contacts/DELTA-001.yaml:5:1", "schema-unknown-key"),
        ("invoices/COLL-001/INV-2026-0210.yaml:46:1", "document-total"),
        ("payments/2026-10/evil.xml:2:1", "xml-dtd"),
        ("usage/2026-10/bad.csv:2:5", "not-a-number"),
        ("usage/2026-10/bad.csv:3:1", "ragged-row"),
    ]


def test_messages_do_not_repeat_what_was_written(workspace: Path) -> None:
    edit(workspace / "contacts/DELTA-001.yaml", "email: ", "email: jane.secret@polder.example, ")
    usage_row = "COLL-001,aurora-cloud,VCPU-HOUR,2026-10-01,hunter2,hour\n"
    bank_row = f"P,S,{STERLING_ACCOUNT},2026-11-01,2026-11-01,NaN,GBP,Jane Secret,GB00SECRET,,,hunter2"
    write(
        workspace, {"usage/2026-10/bad.csv": USAGE_HEADER + usage_row, "payments/2026-10/bad.csv": bank_csv(bank_row)}
    )
    result = prisma_batch(workspace, "run", "2026-10")
    assert result.exit_code == 1
    for secret in ("secret", "hunter2", "SECRET", "polder.example"):
        assert secret not in result.output
    for file in ("contacts/DELTA-001.yaml:", "usage/2026-10/bad.csv:2:", "payments/2026-10/bad.csv:2:"):
        assert file in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("usage/2026-10/a.csv", b"", None),
        ("usage/2026-10/a.csv", b"\xff\xfea\x00", None),
        ("usage/2026-10/a.csv", b"account;program;sku\n", None),
        ("usage/2026-10/a.csv", b"account,program,sku,usage_date,quantity,unit,sku\n", None),
        ("usage/2026-10/a.csv", b"account,program,sku,usage_date,quantity,unit\nA,p,s,2026-10-01,1e309,h\n", None),
        ("usage/2026-10/a.csv", b"account,program,sku,usage_date,quantity,unit\nA,p,s,01.10.2026,1,h\n", None),
        ("usage/2026-10/a.csv", b"account,program,sku,usage_date,quantity,unit\nA,p,s,2026-10-01,0.1234567,h\n", None),
        ("usage/2026-10/a.parquet", b"PAR1 truncated", None),
        ("usage/2026-10/a.csv.gz", b"\x1f\x8b\x08 truncated", None),
        ("payments/2026-10/a.xml", b"<Document", None),
        ("payments/2026-10/a.xml", b"<Document xmlns='urn:other'/>", None),
        ("payments/2026-10/a.txt", b"hello", None),
        ("payments/2026-10/a.csv", b"payment,amount\n", None),
        ("usage/2026-10/a.txt", b"hello", "unexpected-file"),
        ("payments/2026-10/a.yaml", b"id: x\n", "unexpected-file"),
        ("payments/2026-10/.DS_Store", b"\0\0\0\1Bud1", "unexpected-file"),
        ("usage/2026-10/.a.csv", USAGE_HEADER.encode(), "unexpected-file"),
    ],
    ids=str,
)
def test_malformed_file_is_refused(workspace: Path, name: str, content: bytes, code: str | None) -> None:
    (workspace / name).write_bytes(content)
    found = findings(workspace)
    assert {place.partition(":")[0] for place, _ in found} == {name}
    assert code in (None, *dict(found).values())


def test_link_is_refused(workspace: Path) -> None:
    (workspace / "usage/2026-10/link.csv").symlink_to("/etc/hostname")
    assert findings(workspace) == [("usage/2026-10/link.csv:1:1", "symlink")]


@pytest.mark.parametrize(
    ("payment", "document", "amount", "code"),
    [
        ("PRB99", "INV-2026-0210", "1.00", "unknown-payment"),
        ("PRB20261106003", "INV-2026-9999", "1.00", "unknown-document"),
        ("PRB20261106003", "INV-2026-0210", "250.01", "allocation-exceeds-payment"),
        ("PRB20261106003", "H-2026-0388", "250.00", "allocation-exceeds-open"),
        ("PRB20261106003", "INV-2026-0210", "1.001", "amount-precision"),
    ],
)
def test_decision_that_cannot_hold_is_refused(
    workspace: Path, payment: str, document: str, amount: str, code: str
) -> None:
    account = "DELTA-001" if document.startswith("H") else "COLL-001"
    write(workspace, allocation(payment, account, document, amount))
    ((place, found),) = findings(workspace)
    assert found == code
    assert place.startswith("payments/allocations/decision.yaml:6:")


def test_unbalanced_statement_is_held_whole(workspace: Path) -> None:
    edit(workspace / CAMT, '<Amt Ccy="EUR">498.62</Amt>', '<Amt Ccy="EUR">498.63</Amt>')
    told = published(workspace, "run", "2026-10", "--tables-only")
    assert "0 mails planned, 0 skipped" in told  # there is no outbox, so none is counted
    assert summary(workspace)["headline"][0]["code"] == "statement_unbalanced"
    for name in ("payments.csv", "allocations.csv", "unapplied.csv"):
        assert b"PRB202611" not in (workspace / OCTOBER / name).read_bytes()
    (held,) = [row for row in rows(workspace / OCTOBER / "discrepancies.csv") if row["kind"] == "statement_unbalanced"]
    assert (held["payment"], held["expected_amount"], held["difference_amount"]) == ("PRB-2026-11", "29266.10", "0.01")
    assert held["source"].startswith(CAMT)
    still_open = [document for (document,) in cells(workspace / OCTOBER / "open_items.csv", "document")]
    assert {"INV-2026-0112", "INV-2026-0108", "INV-2026-0201"} <= set(still_open)


def test_decision_about_a_held_payment_waits(workspace: Path) -> None:
    edit(workspace / CAMT, '<Amt Ccy="EUR">498.62</Amt>', '<Amt Ccy="EUR">498.63</Amt>')
    write(workspace, allocation("PRB20261106003", "COLL-001", "INV-2026-0210", "250.00"))
    published(workspace, "run", "2026-10", "--tables-only")
    assert "PRB20261106003" not in dict(cells(workspace / OCTOBER / "allocations.csv", "payment", "invoice"))


def test_equal_payments_in_two_statements_both_count(workspace: Path) -> None:
    """One amount twice on a day, in two statements that follow one another: their balances say that both came in."""
    same = f"{STERLING_ACCOUNT},2026-11-12,2026-11-12,10.00,GBP,Quillmere Hosting Ltd,GB78QLMR99000000310030,,,top-up"
    for statement, balances in {"MORNING": "3031.20,3041.20", "EVENING": "3041.20,3051.20"}.items():
        header, entry = bank_csv(f",{statement},{same}").splitlines()
        text = f"{header},opening_balance,closing_balance\n{entry},{balances}\n"
        write(workspace, {f"payments/2026-11/{statement}.csv": text})
    published(workspace, "run", "2026-10", "--tables-only")
    topped_up = [row for row in rows(workspace / OCTOBER / "payments.csv") if row["amount"] == "10.00"]
    assert sorted(row["statement"] for row in topped_up) == ["EVENING", "MORNING"]
    assert len({row["payment"] for row in topped_up}) == 2


def test_file_dropped_twice_counts_once(workspace: Path, example: Path) -> None:
    shutil.copy(workspace / "usage/2026-10/aurora-cloud.parquet", workspace / "usage/2026-09/again.parquet")
    shutil.copy(workspace / CAMT, workspace / "payments/2026-10/again.xml")
    shutil.copy(workspace / "payments/2026-11/gbp-account.csv", workspace / "payments/2026-11/again.csv")
    published(workspace, "run", "2026-10", "--tables-only")
    amounts = ("account", "sku", "quantity", "amount", "currency")
    for name, columns in {"rated_usage.csv": amounts, "payments.csv": ("payment", "amount"), "aging.csv": ()}.items():
        assert cells(workspace / OCTOBER / name, *columns) == cells(example / OCTOBER / name, *columns)
    assert sorted(
        usage_counts(workspace)[name] for name in ("usage/2026-09/again.parquet", "usage/2026-10/aurora-cloud.parquet")
    ) == [(113, 0, 0, 113), (113, 113, 0, 0)]
    assert summary(workspace)["usage"] == {"read": 405, "used": 292, "refused": 0, "duplicate": 113}


def test_same_statement_in_another_file_counts_once(workspace: Path, example: Path) -> None:
    text = (workspace / CAMT).read_text(encoding="utf-8")
    (workspace / "payments/2026-11/again.xml").write_text(text.replace("<Document", "<!-- sent again -->\n<Document"))
    published(workspace, "run", "2026-10", "--tables-only")
    for name in ("aging.csv", "allocations.csv", "unapplied.csv"):
        assert (workspace / OCTOBER / name).read_bytes() == (example / OCTOBER / name).read_bytes()
    assert len(cells(workspace / OCTOBER / "payments.csv", "payment")) == 22
    assert {row["kind"] for row in rows(workspace / OCTOBER / "discrepancies.csv")}.isdisjoint({"statement_unbalanced"})


def test_rows_of_the_other_source_are_refused_and_counted(workspace: Path, example: Path) -> None:
    reported = "COLL-001,microsoft-spla,WIN-DC-2CORE,2026-10-03,5,core-pack\n"
    metered = "COLL-001,aurora-cloud,VCPU-HOUR,2026-10-03,0,hour\n"
    write(workspace, {"usage/2026-10/both.csv": USAGE_HEADER + reported + metered})
    published(workspace, "run", "2026-10", "--tables-only")
    assert usage_counts(workspace)["usage/2026-10/both.csv"] == (2, 1, 1, 0)
    assert summary(workspace)["usage"]["refused"] == 1
    columns = ("account", "sku", "quantity", "amount")
    assert cells(workspace / OCTOBER / "rated_usage.csv", *columns) == cells(
        example / OCTOBER / "rated_usage.csv", *columns
    )


def test_rows_of_the_other_source_are_told_once_as_long_as_nothing_changes(workspace: Path) -> None:
    """Until the file has more of them, or another month, or the settings that judge them change."""

    def told(month: str) -> list[str]:
        published(workspace, "run", month, "--tables-only", "--reopen")
        content = json.loads((workspace / "reports" / month / "summary.json").read_bytes())
        return [item["text"].partition(" of ")[0] for item in content["headline"] if item["code"] == "usage-source"]

    row = "COLL-001,microsoft-spla,WIN-DC-2CORE,2026-{}-03,5,core-pack\n".format
    report = "account: COLL-002\nprogram: aurora-cloud\nperiod: 2026-10\nsubmitted_on: 2026-11-04\n"
    report += "lines:\n  - {sku: VCPU-HOUR, quantity: 12}\n"
    both = "usage/2026-10/both.csv"
    write(workspace, {both: USAGE_HEADER + row(10) + row(12), "usage/2026-10/COLL-002.aurora-cloud.yaml": report})
    first = ["usage/2026-10/COLL-002.aurora-cloud.yaml: 1 row", f"{both}: 1 row"]
    assert sorted(told("2026-10")) == first
    assert sorted(told("2026-10")) == first, "the same run says the same"
    assert told("2026-11") == []
    assert told("2026-12") == [f"{both}: 2 rows"]
    write(workspace, {both: USAGE_HEADER + row(10) + row(10) + row(12)})
    assert told("2027-01") == [f"{both}: 3 rows"]
    edit(workspace / "prisma.yaml", "Microsoft SPLA", "Microsoft licences")
    assert len(told("2027-02")) == 2


def test_report_of_a_metered_program_is_refused_and_counted(workspace: Path, example: Path) -> None:
    report = "account: COLL-001\nprogram: aurora-cloud\nperiod: 2026-10\nsubmitted_on: 2026-11-04\n"
    lines = "lines:\n  - {sku: VCPU-HOUR, quantity: 12}\n  - {sku: BLOCK-GIB-DAY, quantity: 3}\n"
    name = "usage/2026-10/COLL-001.aurora-cloud.yaml"
    write(workspace, {name: report + lines})
    result = prisma_batch(workspace, "run", "2026-10")
    if result.exit_code == 0:
        assert summary(workspace)["usage"]["refused"] == 2
        rated = (workspace / OCTOBER / "rated_usage.csv").read_bytes()
        assert rated == (example / OCTOBER / "rated_usage.csv").read_bytes()
    else:
        assert name in result.stdout


def test_correction_and_unknown_rows_stay_on_record(workspace: Path) -> None:
    write(
        workspace,
        {
            "usage/2026-10/more.csv": f"{USAGE_HEADER}COLL-001,aurora-cloud,NO-SUCH-SKU,2026-10-03,5,hour\n"
            "NOBODY-1,aurora-cloud,VCPU-HOUR,2026-10-03,7,hour\nCOLL-001,aurora-cloud,VCPU-HOUR,2026-10-03,-2.5,hour\n"
        },
    )
    published(workspace, "run", "2026-10", "--tables-only")
    found = [row for row in rows(workspace / OCTOBER / "discrepancies.csv") if "more.csv" in row["source"]]
    assert sorted((row["kind"], row["sku"], row["expected_quantity"]) for row in found) == [
        ("no_agreed_rate", "NO-SUCH-SKU", "5"),
        ("unknown_account", "VCPU-HOUR", "7"),
    ]
    rated = {(row["account"], row["sku"]): row["quantity"] for row in rows(workspace / OCTOBER / "rated_usage.csv")}
    assert rated["COLL-001", "VCPU-HOUR"] == "2884.14"
    assert usage_counts(workspace)["usage/2026-10/more.csv"] == (3, 3, 0, 0)


def test_costs_of_an_invoice_are_compared_with_it(workspace: Path) -> None:
    """INV-2026-0210 is 532.61 net: the export has one too much of it. It tells of costs alone, and knows no usage."""
    head = "BilledCost,BillingAccountId,BillingCurrency,ChargePeriodStart,InvoiceId,PricingQuantity,ProviderName\n"
    row = "{},B-1,EUR,2026-10-01T00:00:00Z,{},0,Aurora Cloud\n"
    numbers = [("500", "INV-2026-0210"), ("33.61", "INV-2026-0210"), ("7", "PROVIDER-1"), ("9", "NULL")]
    write(workspace, {"usage/2026-10/costs.csv": head + "".join(row.format(*number) for number in numbers)})
    published(workspace, "run", "2026-10", "--tables-only")
    told = [item["text"] for item in summary(workspace)["headline"] if item["code"] == "source-cost-differs"]
    assert [text.partition(" according")[0] for text in told] == [
        "usage/2026-10/costs.csv: 533.61 EUR were billed on INV-2026-0210"
    ]
    costs = [cost for cost in summary(workspace)["source_costs"] if cost["source"] == "usage/2026-10/costs.csv"]
    assert [(cost["invoice"], cost["cost"]) for cost in costs] == [
        ("", "9"),
        ("INV-2026-0210", "533.61"),
        ("PROVIDER-1", "7"),
    ]


@pytest.mark.parametrize("how", ["relative", "absolute", "folder", "elsewhere"])
def test_named_usage_replaces_the_folder(workspace: Path, how: str) -> None:
    usage = workspace / "usage/2026-10"
    outside = shutil.copytree(usage, workspace.parent / "exports", ignore=shutil.ignore_patterns("*.yaml"))
    paths = {
        "relative": [f"usage/2026-10/{name}" for name in ("aurora-cloud.parquet", "aurora-cloud-focus.csv")],
        "absolute": [str(usage / "aurora-cloud.parquet"), str(usage / "aurora-cloud-focus.csv")],
        "folder": ["usage/2026-10"],
        "elsewhere": [str(outside)],
    }[how]
    published(workspace, "run", "2026-10", "--tables-only", *(word for path in paths for word in ("--usage", path)))
    read = {Path(source).name for source in usage_counts(workspace)}
    named = {"aurora-cloud.parquet", "aurora-cloud-focus.csv"}
    everything = named | {"aurora-cloud-corrections.csv", "aurora-cloud-launch.csv"}
    assert read == (everything if how in ("folder", "elsewhere") else named)
    assert ("COLL-001", "WIN-DC-2CORE") in cells(workspace / OCTOBER / "rated_usage.csv", "account", "sku")
    manifest = json.loads((workspace / OCTOBER / "manifest.json").read_bytes())
    assert not [item for item in manifest["inputs"] if item["path"].startswith("/") or ".." in item["path"]]


@pytest.mark.parametrize("option", ["--usage", "--payments"])
def test_named_path_that_is_not_there(workspace: Path, example: Path, option: str) -> None:
    result = prisma_batch(workspace, "run", "2026-10", option, "absent/file.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "absent/file.csv" in result.stderr
    assert contents(workspace / "reports") == contents(example / "reports")


def test_account_ids_are_text(records: Path) -> None:
    accounts = ["007", "1E5", "NA", "NULL", "TRUE"]
    prefixes = ", ".join(f'"{account}"' for account in accounts)
    edit(records / "prisma.yaml", "account_prefixes: [NORD-]", f"account_prefixes: [NORD-, {prefixes}]")
    for account in accounts:
        document = invoice(f'"{account}"', f"INV-{account}", "2026-10-10", "77.00")
        write(records, {**customer(account), f"invoices/{account}/INV-{account}.yaml": document})
    for period in ("2026-09", "2026-10"):
        published(records, "run", period)
        balances = cells(records / f"reports/{period}/aging.csv", "account", "currency", "balance")
        assert [row for row in balances if row[0] in accounts] == [(account, "EUR", "77.00") for account in accounts]
    for account in accounts:
        (opening, *_) = rows(records / OCTOBER / f"statements/{account}.csv")
        assert (opening["account"], opening["balance"]) == (account, "77.00")


def test_names_are_printed_and_nothing_else(records: Path) -> None:
    names = ['=HYPERLINK("x")', "+1+1", "@SUM(A1)", "<script>alert(1)</script>", "{{ 7*7 }}"]
    for number, name in enumerate(names):
        account, quoted = f"NORD-90{number}", f"'{name}'"
        added = {path: text.replace("New Customer Ltd", quoted) for path, text in customer(account).items()}
        document = invoice(account, f"NEW-{number}", "2026-10-10", "77.00", description=quoted)
        write(records, {**added, f"invoices/{account}/NEW-{number}.yaml": document})
    published(records, "run", "2026-09")
    for number, name in enumerate(names):
        for page in (f"statements/NORD-90{number}.html", f"invoices/NEW-{number}.html"):
            text = (records / "reports/2026-09" / page).read_text(encoding="utf-8")
            assert "<script" not in text
            assert name.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") in text
    for file in (records / "reports/2026-09").rglob("*.csv"):
        assert not [cell for row in rows(file) for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_line_breaks_in_names_are_refused(workspace: Path) -> None:
    edit(workspace / "contacts/NORD-201.yaml", "last_name: ", 'last_name: "X\\r\\nBcc: thief@evil.example" #')
    (place, _), *_ = findings(workspace)
    assert place.startswith("contacts/NORD-201.yaml:")


def test_text_of_usage_and_bank_files_is_harmless(workspace: Path) -> None:
    usage = '@A,aurora-cloud,X,2026-10-03,5,h\nCOLL-001,aurora-cloud,=2+2,2026-10-03,5,"<b>"\n'
    payer = "Quillmere Hosting Ltd,GB78QLMR99000000310030"
    entries = [
        f"=1+1,=2+2,{STERLING_ACCOUNT},2026-11-14,2026-11-14,10.00,GBP,=cmd|' /C calc'!A0,GB1,,,<img src=x onerror=a>",
        f'PAY-2,@x,{STERLING_ACCOUNT},2026-11-14,2026-11-14,11.00,GBP,{payer},,,"=a\r\n::error::b"',
    ]
    write(workspace, {"usage/2026-10/x.csv": USAGE_HEADER + usage, "payments/2026-11/x.csv": bank_csv(*entries)})
    said = published(workspace, "run", "2026-10")
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]
    for file in (workspace / OCTOBER).rglob("*.csv"):
        texts = [cell for row in rows(file) for cell in row.values()]
        assert not [cell for cell in texts if cell.startswith(("=", "+", "@", "\t", "\r"))], file.name
    for page in [*(workspace / OCTOBER).rglob("*.html"), workspace / OCTOBER / "summary.md"]:
        text = page.read_text(encoding="utf-8")
        assert "<img" not in text
        assert "<b>" not in text
    payments = [payment for (payment,) in cells(workspace / OCTOBER / "payments.csv", "payment")]
    assert "'=1+1" in payments
    published(workspace, "run", "2026-11")  # what was guarded is read back as it was
    assert payments == [payment for (payment,) in cells(workspace / "reports/2026-11/payments.csv", "payment")]


def test_customer_without_contacts_is_no_obstacle(workspace: Path) -> None:
    """A contact that lapses is refused by the checks, so the run never has to guess a recipient."""
    edit(workspace / "contacts/NORD-201.yaml", "      email: ", "      valid_to: 2026-11-30\n      email: ")
    assert {code for _, code in findings(workspace)} == {"contact-gap"}
