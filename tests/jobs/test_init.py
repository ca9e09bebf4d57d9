"""New workspaces: empty, a copy of the example, drafted from an export; whole or not at all."""

import csv
import gzip
import io
import tomllib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.base.periods import Period
from prisma_batch.jobs.focus_draft import own_ids
from prisma_batch.jobs.init import COMMITTED_REPORTS, start_demo, start_empty
from prisma_batch.jobs.init_from_focus import start_from_focus, usage_name
from prisma_batch.jobs.run import RunOptions, run
from prisma_batch.jobs.validate import validate
from prisma_batch.readers.places import RECORD_FOLDERS
from prisma_batch.readers.schemas import schema_findings
from prisma_batch.readers.strict_yaml import Document, parse
from prisma_batch.readers.workspace import load
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.writers.new_folder import new_folder

EMAIL = "billing@acme.example"
TABLES = RunOptions(tables_only=True)
CHARGE = {
    "BilledCost": "6",
    "BillingAccountId": "B-1",
    "BillingCurrency": "USD",
    "ChargePeriodStart": "2024-09-03 10:00:00",
    "PricingQuantity": "3",
    "ProviderName": "Aurora Cloud",
    "PricingUnit": "GB",
    "SkuId": "SKU-1",
    "SkuPriceId": "NULL",
    "SubAccountId": "sub-1",
    "SubAccountName": "Acme Hosting",
    "ChargeCategory": "Usage",
    "ChargeDescription": "Storage",
    "ContractedUnitPrice": "2",
}


def export_text(*charges: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(CHARGE), lineterminator="\n")
    writer.writeheader()
    writer.writerows(CHARGE | charge for charge in charges)
    return text.getvalue()


def drafted(tmp_path: Path, *charges: dict[str, str]) -> Path:
    """A workspace drafted from charges that differ from CHARGE in what is given; it has no findings."""
    file = tmp_path / "export.csv"
    file.write_text(export_text(*charges), encoding="utf-8")
    start_from_focus(tmp_path / "ws", file, EMAIL)
    assert validate(tmp_path / "ws", (), date(2024, 12, 31)).findings == ()
    return tmp_path / "ws"


def snapshot(workspace: Path) -> Snapshot:
    return load(workspace).snapshot()


def discrepancies(workspace: Path, period: str) -> list[str]:
    run(workspace, Period.parse(period), TABLES, lambda _: None)
    with (workspace / "reports" / period / "discrepancies.csv").open(encoding="utf-8", newline="") as file:
        return [f"{row['kind']} {row['account']} {row['sku']}" for row in csv.DictReader(file)]


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_empty_workspace_has_its_folders_and_settings(tmp_path: Path) -> None:
    start_empty(tmp_path / "ws", Period(2026, 11))
    files = files_below(tmp_path / "ws")
    assert {f"{folder}/.gitkeep" for folder in (*RECORD_FOLDERS, "reports")} <= files
    assert {"README.md", ".gitignore", ".gitattributes", "schemas/contacts.schema.json"} <= files
    parsed = parse((tmp_path / "ws" / "prisma.yaml").read_bytes(), "prisma.yaml")
    assert isinstance(parsed, Document)
    assert schema_findings("prisma", parsed.value, "prisma.yaml") == []
    assert parsed.value["first_period"] == "2026-11"
    with pytest.raises(UsageProblem, match="no records to check"):
        validate(tmp_path / "ws", (), date(2026, 11, 30))


def test_first_customer_of_an_empty_workspace_is_valid(tmp_path: Path) -> None:
    start_empty(tmp_path / "empty", Period(2024, 9))
    workspace = drafted(tmp_path, {})
    settings = (tmp_path / "empty" / "prisma.yaml").read_text(encoding="utf-8")
    for commented in ("programs:", "partners:"):
        settings = settings.replace(f"{commented} {{}}\n", "")
    settings = settings.replace("# programs", "programs").replace("# partners", "partners").replace("\n#   ", "\n  ")
    settings = settings.replace("my-cloud:", "aurora-cloud:").replace("northwind:", "direct:")
    (workspace / "prisma.yaml").write_text(settings, encoding="utf-8")
    assert validate(workspace, (), date(2024, 12, 31)).findings == ()


