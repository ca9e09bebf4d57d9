"""A year of generated accounts, run month by month on files: balances, notices and holds against our own arithmetic.

``--year-accounts`` says how many, ``--year-replay`` replays every month; CONTRIBUTING.md says what both cost.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from prisma_batch.base.periods import Period
from prisma_batch.jobs.export import export
from prisma_batch.jobs.notify import notify
from prisma_batch.jobs.run import RunOptions, run
from prisma_batch.jobs.send import Clock, Fate, SendOptions, send
from prisma_batch.readers.journal import read_journals
from prisma_batch.records.journal import JournalRow
from prisma_batch.views.amounts import Money
from prisma_batch.views.journal import Balance, Journal, JournalEntry
from prisma_batch.writers.journals import journal_bytes
from prisma_batch.writers.smtp import SmtpServer
from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import contents, rows
from tests.jobs.year_habits import year_of
from tests.jobs.year_records import FIRST_PERIOD, MONTHS, START, Item, Year
from tests.writers.test_journals import HLEDGER, beancount_balances, hledger_balances, needs_hledger

MISSED = (4, 8)  # months that nobody ran
NOTIFIED = (4, 10)  # months after which somebody plans notices; of a missed month on its as-of day
REPLAYED = (1, 9, 13)  # unless --year-replay asks for all: an early one, one after a missed one, the last
EXPORTED = (13,)
LEVELS = (7, 21, 45)  # days of tests.jobs.year_records.SETTINGS
GRACE_DAYS = 3
WORST_FIRST = ("suspended", "suspension_risk", "plan_broken", "overdue", "on_plan", "disputed", "good")

Balances = dict[tuple[str, str], Decimal]


@dataclass(kw_only=True)
class Simulation:
    """A workspace in which a year passes; ``closings`` are the balances that the last run ended with."""

    root: Path
    year: Year
    server: str
    closings: Balances
    today: date = START - timedelta(days=1)
    merged: set[str] = field(default_factory=set)

    def wait_until(self, day: date) -> None:
        """Let records appear up to a day."""
        self.year.put(self.root, self.today, day)
        self.today = day

    def run(self, period: Period) -> Path:
        run(self.root, period, RunOptions(), lambda _: None)
        return self.root / "reports" / str(period)

    def send(self, name: str, on: date) -> None:
        """Send what was planned under a name at nine on a day."""
        fates: list[Fate] = []
        clock = Clock(now=lambda: datetime(on.year, on.month, on.day, 9, tzinfo=UTC), pause=lambda _: None)
        server = SmtpServer.parse(self.server, "", "")
        send(self.root, name, SendOptions(server=server), clock, fates.append)
        assert {fate.state for fate in fates} <= {"sent", "skipped", "done"}, fates

    def merge_proposals(self, folder: Path) -> None:
        """Issue what a run proposed: credits for incidents and late fees, each once."""
        for path in sorted((folder / "proposals").rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            record = yaml.safe_load(text)
            if path.name not in self.merged and (record["kind"] == "fee" or "INC-" in record.get("reason", "")):
                self.merged.add(path.name)
                self._issue(path.name, text, record)

    def _issue(self, name: str, text: str, record: dict[str, str]) -> None:
        account, sign = record["account"], -1 if record["kind"] == "credit_note" else 1
        target = self.root / "invoices" / account / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        minor = sign * int(Decimal(record["total"]).scaleb(0 if record["currency"] == "JPY" else 2))
        on = date.fromisoformat(str(record["issued_on"]))
        self.year.items.append(
            Item(name=name, account=account, currency=record["currency"], minor=minor, on=on, known_on=self.today)
        )

    def journal(self) -> Iterator[JournalRow]:
        """Yield every row of a message that was sent, in the order of time."""
        found = [row for journal in read_journals(self.root, date.max) for row in journal.rows if row.state == "sent"]
        yield from sorted(found, key=lambda row: row.at)


def as_of(period: Period) -> date:
    return period.plus(1).day(15)


def published_months(simulation: Simulation) -> list[Path]:
    folders = sorted(path.parent for path in (simulation.root / "reports").glob("20*/manifest.json"))
    assert len(folders) == MONTHS - len(MISSED)
    return folders


def balances(folder: Path) -> Balances:
    found = {(row["account"], row["currency"]): Decimal(row["balance"]) for row in rows(folder / "aging.csv")}
    return {key: balance for key, balance in found.items() if balance}


def stated(folder: Path, section: str) -> Balances:
    """The opening or closing balances on the statements of a month."""
    found = [row for file in sorted((folder / "statements").glob("*.csv")) for row in rows(file)]
    amounts = {(row["account"], row["currency"]): row["balance"] for row in found if row["section"] == section}
    return {key: Decimal(amount) for key, amount in amounts.items() if Decimal(amount)}


def check_money(simulation: Simulation, folder: Path, on: date) -> None:
    """What the run says is owed is what was written, and it begins where the last run ended."""
    assert balances(folder) == simulation.year.balances(on, simulation.today)
    assert stated(folder, "opening") == simulation.closings
    simulation.closings = stated(folder, "closing")
    assert simulation.closings == balances(folder)
    for row in rows(folder / "aging.csv"):
        parts = ("not_due", "1_30", "31_60", "61_90", "91_120", "over_120", "unapplied")
        assert sum(Decimal(row[part]) for part in parts) == Decimal(row["balance"])


def check_notices(simulation: Simulation, folder: Path) -> None:
    """Each debt that reached a level is reminded of, or the outbox or the debt itself says why it is not."""
    told: dict[str, int] = defaultdict(int)
    for row in simulation.journal():
        if row.kind == "payment_reminder":
            for document, _, level in (about.rpartition("=") for about in row.about):
                told[document] = max(told[document], int(level))
    planned = {row["account"]: row for row in rows(folder / "outbox.csv") if row["kind"] == "payment_reminder"}
    for account, due in _due(folder, told).items():
        assert account in planned, (account, due)
        assert bool(planned[account]["skipped_because"]) != bool(planned[account]["sha256"])
    for item in rows(folder / "open_items.csv"):
        for reason in filter(None, item["hold"].split("; ")):
            case = next(word for word in reason.split() if word.startswith("CASE-"))
            assert (simulation.root / "cases" / item["account"] / f"{case}.yaml").is_file(), item


def _due(folder: Path, told: dict[str, int]) -> dict[str, list[str]]:
    due: dict[str, list[str]] = defaultdict(list)
    for item in rows(folder / "open_items.csv"):
        days = int(item["days_overdue"])
        reached = sum(level <= days for level in LEVELS) if days > GRACE_DAYS else 0
        if reached > told[item["document"]] and Decimal(item["open_amount"]) > 0 and not item["installment"]:
            due[item["account"]].append(item["document"])
    return due


def check_statuses(folder: Path) -> None:
    """The worst of what the open items say is the status, where no suspension is near."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in rows(folder / "open_items.csv"):
        disputed = Decimal(item["disputed_amount"])
        if disputed:
            found[item["account"]].add("disputed")
        if item["installment"]:
            found[item["account"]].add("on_plan")
        elif int(item["days_overdue"]) and Decimal(item["open_amount"]) > disputed:
            found[item["account"]].add("overdue")
    for row in rows(folder / "account_status.csv"):
        least = min(found[row["account"]] | {"good"}, key=WORST_FIRST.index)
        if row["status"] in ("suspension_risk", "plan_broken"):
            assert least == "overdue", row
        else:
            assert row["status"] == least, row
        assert bool(row["reasons"]) == (row["status"] != "good")


