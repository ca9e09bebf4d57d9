"""Every sample of a public collection: read with these figures, or refused for this reason."""

from pathlib import Path

import pytest

from prisma_batch.readers.bank.registry import read_bank

READ = {  # statements, entries, sum of entries in minor units
    "camt053.v2.minimal.ultimate.xml": (1, 1, 885),
    "camt053.v2.minimal.xml": (1, 1, 885),
    "camt053.v2.multi.statement.xml": (2, 2, 185),
    "camt053.v2.with-account-name.xml": (1, 1, 885),
    "camt053.v2.with-party-ids.xml": (1, 1, 885),
    "camt053.v3.xml": (1, 1, 885),
}
REFUSED = {
    "camt053.v2.all-balance-types.xml": "amount-precision",  # 8.850 EUR
    "camt053.v2.five.decimals.xml": "amount-precision",
    "camt053.v2.wrong.xml": "no-statement",
    "camt053.v4.xml": "missing-page",  # page 2 alone
    "camt053.v8.xml": "missing-page",
    "camt53.only-Dt-with-DtTm.xml": "amount-precision",
}


@pytest.fixture
def samples(repository: Path) -> Path:
    folder = repository.parent / "shared" / "data" / "camt_genkgo"
    if not folder.is_dir():
        pytest.skip("../shared/data/camt_genkgo is not here")
    return folder


@pytest.mark.parametrize("name", READ)
def test_samples_that_are_read(samples: Path, name: str) -> None:
    read = read_bank(name, (samples / name).read_bytes())
    assert read.findings == []
    assert (len(read.statements), len(read.entries), int(read.entries["amount_minor"].sum())) == READ[name]


@pytest.mark.parametrize("name", REFUSED)
def test_samples_that_are_refused(samples: Path, name: str) -> None:
    read = read_bank(name, (samples / name).read_bytes())
    assert {found.code for found in read.findings} == {REFUSED[name]}
    assert read.entries.empty


def test_reports_and_notifications_are_no_statements(samples: Path) -> None:
    names = {path.name for path in samples.glob("*.xml")} - {*READ, *REFUSED}
    assert len(names) == 14
    for name in sorted(names):
        assert name.startswith(("camt052", "camt054"))
        assert [found.code for found in read_bank(name, (samples / name).read_bytes()).findings] == ["not-a-statement"]