def test_git_ignores_what_the_repository_ignores(repository: Path, tmp_path: Path) -> None:
    start_empty(tmp_path / "ws", Period(2026, 11))
    ignored = {line for line in (tmp_path / "ws" / ".gitignore").read_text().splitlines() if line[0] == "/"}
    assert len(ignored) == 8
    assert ignored <= set((repository / ".gitignore").read_text().splitlines())
    assert (tmp_path / "ws" / ".gitattributes").read_bytes() == (repository / ".gitattributes").read_bytes()


def test_demo_runs_at_once(tmp_path: Path) -> None:
    start_demo(tmp_path / "demo")
    findings = validate(tmp_path / "demo", (), date(2026, 11, 15)).findings
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert "missing_usage_report COLL-004 " in discrepancies(tmp_path / "demo", "2026-10")


def test_demo_has_the_example_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    start_demo(tmp_path / "demo")
    files = files_below(tmp_path / "demo")
    top = {name for name in files if "/" not in name}
    assert top == {".gitattributes", ".gitignore", "README.md", "prisma.yaml"}
    assert {name.split("/")[0] for name in files - top} == {*RECORD_FOLDERS, "reports", "schemas", "templates"}
    assert {name for name in files if name.startswith("reports/")} == {
        f"reports/2026-09/{name}" for name in COMMITTED_REPORTS
    }
    for name in files - {"README.md", ".gitignore"}:
        assert (tmp_path / "demo" / name).read_bytes() == (repository / name).read_bytes(), name


def test_modelines_of_the_demo_lead_to_its_schemas(tmp_path: Path) -> None:
    start_demo(tmp_path / "demo")
    for file in (tmp_path / "demo").rglob("*.yaml"):
        first_line = file.read_text(encoding="utf-8").partition("\n")[0]
        modeline = first_line.removeprefix("# yaml-language-server: $schema=")
        assert (file.parent / modeline).is_file(), file


def test_wheel_carries_the_reports_of_the_demo(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {name for name in carried if name.startswith("reports/")} == {
        f"reports/2026-09/{name}" for name in COMMITTED_REPORTS
    }


@pytest.mark.parametrize("target", ["taken", "file", "link"])
def test_target_that_is_taken_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    before = files_below(tmp_path)
    with pytest.raises(UsageProblem, match="is not an empty folder"):
        start_demo(tmp_path / target)
    assert files_below(tmp_path) == before


def test_target_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageProblem, match="cannot be written"):
        start_demo(tmp_path / "file" / "demo")


def test_empty_folder_is_filled_in_place(tmp_path: Path) -> None:
    target = tmp_path / "ws"
    target.mkdir()
    inode = target.stat().st_ino
    start_empty(target, Period(2026, 11))
    assert (target / "prisma.yaml").is_file()
    assert target.stat().st_ino == inode
    assert [path.name for path in target.iterdir() if path.name.startswith(".init-")] == []


