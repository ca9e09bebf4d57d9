"""What it costs to say what everybody owes: ledger, aging, statuses, reminders, statements and messages.

python benchmarks/receivables.py                  5,000 accounts with 100,000 open items
python benchmarks/receivables.py --curve          from 500 accounts to 50,000
"""

import argparse
import gc
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402 - found from anywhere
import prisma_batch.receivables.settle as settle_module
from benchmarks.matched_cases import no_cases
from benchmarks.measure import table
from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.periods import Period
from prisma_batch.cases.claims import disputes
from prisma_batch.cases.held import holds
from prisma_batch.jobs.care import Care, account_care
from prisma_batch.jobs.collector import paused
from prisma_batch.readers.journal import Journal
from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState, document_table
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.settle import settle
from prisma_batch.records.agreements import Agreement, BillTo, PaymentTerms, TaxTreatment
from prisma_batch.records.cases import Case, Dispute
from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer
from prisma_batch.records.documents import Document, Line, TaxGroup
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.policies import Dunning, DunningLevel, Suspension
from prisma_batch.records.settings import ContactPoint, Hours, Issuer, Policies, Program, Settings
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.tables import BANK_ENTRIES, DISCREPANCIES, USAGE_REPORT_STATES
from prisma_batch.views.messages import plan_messages
from prisma_batch.views.notices.state import NoticeState
from prisma_batch.views.statement import StatementSpan, build_statements

LAST_AS_OF, AS_OF = date(2026, 11, 15), date(2026, 12, 15)
PER_ACCOUNT = 20
CURVE = (500, 5_000, 50_000)
SETTLE_STAGES = {
    "matched_book": "payments matched",
    "_recorded_ledger": "ledger",
    "ledger_entries": "ledger",
    "apart_entries": "ledger",
    "movements_between": "ledger",
    "open_items_of": "open items and aging",
    "aging_of": "open items and aging",
    "check_receivables": "checks",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=5_000, metavar="N", help="with twenty open items each")
    parser.add_argument("--curve", action="store_true", help="how the cost grows")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--measured", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measured:
        print(";".join(f"{name}={value}" for name, value in measured(options.accounts, options.seed).items()))
        return
    sizes = CURVE if options.curve else (options.accounts,)
    results = {size: in_its_own_process(size, options.seed) for size in sizes}
    names = [name for name in next(iter(results.values())) if name not in UNITS]
    sums = ["in all, CPU seconds", "all but statements"]
    head = ["accounts, open items", *names, *sums, "peak MB", "MB beyond the records"]
    rows = [[f"{size:,}, {size * PER_ACCOUNT:,}", *_cells(found, names)] for size, found in results.items()]
    print(table(["", *head[1:]] if len(sizes) == 1 else head, rows))


UNITS = ("peak_mb", "records_mb")


def _cells(found: Mapping[str, float], names: Sequence[str]) -> Iterator[str]:
    yield from (f"{found[name]:.2f}" for name in names)
    yield f"{sum(found[name] for name in names):.2f}"
    yield f"{sum(found[name] for name in names if name != 'statements'):.2f}"
    yield f"{found['peak_mb']:,.0f}"
    yield f"{found['peak_mb'] - found['records_mb']:,.0f}"


def in_its_own_process(accounts_count: int, seed: int) -> dict[str, float]:
    """Return CPU seconds by stage, and the memory before and at its highest."""
    command = [sys.executable, __file__, "--measured", "--accounts", str(accounts_count), "--seed", str(seed)]
    finished = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    pairs = (pair.split("=") for pair in finished.stdout.strip().splitlines()[-1].split(";"))
    return {name: float(value) for name, value in pairs}