def check_replay(simulation: Simulation, period: Period) -> None:
    """Without its report a month is run again to the same bytes."""
    folder = simulation.root / "reports" / str(period)
    before = contents(folder)
    shutil.rmtree(folder)
    simulation.run(period)
    assert contents(folder) == before


def check_export(simulation: Simulation, period: Period) -> None:
    """Beancount and hledger add the exported month up to what the run published."""
    for journal_format, balances_by in (("beancount", beancount_balances), ("hledger", hledger_balances)):
        if journal_format == "beancount" or HLEDGER:
            content = export(simulation.root, period, None, journal_format, lambda _: None)
            assert balances_by(content) == simulation.closings


@pytest.fixture(scope="module")
def passed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Simulation, Postbox]]:
    """The year when it is over, each month checked as it was run."""
    accounts, postbox = request.config.getoption("--year-accounts"), Postbox(keeps=False)
    replayed = range(MONTHS) if request.config.getoption("--year-replay") else REPLAYED
    with serving(postbox) as server:
        root = tmp_path_factory.mktemp("year")
        year = year_of(accounts, seed=2027)
        adopted = year.balances(as_of(FIRST_PERIOD.plus(-1)), START)
        simulation = Simulation(root=root, year=year, server=server, closings=adopted)
        for month in range(MONTHS):
            pass_month(simulation, month, is_replayed=month in replayed)
        yield simulation, postbox


def pass_month(simulation: Simulation, month: int, *, is_replayed: bool) -> None:
    """Run a month, or miss it; send its mails the day after, and plan notices two weeks later."""
    period = FIRST_PERIOD.plus(month)
    on = as_of(period)
    simulation.wait_until(on)
    if month not in MISSED:
        folder = simulation.run(period)
        check_money(simulation, folder, on)
        check_notices(simulation, folder)
        check_statuses(folder)
        if is_replayed:
            check_replay(simulation, period)
        if month in EXPORTED:
            check_export(simulation, period)
        simulation.wait_until(on + timedelta(days=1))
        simulation.merge_proposals(folder)
        simulation.send(str(period), simulation.today)
    if month in NOTIFIED:
        simulation.wait_until(on + timedelta(days=0 if month in MISSED else 14))
        if notify(simulation.root, simulation.today, lambda _: None).messages:
            simulation.send(str(simulation.today), simulation.today)