def test_folders_above_are_made(tmp_path: Path) -> None:
    start_empty(tmp_path / "a" / "b" / "ws", Period(2026, 11))
    assert (tmp_path / "a" / "b" / "ws" / "prisma.yaml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("target", ["new", "a/b/new", "empty"])
def test_failure_leaves_nothing(tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()

    def fill() -> None:
        with new_folder(tmp_path / target) as folder:
            (folder / "half.yaml").write_text("half")
            raise RecordsNotRight([])

    with pytest.raises(RecordsNotRight):
        fill()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["empty"]


def test_draft_has_a_record_of_each_kind(tmp_path: Path) -> None:
    records = snapshot(drafted(tmp_path, {}, {"SkuId": "SKU-2", "ContractedUnitPrice": "NULL", "BilledCost": "1.005"}))
    (customer,), (agreement,), (invoice,) = records.customers.values(), records.agreements.values(), records.documents
    assert (customer.account, customer.name, customer.partner) == ("SUB-1", "Acme Hosting", "direct")
    assert {contact.email for contacts in customer.contacts.values() for contact in contacts} == {EMAIL}
    assert agreement.external_ids == {"focus": ("sub-1",)}
    assert [(rate.pricing.model, str(rate.pricing.price), rate.unit, rate.ends_on) for rate in agreement.rates] == [
        ("per_unit", "2", "GB", None),
        ("flat", "1.005", "GB", date(2024, 9, 30)),
    ]
    assert (invoice.number, str(invoice.total)) == ("FOCUS-2024-09-SUB-1", "7.01")
    assert records.settings.programs["aurora-cloud"].external_ids == {"focus": ("Aurora Cloud",)}
    assert (str(records.settings.first_period), records.settings.policies.closing_day) == ("2024-09", "end")
    text = (tmp_path / "ws" / "agreements" / "SUB-1.yaml").read_text(encoding="utf-8")
    assert 'pricing: {model: flat, price: "1.005"}  # derived from cost\n' in text


@pytest.mark.parametrize(
    "charges",
    [
        [{}],
        [{"ContractedUnitPrice": "0", "BilledCost": "1.23"}],
        [{"ContractedUnitPrice": "0", "BilledCost": "0"}],
        [{}, {"ChargeCategory": "Credit", "ContractedUnitPrice": "-3", "BilledCost": "-2.61", "PricingQuantity": "0"}],
        [{}, {"ChargeCategory": "Adjustment", "ContractedUnitPrice": "2", "BilledCost": "5", "SkuId": "ADJ"}],
        [{}, {"ContractedUnitPrice": "3", "PricingQuantity": "7", "BilledCost": "21"}],
        [{}, {"ContractedUnitPrice": "NULL", "PricingQuantity": "7", "BilledCost": "0.01"}],
        [{"BilledCost": "-6", "PricingQuantity": "-3"}],
        [{}, {"SubAccountId": "SUB 1", "SkuId": "SKU-2"}],
        [{}, {"BillingCurrency": "JPY", "SkuId": "SKU-2"}],
        [{}, {"ChargePeriodStart": "2024-08-31 23:59:59", "ContractedUnitPrice": "1", "BilledCost": "3"}],
        [{"PricingUnit": "", "SkuId": "NULL", "SubAccountId": "NULL", "SubAccountName": "NULL"}],
        [{}, {"ProviderName": "AURORA-CLOUD", "SkuId": "SKU-2"}, {"ProviderName": "極光", "SkuId": "SKU-3"}],
        [{"SubAccountId": "no", "ProviderName": "No", "SkuId": "1E5", "SubAccountName": "~"}],
        [{"SubAccountId": "/a/very/long/identifier/of/a/sub-account", "ChargeDescription": "a: \u200b#\tb " * 40}],
    ],
    ids=str,
)
def test_draft_explains_its_export(tmp_path: Path, charges: list[dict[str, str]]) -> None:
    workspace = drafted(tmp_path, *charges)
    first = str(snapshot(workspace).settings.first_period)
    assert discrepancies(workspace, first) == []
    if first != "2024-09":
        assert discrepancies(workspace, "2024-09") == []


def test_price_that_does_not_explain_the_cost_is_found(tmp_path: Path) -> None:
    workspace = drafted(
        tmp_path, {}, {"SkuId": "SKU-2", "BilledCost": "6.02"}, {"SkuId": "SKU-3", "BilledCost": "6.004"}
    )
    assert discrepancies(workspace, "2024-09") == ["price_mismatch SUB-1 SKU-2"]


def test_ids_that_look_the_same_are_told_apart(tmp_path: Path) -> None:
    records = snapshot(drafted(tmp_path, {"SubAccountId": "a.b"}, {"SubAccountId": "A-B"}, {"SubAccountId": "c"}))
    assert sorted(account[:4] for account in records.agreements) == ["A-B-", "A-B-", "C"]
    assert {agreement.external_ids["focus"] for agreement in records.agreements.values()} == {
        ("a.b",),
        ("A-B",),
        ("c",),
    }


def test_hash_that_somebody_already_has_is_no_collision() -> None:
    hashed = own_ids(["x.", "x"], lambda raw: raw.strip("."), 32)["x"]
    ids = own_ids(["x.", "x", hashed], lambda raw: raw.strip("."), 32)
    assert len(set(ids.values())) == 3


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("export.csv", "export.csv"),
        ("Export 09.CSV", "Export_09.csv"),
        ("export.csv.gz", "export.csv.gz"),
        ("export", "export.csv.gz"),
        ("export.txt", "export.txt.parquet"),
        (".csv", "focus.csv"),
    ],
)
def test_export_is_copied_under_a_name_that_is_read(tmp_path: Path, name: str, stored: str) -> None:
    text = export_text({}).encode()
    content = gzip.compress(text) if stored.endswith(".gz") else text
    if stored.endswith(".parquet"):
        buffer = io.BytesIO()
        pq.write_table(pa.table({column: [value] for column, value in CHARGE.items() if value != "NULL"}), buffer)
        content = buffer.getvalue()
    assert usage_name(name, content) == stored
    if not stored.endswith(".parquet"):
        (tmp_path / name).write_bytes(content)
        start_from_focus(tmp_path / "ws", tmp_path / name, EMAIL)
        assert (tmp_path / "ws" / "usage" / "2024-09" / stored).read_bytes() == content
        assert discrepancies(tmp_path / "ws", "2024-09") == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("account,program,sku,usage_date,quantity,unit\nA,b,c,2024-09-01,1,GB\n", ["unknown-format"]),
        (export_text({"BilledCost": "1e3"}), ["not-a-number"]),
        (export_text({"SkuId": "S" * 129}), ["schema-max-length"] * 2),
        (export_text({"SubAccountId": "a\u200bb"}), ["invisible-character"]),
        ("", ["empty-file"]),
    ],
    ids=["no-focus", "number", "long-sku", "invisible", "empty"],
)
def test_export_that_no_record_can_hold_is_refused(tmp_path: Path, text: str, codes: list[str]) -> None:
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RecordsNotRight) as caught:
        start_from_focus(tmp_path / "ws", tmp_path / "export.csv", EMAIL)
    assert [finding.code for finding in caught.value.findings] == codes
    assert [path.name for path in tmp_path.iterdir()] == ["export.csv"]


