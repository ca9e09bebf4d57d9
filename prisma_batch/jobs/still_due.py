"""Whether a planned reminder or warning still holds when it is about to be sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from prisma_batch.base.identifiers import file_stem
from prisma_batch.cases.hours import BusinessHours
from prisma_batch.jobs.between_runs import owed_on
from prisma_batch.jobs.care import Care
from prisma_batch.readers import workspace
from prisma_batch.readers.files import read_record
from prisma_batch.readers.places import SETTINGS_FILE
from prisma_batch.receivables.debts import AccountDebts
from prisma_batch.receivables.dunning import sent_reminders, why_not_claimed

_KINDS = ("payment_reminder", "suspension_warning")


class PlannedMail(NamedTuple):
    """A message by its key, and what it claims, as its mail says: documents with their levels, and until when."""

    key: str
    about: tuple[str, ...]
    act_by: date | None = None


def quiet_on(root: Path, moment: datetime) -> str:
    """Return why nobody is written to at a moment: it is a holiday where the contact point is."""
    settings, _ = workspace.read_record(read_record(root, SETTINGS_FILE), SETTINGS_FILE, "settings")
    if settings is None:
        return ""
    hours = BusinessHours.of(settings.contact_point.hours)
    day = moment.astimezone(hours.zone).date()
    return f"{day} is a holiday: send again on the next day" if hours.is_closed_on(day) else ""


def not_due_any_more(root: Path, mails: Sequence[PlannedMail], on: date) -> Mapping[str, str]:
    """Return why reminders and warnings are not to be sent on a day: what they claim is settled, disputed or held.

    A reminder of which one document is so is not sent either: its sum is wrong, and ``notify`` plans it anew. Nor is
    one that asks for money by a day that has passed: nobody can do that any more.

    Raises:
        UsageProblem, RecordsNotRight, InvariantBroken: as for a run; only where there is a reminder or warning at all.
    """
    claiming = [mail for mail in mails if mail.key.startswith(_KINDS)]
    if not claiming:
        return {}
    owed = owed_on(root, on, lambda _told: None)
    adopted = {document.number: document.dunning_level for document in owed.snapshot.documents}
    levels = sent_reminders(owed.care.sent, adopted).levels
    reasons = ((mail.key, "; ".join((*_reasons(owed.care, mail, on), *_of_levels(mail, levels)))) for mail in claiming)
    return {key: reason for key, reason in reasons if reason}


def _reasons(care: Care, mail: PlannedMail, on: date) -> Iterator[str]:
    kind, account = mail.key.split(".")[:2]
    if mail.act_by and mail.act_by < on:
        yield f"it asks to pay by {mail.act_by}, which has passed"
    if kind == "suspension_warning":
        status = next((own.status for own in care.standings if own.account == account), "good")
        if status != "suspension_risk":
            yield f"the account is {status} now"
        return
    owed = next((subject.owed for subject in care.subjects if subject.owed.account == account), None)
    for about in mail.about:
        yield from _of_document(owed or AccountDebts(account=account), about.rpartition("=")[0], on)


def _of_levels(mail: PlannedMail, levels: Mapping[str, int]) -> Iterator[str]:
    """Yield the documents of a reminder whose level before was sent when it was planned, and came back since."""
    for stem, _, level in (about.rpartition("=") for about in mail.about if mail.key.startswith("payment_reminder")):
        if int(level) > levels.get(stem, 0) + 1:
            yield f"{stem}: its reminder of level {int(level) - 1} came back"


def _of_document(owed: AccountDebts, stem: str, on: date) -> Iterator[str]:
    debts = [debt for debt in owed.debts if file_stem(debt.document) == stem]
    if not debts:
        yield f"{stem} is settled"
    for reason in dict.fromkeys(why_not_claimed(owed, debt, on) for debt in debts):
        if reason:
            yield f"{stem}: {reason}"
