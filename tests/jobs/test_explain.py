"""Every id of the example is explained; the steps add up, and the figures are those of the published tables."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.periods import Period
from prisma_batch.jobs.explain import ExplainOptions, basis_of, explained_month
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations import (
    account,
    commitment,
    discrepancy,
    document,
    line,
    notice,
    payment,
    statement,
)
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.registry import EXPLAINERS
from prisma_batch.views.explanations.usage import charge_step
from prisma_batch.views.trace import Quantity, Step, Trace
from tests.jobs.recipes import OCTOBER, SEPTEMBER, bank_csv, contents, edit, prisma_batch, published, rows, write

Found = dict[str, Any]
ESTIMATED = ("COLL-004", "CVAD-USER")
PER_UNIT = '    pricing: {model: per_unit, price: "0.0029"}'
SUBSCRIPTION = """\
  - program: aurora-cloud
    sku: SEAT
    unit: seat
    starts_on: 2026-10-11
    basis: {subscription: {quantities: [{from: 2026-10-11, quantity: 3}]}}
    prorate: actual
    pricing: {model: per_unit, price: "31.00"}
"""


@pytest.fixture(scope="module", params=["2026-09", "2026-10"])
def basis(request: pytest.FixtureRequest, example: Path) -> Basis:
    """What the explanations of a month are made of."""
    options = ExplainOptions(period=Period.parse(request.param))
    return basis_of(example, explained_month(example, "", options, lambda _: None))


@pytest.fixture
def tables(example: Path, basis: Basis) -> Path:
    """The folder that the month was published to."""
    return example / "reports" / str(basis.span.period)


def all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from all_steps(step.steps)


def figure(step: Step) -> tuple[str, Decimal]:
    if isinstance(step.figure, Money):
        return step.figure.currency, step.figure.amount
    assert isinstance(step.figure, Quantity)
    return "quantity", step.figure.number


def explained(workspace: Path, *arguments: str) -> Found:
    (trace,) = json.loads(published(workspace, "explain", *arguments, "--format", "json"))["traces"]
    return dict(trace)


def test_every_id_is_explained_and_its_steps_add_up(basis: Basis) -> None:
    explained_ids, sums = 0, 0
    for explainer in EXPLAINERS:
        for identifier in explainer.ids(basis):
            trace: Trace = explainer.explain(basis, identifier)
            assert (trace.id, trace.kind) == (identifier, explainer.KIND)
            assert trace.steps
            explained_ids += 1
            for step in all_steps(trace.steps):
                if step.adds_up:
                    sums += 1
                    name, total = figure(step)
                    parts = [figure(part) for part in step.steps]
                    assert {part for part, _ in parts} <= {name}
                    assert sum(amount for _, amount in parts) == total, (identifier, step)
    assert explained_ids > 100
    assert sums > 100


def test_documents_are_open_as_published(basis: Basis, tables: Path) -> None:
    still_open: dict[str, Decimal] = Counter()
    for row in rows(tables / "open_items.csv"):
        still_open[row["document"]] += Decimal(row["open_amount"])
    told = {}
    for number in document.ids(basis):
        for step in document.explain(basis, number).steps:
            if step.text.startswith("open on"):
                told[number] = figure(step)[1]
    assert {number: amount for number, amount in told.items() if amount} == still_open


def test_statements_and_accounts_have_the_published_balance(basis: Basis, tables: Path) -> None:
    balances = {(row["account"], row["currency"]): Decimal(row["balance"]) for row in rows(tables / "aging.csv")}
    for kind, prefix in ((statement, f"{basis.span.period}/"), (account, "")):
        told = {}
        for name in kind.ids(basis):
            for step in kind.explain(basis, name).steps:
                if step.text.startswith("balance in"):
                    told[name.removeprefix(prefix), figure(step)[0]] = figure(step)[1]
        assert {key: amount for key, amount in told.items() if amount} == {k: v for k, v in balances.items() if v}


def test_a_commitment_has_its_charges_and_what_is_missing(basis: Basis) -> None:
    """COLL-006 committed 600.00 for October; the run of September knows no charge of it yet."""
    trace = commitment.explain(basis, "launch-2026-10")
    agreed, missing, billed = trace.steps[:3]
    assert trace.text == "commitment launch-2026-10 of COLL-006"
    assert figure(agreed) == ("EUR", Decimal(600))
    if basis.span.period == Period(2026, 9):
        assert figure(missing)[1] == Decimal(600)
        assert billed.text == "what is missing is charged in 2026-10, its last month"
    else:
        assert [figure(step)[1] for step in (missing, *missing.steps)] == [
            Decimal("105.32"),
            Decimal(600),
            Decimal("-494.68"),
        ]
        assert [step.text.split(":")[0] for step in billed.steps] == ["INV-2026-0217#5"]


def test_a_commitment_that_cannot_be_trued_up_says_why(basis: Basis) -> None:
    def texts(charges: DataFrame, **fields: Any) -> list[str]:
        own, [agreed] = basis.snapshot.agreements["COLL-005"], basis.snapshot.agreements["COLL-006"].commitments
        committed = replace(own, commitments=(replace(agreed, **fields),), closed_on=date(2026, 10, 30))
        agreements = {"COLL-005": committed}
        changed = replace(basis, charges=charges, snapshot=replace(basis.snapshot, agreements=agreements))
        return [step.text for step in commitment.explain(changed, "launch-2026-10").steps]

    early = texts(basis.charges, starts_on=date(2026, 8, 31))
    assert early[0].endswith("of which 61 of 62 days until the account closed on 2026-10-30")
    assert "it cannot be trued up: it began before 2026-09, the first period" in early
    assert not any("began before" in text for text in texts(basis.charges, starts_on=date(2026, 9, 1)))
    unpriced = basis.charges.assign(
        amount_minor=basis.charges["amount_minor"].mask(basis.charges["period"].eq("2026-09"))
    )
    assert any(text.endswith("of 2026-09 has no price") for text in texts(unpriced, starts_on=date(2026, 9, 1)))


def test_payments_and_discrepancies_are_those_published(basis: Basis, tables: Path) -> None:
    amounts = {row["payment"]: Decimal(row["amount"]) for row in rows(tables / "payments.csv")}
    assert {name: figure(payment.explain(basis, name).steps[0])[1] for name in payment.ids(basis)} == amounts
    differences = {row["id"]: row["difference_amount"] for row in rows(tables / "discrepancies.csv")}
    assert set(discrepancy.ids(basis)) == set(differences)
    for name, difference in differences.items():
        first = discrepancy.explain(basis, name).steps[0]
        assert not difference or figure(first)[1] == Decimal(difference)


def test_charges_are_those_published_down_to_their_rows(basis: Basis, tables: Path) -> None:
    rated = {
        (row["account"], row["sku"], row["service_from"], Decimal(row["amount"])): row
        for row in rows(tables / "rated_usage.csv")
    }
    charges = basis.charges[basis.charges["period"].eq(str(basis.span.period)) & basis.charges["amount_minor"].notna()]
    assert len(charges) == len(rated)
    for charge in charges.itertuples(index=False):
        step = charge_step(basis, charge)
        row = rated[charge.account, charge.sku, str(charge.service_from)[:10], figure(step)[1]]
        assert figure(step) == (row["currency"], Decimal(row["amount"]))
        used = [own for own in step.steps if isinstance(own.figure, Quantity)]
        # What a minimum or a commitment adds was not used.
        assert [figure(own)[1] for own in used] == [Decimal(row["quantity"])] * (row["quantity"] != "0")
        for own in used if charge.sku != "SUPPORT-SEAT" else ():  # seats are agreed
            assert sum(figure(part)[1] for part in own.steps) == Decimal(row["quantity"])


def test_lines_name_what_was_used_and_the_discrepancy(basis: Basis) -> None:
    if basis.span.period != Period(2026, 10):
        pytest.skip("an invoice of October")
    steps = line.explain(basis, "INV-2026-0202#1").steps
    assert [figure(step) for step in steps] == [
        ("EUR", Decimal("209.00")),
        ("EUR", Decimal("190.00")),
        ("EUR", Decimal("19.00")),
    ]
    assert steps[-1].text.startswith("quantity_mismatch ")


def test_messages_name_their_recipients(basis: Basis) -> None:
    told = {key: notice.explain(basis, key) for key in notice.ids(basis)}
    people = {recipient.name for message in basis.messages for recipient in message.to} | {"nobody"}
    for key, trace in told.items():
        places = [step.place for step in trace.steps if step.text.rpartition("to ")[2] in people]
        assert places, key
        assert all(places), key


def test_rows_that_do_not_add_up_are_not_shown(basis: Basis) -> None:
    short = replace(basis, usage_rows=lambda key: basis.usage_rows(key).iloc[1:])
    charge = next(row for row in basis.charges.itertuples(index=False) if row.sku == "VCPU-HOUR")
    assert charge_step(basis, charge).steps
    with pytest.raises(InvariantBroken, match="do not add up"):
        charge_step(short, charge)


def test_steps_have_places_and_commits_where_git_tracks_the_file(workspace: Path) -> None:
    mismatch = next(row for row in rows(workspace / OCTOBER / "discrepancies.csv") if row["kind"] == "unbilled_usage")
    without = list(found_steps(explained(workspace, mismatch["id"])["steps"]))
    assert {step["commit"] for step in without} == {None}
    row = next(step for step in without if step["file"] == "usage/2026-10/aurora-cloud.parquet" and step["quantity"])
    assert (row["quantity"], row["line"]) == ("3128.078", 3)
    head = committed(workspace)
    edit(workspace / "agreements/COLL-001.yaml", "Les Collines Num", "Les Collines num")
    found = list(found_steps(explained(workspace, mismatch["id"])["steps"]))
    changed = {step["file"]: step["changed_since"] for step in found if step["file"]}
    assert {step["commit"] for step in found if step["file"]} == {head}
    assert changed.pop("agreements/COLL-001.yaml") is True
    assert set(changed.values()) == {False}


def test_a_line_names_the_credit_that_corrects_it_and_a_credit_its_line(basis: Basis) -> None:
    corrected = line.explain(basis, "INV-2026-0102#2").steps[1]
    assert (corrected.text, figure(corrected)) == ("corrected by CN-2026-0001#1", ("EUR", Decimal("-11.70")))
    assert line.explain(basis, "CN-2026-0001#1").steps[1].text == "it corrects INV-2026-0102#2, which it names"


def found_steps(steps: list[Found]) -> Iterator[Found]:
    for step in steps:
        yield step
        yield from found_steps(step["steps"])


def committed(workspace: Path) -> str:
    """Put a workspace under git, and return the commit."""
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@prisma.example"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=records"]):
        subprocess.run([*git, *arguments], cwd=workspace, check=True)
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=workspace, check=True, capture_output=True, encoding="utf-8"
    ).stdout.strip()


def test_options_of_rates_are_steps_and_other_charges_have_theirs(records: Path) -> None:
    agreement = records / "agreements/COLL-001.yaml"
    tiers = '{model: graduated, tiers: [{up_to: 20000, price: "0.0011"}, {price: "0.0009", flat: "2"}]}'
    options = f'    included_quantity: 1000\n    minimum_amount: "40.00"\n    pricing: {tiers}'
    edit(agreement, '    pricing: {model: per_unit, price: "0.0011"}', options)
    edit(agreement, '    pricing: {model: per_unit, price: "0.0029"}', f"    aggregate: max\n{PER_UNIT}")
    edit(agreement, "  - program: microsoft-spla\n", f"{SUBSCRIPTION}  - program: microsoft-spla\n")
    published(records, "run", "2026-10", "--tables-only")
    ids = {(row["kind"], row["sku"]): row for row in rows(records / OCTOBER / "discrepancies.csv")}
    told = {
        key: list(found_steps(explained(records, row["id"])["steps"]))
        for key, row in ids.items()
        if row["account"] == "COLL-001" and row["sku"] in ("SNAPSHOT-GIB-DAY", "BLOCK-GIB-DAY", "SEAT")
        if row["period"] == "2026-10"
    }
    used = told["unbilled_usage", "SNAPSHOT-GIB-DAY"]
    assert "1000 are included and come off" in [step["text"] for step in used]
    expected = {step["text"]: step["amount"] for step in used if step["text"].startswith("expected")}
    assert list(expected.values()) == ["29.47", "10.53"]  # 26,074.063 in two tiers, and up to 40.00
    (least,) = [step for step in told["minimum_not_billed", "SNAPSHOT-GIB-DAY"] if step["text"] == "less expected"]
    assert least["amount"] == "-10.53"
    (peak,) = [step for step in told["quantity_mismatch", "BLOCK-GIB-DAY"] if step["text"].startswith("the highest")]
    assert (peak["quantity"], len(peak["steps"])) == ("7192.417", 1)
    (seats,) = [step for step in told["unbilled_usage", "SEAT"] if step["quantity"]]
    assert (seats["quantity"], seats["file"]) == ("3", "agreements/COLL-001.yaml")
    assert "prorated: 21 of 31 days (actual)" in [step["text"] for step in told["unbilled_usage", "SEAT"]]


def test_usage_by_an_estimate_names_the_report_that_stands_in(records: Path) -> None:
    edit(records / "prisma.yaml", "due_day: 5\n    late_policy: block", "due_day: 5\n    late_policy: carry_forward")
    published(records, "run", "2026-10", "--tables-only")
    (row,) = [row for row in rows(records / OCTOBER / "discrepancies.csv") if (row["account"], row["sku"]) == ESTIMATED]
    (used,) = [step for step in found_steps(explained(records, row["id"])["steps"]) if "estimate" in step["text"]]
    assert (used["quantity"], used["file"]) == ("18", "usage/2026-09/COLL-004.citrix-csp.yaml")


def test_installments_of_a_plan_are_what_is_open(records: Path) -> None:
    plan = """\
  - kind: payment_plan
    on: 2026-11-10
    approved_by: finance@prisma-distribution.example
    invoices: [INV-2026-0206]
    installments: [{due_on: 2026-12-15, amount: "400.00"}, {due_on: 2027-01-15, amount: "354.19"}]