@pytest.mark.parametrize("email", ["", "jane", "jane@acme", "Jane <jane@acme.example>", "a@b.example, c@d.example"])
def test_contact_that_gets_no_mail_is_refused(tmp_path: Path, email: str) -> None:
    (tmp_path / "export.csv").write_text(export_text({}), encoding="utf-8")
    with pytest.raises(UsageProblem, match="--contact"):
        start_from_focus(tmp_path / "ws", tmp_path / "export.csv", email)


def test_export_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export_text(), encoding="utf-8")
    with pytest.raises(UsageProblem, match="no rows"):
        start_from_focus(tmp_path / "ws", tmp_path / "export.csv", EMAIL)


def test_link_to_an_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export_text({}), encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "export.csv")
    with pytest.raises(RecordsNotRight):
        start_from_focus(tmp_path / "ws", tmp_path / "link.csv", EMAIL)


def test_notes_tell_what_is_a_guess(tmp_path: Path) -> None:
    prices = [{"ContractedUnitPrice": price, "SkuId": f"SKU-{sku}"} for sku in range(12) for price in ("1", "2")]
    thirds = [{**charge, "PricingQuantity": quantity} for charge, quantity in zip(prices, "12" * 12, strict=True)]
    (tmp_path / "export.csv").write_text(export_text({"PricingUnit": "TB"}, {}, *thirds), encoding="utf-8")
    notes = start_from_focus(tmp_path / "ws", tmp_path / "export.csv", EMAIL).notes
    assert notes[0] == "drafted: 1 account, 12 rates, 1 document"
    assert sum(note.endswith("a mean of contracted prices, rounded to 12 decimals") for note in notes) == 11
    assert "SUB-1 aurora-cloud SKU-1: billed in several units or currencies; the rate is for one of them" in notes
    assert any(note.startswith("and 2 more: ") for note in notes)
    for guessed in ("legal names", "addresses", "tax", "payment terms", "names and telephone numbers"):
        assert any(guessed in note for note in notes), guessed
