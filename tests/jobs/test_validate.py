"""The job ``validate``: which files, which findings, and what a file that cannot be read does to the others."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.jobs.validate import validate
from prisma_batch.readers.workspace import load

EXAMPLES = Path(__file__).parents[1] / "examples"
AS_OF = date(2026, 11, 30)
CUSTOMER = "contacts/ACME-001.yaml"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the workspace without findings."""
    return shutil.copytree(EXAMPLES / "_base", tmp_path / "workspace")


def codes(workspace: Path, *paths: str) -> list[str]:
    return [finding.code for finding in validate(workspace, [Path(path) for path in paths], AS_OF).findings]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_paths_choose_what_is_reported(workspace: Path) -> None:
    edit(workspace / CUSTOMER, "northwind", "southwind")
    edit(workspace / "cases/incidents/INC-1.yaml", "[azure]", "[citrix]")
    assert codes(workspace) == ["unknown-program", "unknown-partner"]
    assert codes(workspace, "cases") == ["unknown-program"]
    assert codes(workspace, "./contacts/", str(workspace / "usage")) == ["unknown-partner"]
    assert codes(workspace, "invoices") == []
    assert validate(workspace, [Path("invoices")], AS_OF).files_checked == 2


@pytest.mark.parametrize("path", ["absent", "contacts/ACME", "../workspace/absent", "/", "README.md"])
def test_path_without_records_is_refused(workspace: Path, path: str) -> None:
    (workspace / "README.md").write_text("not a record", encoding="utf-8")
    with pytest.raises(UsageProblem, match="no record at"):
        validate(workspace, [Path(path)], AS_OF)


@pytest.mark.parametrize(
    "source",
    [
        "prisma.yaml",
        CUSTOMER,
        "agreements/ACME-001.yaml",
        "agreements/price-lists/emea-2026.yaml",
        "agreements/fx/ecb.csv",
        "invoices/ACME-001/INV-1.yaml",
        "usage/2026-10/ACME-001.microsoft-spla.yaml",
    ],
)
def test_unreadable_file_is_one_finding(workspace: Path, source: str) -> None:
    (workspace / source).write_bytes(b"account: [\xff\n")
    assert [finding.source for finding in validate(workspace, (), AS_OF).findings] == [source]


def test_unreadable_file_does_not_hide_others(workspace: Path) -> None:
    (workspace / CUSTOMER).write_text("a: b: c\n", encoding="utf-8")
    edit(workspace / "invoices/ACME-001/INV-1.yaml", 'total: "340.49"', 'total: "340.50"')
    edit(workspace / "agreements/ACME-001.yaml", "emea-2026", "emea-2027")
    assert codes(workspace) == ["unknown-price-list", "yaml-syntax", "document-total"]


def test_gap_after_an_unreadable_closing_is_not_reported(workspace: Path) -> None:
    edit(
        workspace / CUSTOMER, "email: uma.vale@acme.example", "email: uma.vale@acme.example\n      valid_to: 2026-12-31"
    )
    agreement = workspace / "agreements/ACME-001.yaml"
    assert codes(workspace) == ["contact-gap"]
    edit(agreement, "currency: EUR", "closed_on: 2027-01-01\ncurrency: EUR")
    assert codes(workspace) == []
    agreement.write_text("", encoding="utf-8")
    assert codes(workspace) == ["empty-document"]


@pytest.mark.parametrize(
    ("charge", "severity"),
    [(None, "warning"), ("invoices", "error"), ("usage", "error")],
)
def test_missing_agreement(workspace: Path, charge: str | None, severity: str) -> None:
    (workspace / "agreements/ACME-001.yaml").unlink()
    for folder in {"invoices", "usage"} - {charge}:
        shutil.rmtree(workspace / folder)
    shutil.rmtree(workspace / "payments")
    shutil.rmtree(workspace / "cases")
    (finding,) = validate(workspace, (), AS_OF).findings
    assert (finding.code, finding.severity) == ("no-agreement", severity)


def test_snapshot_has_the_records(workspace: Path) -> None:
    snapshot = load(workspace).snapshot()
    assert list(snapshot.customers) == list(snapshot.agreements) == ["ACME-001"]
    assert [document.number for document in snapshot.documents] == ["CN-1", "INV-1"]
    assert [str(rate.rate) for rate in snapshot.exchange_rates["ecb"]] == ["0.9215"]
    assert snapshot.settings.issuer.legal_name == "Prisma Billing B.V."
