"""A year of generated accounts: late, partial and missing payments, disputes, plans kept and broken, runs left out."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest

from prisma_batch.receivables.debts import debts_by_account
from prisma_batch.receivables.dunning import reminders, sent_reminders
from prisma_batch.receivables.invariants import check_chain
from prisma_batch.receivables.standing import StandingRules, Subject, standing
from prisma_batch.records.journal import JournalRow, last_states
from prisma_batch.records.policies import Dunning, DunningLevel, Suspension
from tests.receivables.tables import Row, Tree, document, entry, recorded_by, settled

LEVELS = tuple(DunningLevel(after_days=days) for days in (7, 21, 45))
LADDER = Dunning(levels=LEVELS, minimum_interval_days=7)
RULES = StandingRules(grace_days=5, suspension=Suspension(after_days=90, after_level=2, warning_days=(14,)))
FIRST = date(2026, 1, 15)
RUNS = [date(2026 + month // 12, month % 12 + 1, 15) for month in range(1, 13)]


def account(number: int, chance: random.Random) -> dict[str, list[Row]]:
    """Twelve invoices of an account and what becomes of each, by the habit of its payer."""
    rows: dict[str, list[Row]] = defaultdict(list)
    name, habit = f"A-{number:03d}", number % 5
    for month in range(12):
        issued_on = date(2026, month + 1, 5)
        due_on = issued_on + timedelta(days=14)
        invoice, minor = f"{name}-{month:02d}", chance.randint(1_000, 90_000)
        rows["documents"].append(document(invoice, minor, str(issued_on), str(due_on), account=name))
        late = chance.randint(-5, 80) if habit else -1
        paid = minor // 2 if habit == 2 else minor
        if habit != 3 or month % 3:
            on = str(due_on + timedelta(days=late))
            rows["entries"].append(entry(f"P-{invoice}", paid, invoice, on, iban=f"NL{number:016d}"))
        if habit == 4 and month == 2:
            granted = due_on + timedelta(days=20)
            rows["plans"].append((f"CASE-{name}#0", f"CASE-{name}", invoice, granted))
            rows["installments"] += [(f"CASE-{name}#0", 1, granted + timedelta(days=30), minor)]
        if habit == 1 and month == 5:
            rows["disputes"].append((invoice, minor // 3, f"CASE-{name}"))
    return rows


def generated(accounts: int, seed: int) -> Tree:
    chance = random.Random(seed)  # noqa: S311 - no secret
    records = Tree(grace_days=5)
    for number in range(accounts):
        records = records.plus(**account(number, chance))
    return records


@pytest.mark.parametrize("left_out", [set(), {3, 4, 8}], ids=["every month", "months left out"])
def test_a_year_of_reminders(left_out: set[int]) -> None:
    records, journal = generated(40, 7), list[JournalRow]()
    recorded, closing = None, None
    told: dict[str, list[int]] = defaultdict(list)
    statuses = set()
    last_on = FIRST
    for month, as_of in enumerate(RUNS):
        if month in left_out:
            continue
        result = settled(records, as_of, last_on, recorded)
        if closing is not None:
            check_chain(closing, result.balances)
        closing, recorded, last_on = result.aging, recorded_by(records, result, as_of), as_of
        owed = debts_by_account(result, records.tables().assistance.holds, ())
        sent = sent_reminders(last_states(journal, as_of).values(), {})
        for reminder in reminders(owed.values(), LADDER, sent, as_of):
            assert bool(reminder.claims) != bool(reminder.skipped_because)
            if reminder.claims:
                told[reminder.key].append(month)
                at = datetime.fromisoformat(f"{as_of}T18:00:00+00:00")
                journal.append(JournalRow(key=reminder.key, revision=1, state="sent", at=at, about=reminder.about))
        statuses |= {standing(Subject(owed=own, level=2), RULES, as_of).status for own in owed.values()}
    assert told
    assert max(map(len, told.values())) == 1, "a notice twice"
    _levels_rise_by_one(journal)
    assert {"good", "on_plan", "overdue", "suspension_risk"} <= statuses


def _levels_rise_by_one(journal: list[JournalRow]) -> None:
    levels: dict[str, int] = defaultdict(int)
    for row in journal:
        for about in row.about:
            document_name, _, level = about.rpartition("=")
            assert int(level) in {levels[document_name], levels[document_name] + 1}, "a level was skipped"
            levels[document_name] = int(level)
    assert set(levels.values()) == {1, 2, 3}