def measured(accounts_count: int, seed: int) -> dict[str, float]:
    """Work out everything once, and return what each stage took."""
    random, clock = Random(seed), Stages()  # noqa: S311 - the same for everybody
    snapshot = records(accounts_count, random)
    inputs = receivables_input(snapshot, random)
    recorded, journal = recorded_state(inputs, snapshot), sent_journal(snapshot)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest memory counts from here on
    memory = {"records_mb": status_mb("VmRSS")}
    with clock.inside(settle_module, SETTLE_STAGES), paused():
        result = settle(inputs, AS_OF, LAST_AS_OF, recorded)
    with clock.stage("statuses and reminders"), paused():
        care = account_care(snapshot, result, [journal], AS_OF)
    span = StatementSpan(period=Period(2026, 11), opened_on=LAST_AS_OF + timedelta(days=1), as_of=AS_OF)
    with clock.stage("statements"), paused():
        statements = build_statements(result, snapshot, span)
    with clock.stage("messages"), paused():
        states = USAGE_REPORT_STATES.of([])
        messages = plan_messages(snapshot, statements, states, span, notice_state(snapshot, span, result, care))
    assert len(result.open_items) == accounts_count * PER_ACCOUNT, len(result.open_items)  # noqa: S101 - or it measures nothing
    assert sum(message.kind == "payment_reminder" for message in messages) > accounts_count / 2  # noqa: S101 - as above
    return {**clock.seconds, **memory, "peak_mb": status_mb("VmHWM")}


