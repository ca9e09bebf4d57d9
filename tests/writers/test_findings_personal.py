"""Nobody's personal data shows: markers planted in every text of wrong records are in no format's output."""

import itertools
import re
import shutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from prisma_batch.base.findings import Finding
from prisma_batch.jobs.validate import validate
from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.exchange_rates import COLUMNS as RATE_COLUMNS
from prisma_batch.readers.exchange_rates import read_exchange_rates
from prisma_batch.readers.strict_yaml import Document, parse
from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageNames
from prisma_batch.writers.findings import FindingsFormat, findings_text

EXAMPLES = Path(__file__).parents[1] / "examples"
FORMATS: tuple[FindingsFormat, ...] = get_args(FindingsFormat)
AS_OF = date(2026, 11, 30)
MARKER = re.compile(r"quux|7731", re.IGNORECASE)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
WRONG_EVERYWHERE = "Quux Marker <quux@leak.example> +31612347731 NL91QUUX0417167731"
FREE_TEXTS = frozenset(
    "address approved_by by chat decided_by de description en first_name fr last_name legal_name memo name opinion "
    "purchase_order reason seen_by subject summary tax_id unit what".split()
)  # fmt: skip


def leaks(findings: Iterable[Finding]) -> list[str]:
    """List the lines of output, in any format, that show a marker."""
    found = list(findings)
    texts = [findings_text(found, output_format) for output_format in FORMATS]
    return [line for text in texts for line in text.splitlines() if MARKER.search(line)]