"""
    case = records / "cases/DELTA-003/CASE-2026-0001.yaml"
    text = (
        case.read_text(encoding="utf-8").replace("DELTA-003", "DELTA-005").replace("CASE-2026-0001", "CASE-2026-0009")
    )
    text = re.sub(r"(?m)^disputes:.*\n(  .*\n)*", "", text)
    write(records, {"cases/DELTA-005/CASE-2026-0009.yaml": f"{text}outcome:\n{plan}"})
    published(records, "run", "2026-10", "--tables-only")
    steps = explained(records, "INV-2026-0206")["steps"]
    parts = {step["text"]: step["amount"] for step in steps}
    assert parts["open on 2026-11-15"] == "754.19"
    assert parts["installment 1 of 2, due on 2026-12-15"] == "400.00"
    assert parts["installment 2 of 2, due on 2027-01-15"] == "354.19"
    (status,) = [step["text"] for step in explained(records, "DELTA-005")["steps"] if "status" in step["text"]]
    assert "on_plan" in status


def test_last_published_month_is_explained_by_default(workspace: Path) -> None:
    before = contents(workspace)
    assert explained(workspace, "DELTA-001")["period"] == "2026-10"
    assert explained(workspace, "DELTA-001", "--period", "2026-09")["as_of"] == "2026-10-15"
    assert explained(workspace, "2026-09/DELTA-001")["period"] == "2026-09"
    assert explained(workspace, "DELTA-001", "--as-of", "2026-11-01")["as_of"] == "2026-11-01"
    assert contents(workspace) == before


def test_files_that_a_run_was_given_are_given_again(workspace: Path, tmp_path: Path) -> None:
    usage = "account,program,sku,usage_date,quantity,unit\n" + 2 * "COLL-001,aurora-cloud,NEW,2026-10-03,1.5,piece\n"
    write(tmp_path, {"export.csv": usage, "bank.csv": bank_csv("P-GIVEN,,EUR-1,2026-10-05,,7.00,EUR,,,,,hello")})
    given = ("--usage", str(tmp_path / "export.csv"), "--payments", str(tmp_path / "bank.csv"))
    published(workspace, "run", "2026-10", "--tables-only", *given)
    [told] = [row for row in rows(workspace / OCTOBER / "discrepancies.csv") if row["sku"] == "NEW"]
    steps = found_steps(explained(workspace, told["id"], *given)["steps"])
    of_file = {(step["line"], step["quantity"]) for step in steps if step["file"] == "export.csv"}
    assert of_file > {(2, "1.5"), (3, "1.5")}
    assert explained(workspace, "P-GIVEN", *given)["kind"] == "payment"
    for name in (told["id"], "P-GIVEN"):
        assert "unknown-id" in prisma_batch(workspace, "explain", name).output


def test_as_of_day_that_was_published_is_kept(records: Path) -> None:
    published(records, "run", "2026-09", "--as-of", "2026-10-10", "--tables-only")
    assert explained(records, "DELTA-001")["as_of"] == "2026-10-10"


def test_unknown_id_exits_1_with_what_is_near(example: Path) -> None:
    result = prisma_batch(example, "explain", "delta-01")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean DELTA-001" in result.stderr
    for explainer in EXPLAINERS:
        assert explainer.EXAMPLE in result.stderr


@pytest.mark.parametrize("name", ["2026-09/NOBODY", "x" * 500, "2026-09/", "#1", "\x1b[31m"])
def test_other_ids_are_refused_without_a_bug(example: Path, name: str) -> None:
    assert prisma_batch(example, "explain", name).exit_code == 1


def test_nothing_published_exits_2(records: Path, tmp_path: Path) -> None:
    assert "--period" in prisma_batch(records, "explain", "DELTA-001").stderr
    assert prisma_batch(records, "explain", "DELTA-001").exit_code == 2
    assert prisma_batch(tmp_path, "explain", "DELTA-001").exit_code == 2


def test_record_errors_exit_1(workspace: Path) -> None:
    edit(workspace / "agreements/COLL-001.yaml", "account: COLL-001", "account: COLL-002")
    assert prisma_batch(workspace, "explain", "DELTA-001").exit_code == 1


def test_months_before_the_first_are_refused(example: Path) -> None:
    assert prisma_batch(example, "explain", "DELTA-001", "--period", "2026-08").exit_code == 2
    assert (example / SEPTEMBER).is_dir()