class Stages:
    """CPU seconds by stage; what is inside a stage counts there and nowhere else."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started, before = time.process_time(), sum(self.seconds.values())
        yield
        inside = sum(self.seconds.values()) - before
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - started - inside

    @contextmanager
    def inside(self, module: ModuleType, stages: Mapping[str, str]) -> Iterator[None]:
        """Time functions that a module calls, by their stages; the rest of it is what holds them together."""
        called = {function: getattr(module, function) for function in stages}
        for name in dict.fromkeys(stages.values()):
            self.seconds[name] = 0.0
        for function, original in called.items():
            setattr(module, function, self._timed(original, stages[function]))
        with self.stage("the rest of it"):
            yield
        for function, original in called.items():
            setattr(module, function, original)

    def _timed(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            with self.stage(name):
                return function(*arguments)

        return timed


def notice_state(snapshot: Snapshot, span: StatementSpan, receivables: Receivables, care: Care) -> NoticeState:
    """Return from what notices are planned."""
    return NoticeState(
        snapshot=snapshot,
        span=span,
        receivables=receivables,
        usage_report_states=USAGE_REPORT_STATES.of([]),
        discrepancies=DISCREPANCIES.of([]),
        subjects=care.subjects,
        standings=care.standings,
        rules=care.rules,
        reminders=care.reminders,
        sent=care.sent,
    )


def records(accounts_count: int, random: Random) -> Snapshot:
    """Return accounts with twenty invoices of as many months each; every tenth account disputes one."""
    names = [f"CUST-{number:06d}" for number in range(accounts_count)]
    documents = [document(name, number, random) for name in names for number in range(PER_ACCOUNT)]
    return Snapshot(
        settings=settings(),
        customers={name: customer(name) for name in names},
        agreements={name: agreement(name) for name in names},
        documents=tuple(sorted(documents, key=lambda document: document.source)),
        cases=tuple(
            dispute(name, documents[index * PER_ACCOUNT]) for index, name in enumerate(names) if not index % 10
        ),
        price_lists={},
        usage_reports=(),
        allocations=(),
        incidents=(),
        announcements=(),
        exchange_rates={},
    )


def settings() -> Settings:
    hours = Hours(timezone="Europe/Amsterdam", weekly={"monday": ("09:00-17:00",)})
    return Settings(
        source="prisma.yaml",
        issuer=Issuer(legal_name="Prisma Billing B.V.", finance_email="finance@prisma.example"),
        contact_point=ContactPoint(email="billing@prisma.example", phone="+31201234567", hours=hours),
        programs={"cloud": Program(name="Cloud", source="metered")},
        partners={},
        first_period=Period(2025, 1),
        policies=Policies(
            closing_day=15,
            dunning=Dunning(
                levels=tuple(DunningLevel(after_days=days) for days in (7, 21, 45)),
                grace_days=3,
                minimum_interval_days=7,
                minimum_amount={"EUR": Decimal(10)},
            ),
            suspension=Suspension(after_days=90, after_level=2, warning_days=(14, 3)),
        ),
    )


def customer(name: str) -> Customer:
    person = Contact(first_name="Ina", last_name="Hill", email=f"ina@{name.lower()}.example")
    contacts = dict.fromkeys(CONTACT_TYPES, (person,))
    return Customer(
        source=f"contacts/{name}.yaml", account=name, name=f"{name} Ltd", partner="north", contacts=contacts
    )


def agreement(name: str) -> Agreement:
    starts_on = date(2025, 1, 1)
    return Agreement(
        source=f"agreements/{name}.yaml",
        account=name,
        bill_to=BillTo(legal_name=f"{name} Ltd", address=("Street 1",), country="NL"),
        active_from=starts_on,
        currency="EUR",
        payment_terms=(PaymentTerms(starts_on=starts_on, net_days=30),),
        tax=(TaxTreatment(starts_on=starts_on, code="reverse_charge", rate=Decimal(0)),),
    )


def document(account: str, number: int, random: Random) -> Document:
    """Return an invoice of one of twenty months up to the last."""
    issued_on = Period(2025, 4).plus(number).day(5)
    amount = Decimal(random.randint(10_000, 500_000)).scaleb(-2)
    name = f"INV-{issued_on:%Y%m}-{account[5:]}"
    return Document(
        source=f"invoices/{account}/{name}.yaml",
        number=name,
        kind="invoice",
        account=account,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=30),
        currency="EUR",
        lines=(Line(line=1, description="Seats", amount=amount, tax="reverse_charge", program="cloud", sku="SEAT"),),
        taxes=(TaxGroup(code="reverse_charge", rate=Decimal(0), base=amount, amount=Decimal(0)),),
        net=amount,
        total=amount,
    )


def dispute(account: str, invoice: Document) -> Case:
    return Case(
        source=f"cases/{account}/CASE-{account}.yaml",
        id=f"CASE-{account}",
        account=account,
        kind="invoice_discrepancy",
        opened_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        channel="email",
        subject="Too much",
        status="open",
        disputes=(Dispute(invoice=invoice.number, amount=Decimal(50)),),
    )


def receivables_input(snapshot: Snapshot, random: Random) -> ReceivablesInput:
    """Return the tables; a part of every fifth document was paid, half of that since the last run."""
    rows = []
    for index, own in enumerate(snapshot.documents[::5]):
        on = LAST_AS_OF + timedelta(days=random.choice((-20, 10)))
        payer = ("", f"NL{own.account[5:]:0>16}", "", "", own.number)
        money = ("NL60PRSM0800100200", "S-1", on, on, own.debt_minor // 3, "EUR")
        rows.append((f"P{index:07d}", 0, *money, *payer, "", False, "payments/2026-11/bank.csv", "2"))
    entries = BANK_ENTRIES.of(rows)
    entries = entries.assign(payment=entries["bank_reference"]).sort_values(["booking_date", "payment"])
    by_number = {own.number: own for own in snapshot.documents}
    return replace(
        no_cases(document_table(snapshot.documents, snapshot.agreements), entries.reset_index(drop=True)),
        disputes=disputes(snapshot.cases, by_number, AS_OF),
        assistance=Assistance(holds=holds(snapshot.cases, AS_OF), grace_days=3),
    )


def recorded_state(inputs: ReceivablesInput, snapshot: Snapshot) -> RecordedState:
    """Return what the last run published."""
    result = settle(inputs, LAST_AS_OF, LAST_AS_OF - timedelta(days=30), None)
    return RecordedState(
        as_of=LAST_AS_OF,
        document_sources=frozenset(own.source for own in snapshot.documents if own.issued_on <= LAST_AS_OF),
        payments=result.payments,
        allocations=result.allocations,
        adjustments=result.adjustments,
    )


def sent_journal(snapshot: Snapshot) -> Journal:
    """Return the journal of a first reminder of everything that was overdue at the last run."""
    overdue: dict[str, list[str]] = defaultdict(list)
    for own in snapshot.documents:
        if own.due_on + timedelta(days=7) <= LAST_AS_OF:
            overdue[own.account].append(f"{file_stem(own.number)}=1")
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    rows = tuple(
        JournalRow(
            key=f"payment_reminder.{name}.1.{about[0][:-2]}", revision=1, state="sent", at=at, about=tuple(about)
        )
        for name, about in overdue.items()
    )
    return Journal(path="reports/sent/2026-10.jsonl", rows=rows, bytes_read=0, sha256="")


def status_mb(name: str) -> float:
    """Return what Linux says of this process's memory now (``VmRSS``) or at its highest (``VmHWM``)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    main()