class Planter:
    """Replaces texts by markers of the same form; equal texts, whatever their case, get equal markers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def planted(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {inner_key: self.planted(inner, inner_key) for inner_key, inner in value.items()}
        if isinstance(value, list):
            return [self.planted(inner, key) for inner in value]
        return self._text(value, key) if isinstance(value, str) else value

    def _text(self, text: str, key: str) -> str:
        number = self._numbers.setdefault(text.casefold(), len(self._numbers))
        if "@" in text:
            return f"quux{number}@{text.rpartition('@')[2]}"
        if key == "phone" and text.startswith("+"):
            return f"{text[:-4]}7731"
        return f"Quux Marker {number}" if key in FREE_TEXTS and not DAY.fullmatch(text) else text


def replace_records(workspace: Path, change: Callable[[Any], Any]) -> None:
    """Write every YAML file that can be read again, changed."""
    for path in sorted(workspace.rglob("*.yaml")):
        document = parse(path.read_bytes(), path.name)
        if isinstance(document, Document):
            path.write_text(yaml.safe_dump(change(document.value), allow_unicode=True), encoding="utf-8")


def example(code: str, workspace: Path) -> Path:
    fail = EXAMPLES / code / "fail"
    shutil.copytree(EXAMPLES / "_base", workspace)
    shutil.copytree(fail, workspace, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt", "DELETE"))
    for name in (fail / "DELETE").read_text().split() if (fail / "DELETE").exists() else ():
        (workspace / name).unlink()
    return workspace


@pytest.mark.parametrize("code", sorted(path.name for path in EXAMPLES.iterdir() if (path / "fail").is_dir()))
def test_records_with_each_error_show_no_text_of_theirs(code: str, tmp_path: Path) -> None:
    workspace = example(code, tmp_path / "workspace")
    replace_records(workspace, Planter().planted)
    findings = validate(workspace, (), AS_OF).findings
    assert code in {finding.code for finding in findings}
    assert leaks(findings) == []


def wrong_everywhere(value: Any) -> Any:
    """Replace every text by one that has the form of no field, and add a key to every mapping."""
    if isinstance(value, dict):
        return {key: wrong_everywhere(inner) for key, inner in value.items()} | {WRONG_EVERYWHERE: "quux", "Quux": 1}
    if isinstance(value, list):
        return [wrong_everywhere(inner) for inner in value]
    return WRONG_EVERYWHERE if isinstance(value, str) else value


def test_texts_of_no_form_are_not_shown(tmp_path: Path) -> None:
    workspace = shutil.copytree(EXAMPLES / "_base", tmp_path / "workspace")
    replace_records(workspace, wrong_everywhere)
    findings = validate(workspace, (), AS_OF).findings
    assert len(findings) > 100
    assert leaks(findings) == []


@pytest.mark.parametrize("planted", ["Quux Marker", "quux@leak.example", "NL91QUUX0417167731", "+31612347731"])
def test_what_a_reference_says_is_shown_only_where_it_is_a_number(planted: str, tmp_path: Path) -> None:
    workspace = shutil.copytree(EXAMPLES / "_base", tmp_path / "workspace")

    def misnamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: misnamed(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [misnamed(inner) for inner in value]
        return planted if value == "INV-1" else value

    for path in (
        *workspace.glob("cases/*/*.yaml"),
        *workspace.glob("payments/*/*.yaml"),
        workspace / "invoices/ACME-001/CN-1.yaml",
    ):
        path.write_text(yaml.safe_dump(misnamed(yaml.safe_load(path.read_text())), allow_unicode=True))
    findings = [item for item in validate(workspace, (), AS_OF).findings if item.code == "unknown-document"]
    assert len(findings) > 2
    assert leaks(findings) == []


@pytest.mark.parametrize(
    "text",
    [
        'a: "quux\n', "a: quux: b\n", "a: &quux b\n", "a: *quux\n", "a: !quux b\n",
        "%QUUX\n---\na: b\n", "a: b\n--- quux\n", "quux: 1\nquux: 2\n", "[quux]: b\n", "? {quux: a}\n: b\n",
        "a: '7731\x07'\n", "a: quux\u202e7731\n", "<<<<<<< quux\n", "a: 7731.\n", "a: 7_731\n", '"quux\\n": b\n',
        "a: quux\r", "quux: [" * 20, "a: [quux\n", "a: {quux: b\n", "a: quux\n  7731\n b: c\n", "- quux\na: b\n",
        "a: 'quux'7731\n", "a: |quux\n", "a: Quu\u0308x\n", "@quux: b\n", "`quux`: b\n", "a: %7731\n",
        "a: b\n...\nquux\n",
    ],
)  # fmt: skip
def test_faults_of_yaml_do_not_quote_the_file(text: str) -> None:
    finding = parse(text.encode(), "contacts/ACME-001.yaml")
    assert isinstance(finding, Finding)
    assert leaks([finding]) == []


USAGE = "account,program,sku,usage_date,quantity,unit\nACME-001,azure,S-1,2026-10-01,1.5,hour\n"
BANK = (
    "payment,statement,account_iban,booking_date,value_date,amount,currency,counterparty_name,counterparty_iban,"
    "end_to_end_id,structured_reference,text,opening_balance,closing_balance\n"
    "P-1,S-1,NL02ABNA0123456789,2026-10-01,2026-10-01,1.50,EUR,Name,NL91ABNA0417164300,E-1,RF18,Text,0.00,1.50\n"
)
RATES = f"{','.join(RATE_COLUMNS)}\n2026-10,USD,EUR,0.9215\n"
FOCUS = (
    "BilledCost,BillingAccountId,BillingCurrency,ChargePeriodStart,PricingQuantity,ProviderName\n"
    "1.50,1234,EUR,2026-10-01T00:00:00Z,1.5,Aurora\n"
)
READERS: dict[str, tuple[str, Callable[[bytes], Iterable[Finding]]]] = {
    "usage": (USAGE, lambda content: read_usage("u.csv", content, UsageNames()).findings),
    "focus": (FOCUS, lambda content: read_usage("u.csv", content, UsageNames()).findings),
    "bank": (BANK, lambda content: read_bank("b.csv", content).findings),
    "rates": (RATES, lambda content: found if isinstance(found := read_exchange_rates(content, "r.csv"), list) else ()),
}
HOSTILE_CELLS = ("Quux Marker 7731", "quux@leak.example", '"quux', "quux,7731", "7731.7731.7731", "")


@pytest.mark.parametrize("reader", READERS)
def test_cells_of_tables_are_not_shown(reader: str) -> None:
    text, read = READERS[reader]
    rows = [line.split(",") for line in text.splitlines()]
    wrong = 0
    for row, column, cell in itertools.product(range(2), range(len(rows[0])), HOSTILE_CELLS):
        changed = [list(cells) for cells in rows]
        changed[row][column] = cell
        content = "\n".join(",".join(cells) for cells in changed)
        for whole in (content, content.replace(",", ";"), f"{content}\nquux,7731\n", f"quux\n{content}"):
            findings = list(read(whole.encode()))
            wrong += bool(findings)
            assert leaks(findings) == []
    assert wrong > 100


def test_elements_of_bank_messages_are_not_shown(repository: Path) -> None:
    message = next((repository / "payments").glob("*/*.xml")).read_bytes()
    texts = {found[1] for found in re.finditer(rb">([^<>\s][^<>]*)<", message)}
    wrong = 0
    for text in sorted(texts):
        findings = read_bank("b.xml", message.replace(b">" + text + b"<", b">Quux 7731<", 1)).findings
        wrong += bool(findings)
        assert leaks(findings) == []
    assert wrong > 5
    assert leaks(read_bank("b.xml", message.replace(b"<", b"<quux><", 1)).findings) == []