def test_no_notice_comes_twice_and_no_level_is_skipped(passed: tuple[Simulation, Postbox]) -> None:
    simulation, postbox = passed
    sent = list(simulation.journal())
    assert len(postbox.taken) == len(sent)
    assert len({(row.key, row.revision) for row in sent}) == len(sent)
    assert len({(row.key, row.substance) for row in sent}) == len(sent), "told again, and nothing in it changed"
    levels: dict[str, int] = defaultdict(int)
    for row in sent:
        for document, _, level in (about.rpartition("=") for about in row.about if row.kind == "payment_reminder"):
            # An adopted debt goes on from the level that it came with.
            levels.setdefault(document, int(document.startswith("OLD-")))
            assert int(level) in {levels[document], levels[document] + 1}, row
            levels[document] = int(level)
    assert {1, 2, 3} <= set(levels.values())


def test_every_situation_occurred(passed: tuple[Simulation, Postbox]) -> None:
    """A year in which nothing happens proves nothing."""
    simulation, _ = passed
    folders = published_months(simulation)
    statuses = {row["status"] for folder in folders for row in rows(folder / "account_status.csv")}
    assert statuses == {*WORST_FIRST} - {"suspended"}
    kinds = {row.kind for row in simulation.journal()}
    assert {"payment_reminder", "suspension_warning", "payment_plan_confirmed", "service_credit"} <= kinds
    holds = {
        word.split()[0]
        for folder in folders
        for row in rows(folder / "open_items.csv")
        for word in [row["hold"]]
        if word
    }
    assert {"dispute", "plan", "promise", "until", "case"} <= holds
    methods = {row["method"] for folder in folders for row in rows(folder / "allocations.csv")}
    assert {"manual", "refund", "returned"} <= methods
    assert {row["kind"] for folder in folders for row in rows(folder / "adjustments.csv")} >= {"write_off"}


def year_journal(simulation: Simulation) -> Journal:
    """All movements of the year, as the statements of its runs list them, between its first and last balances."""
    folders = published_months(simulation)
    openings = stated(folders[0], "opening").items()
    first_on = as_of(FIRST_PERIOD.plus(-1))
    return Journal(
        opened_on=first_on + timedelta(days=1),
        as_of=as_of(FIRST_PERIOD.plus(MONTHS - 1)),
        openings=tuple(_entry(first_on, key, "opening", "", amount) for key, amount in openings),
        entries=tuple(entry for folder in folders for entry in _movements(folder)),
        closings=tuple(
            Balance(account=account, money=Money.of(amount, currency))
            for (account, currency), amount in sorted(simulation.closings.items())
        ),
    )


def _movements(folder: Path) -> Iterator[JournalEntry]:
    for file in sorted((folder / "statements").glob("*.csv")):
        for row in rows(file):
            if row["section"] == "movement":
                key = (row["account"], row["currency"])
                on = date.fromisoformat(row["date"])
                yield _entry(on, key, row["kind"], row["reference"], Decimal(row["amount"]))


def _entry(on: date, key: tuple[str, str], kind: str, reference: str, amount: Decimal) -> JournalEntry:
    money = Money.of(amount, key[1])
    return JournalEntry(
        on=on, account=key[0], kind=kind, reference=reference, money=money, other_side=("Equity", "Rest")
    )


def test_beancount_adds_the_year_up(passed: tuple[Simulation, Postbox]) -> None:
    simulation, _ = passed
    assert beancount_balances(journal_bytes(year_journal(simulation), "beancount")) == simulation.closings


@needs_hledger
def test_hledger_adds_the_year_up(passed: tuple[Simulation, Postbox]) -> None:
    simulation, _ = passed
    assert hledger_balances(journal_bytes(year_journal(simulation), "hledger")) == simulation.closings


def test_months_run_again_are_those_run_afresh(passed: tuple[Simulation, Postbox], tmp_path: Path) -> None:
    """From a month on, by everything that is known at the end: reopened, and where its reports were deleted."""
    simulation, _ = passed
    last = [FIRST_PERIOD.plus(month) for month in (MONTHS - 2, MONTHS - 1)]
    reopened, afresh = (shutil.copytree(simulation.root, tmp_path / name) for name in ("reopened", "afresh"))
    run(reopened, last[0], RunOptions(reopen=True, tables_only=True), lambda _: None)
    for period in last:
        shutil.rmtree(afresh / "reports" / str(period))
    for period in last:
        run(afresh, period, RunOptions(reopen=True, tables_only=True), lambda _: None)
    assert contents(reopened / "reports") == contents(afresh / "reports")
