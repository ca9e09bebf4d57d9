"""Put down in the journals which mails came back, as mail servers report."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

from prisma_batch.checks.reach import on_the_wire
from prisma_batch.jobs.sending import Clock, Fate
from prisma_batch.jobs.sent_journals import LocalJournal, States, known_states, opened_journal
from prisma_batch.readers.delivery_reports import DeliveryReport, RecipientReport, read_delivery_reports
from prisma_batch.readers.journal import read_journals
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.records.journal import CAME_BACK, JournalRow, may_have_arrived
from prisma_batch.writers.publish import locked

_DELIVERED = ("delivered", "relayed", "expanded")


def mark_bounces(
    root: Path, folder: Path, journal_name: str, remote: str | None, clock: Clock, tell: Callable[[Fate], None]
) -> Counter[str]:
    """Mark recipients to whom messages did not get; what reached nobody has failed, so that no level builds on it.

    Args:
        folder: the reports, each a file; they stay where they are, and may be given again.
        remote: that of git which senders share, "" for none, or None for a dry run, which writes nothing.
        tell: is told of every report. States: bounced, noted (it was known), delayed, delivered, and unclear.
    Returns:
        How many recipients or files have which state.
    Raises:
        NotAWorkspace: there is no prisma.yaml.
        UsageProblem: the folder, or the remote, cannot be used.
    """
    require_workspace(root)
    counts: Counter[str] = Counter()
    with locked(root / "reports"):
        if remote is None:
            for fate, _ in _marked(folder, known_states(root)):
                counts[fate.state] += 1
                tell(fate)
            return counts
        with closing(opened_journal(root, journal_name, remote, clock.pause)) as journal:
            paths = _paths(root)
            for fate, row in _marked(folder, dict(journal.states())):
                if row:
                    _put_down(journal, paths[row.key, row.revision], row, clock)
                counts[fate.state] += 1
                tell(fate)
    return counts


def _put_down(journal: LocalJournal, path: str, row: JournalRow, clock: Clock) -> None:
    journal.append_to(path, replace(row, at=max(journal.latest, clock.now())))


def _paths(root: Path) -> Mapping[tuple[str, int], str]:
    journals = read_journals(root, date.max)
    return {(row.key, row.revision): journal.path for journal in journals for row in journal.rows}


def _marked(folder: Path, states: States) -> Iterator[tuple[Fate, JournalRow | None]]:
    """Yield what every report says, and the row that follows from it where it says anything new."""
    rows = {row.message_id: row for row in states.values() if may_have_arrived(row) or row.state == "failed"}
    for name, report in read_delivery_reports(folder):
        if isinstance(report, str):
            yield Fate(key=name, state="unclear", why=report), None
            continue
        identifier = next((own for own in report.message_ids if own in rows), None)
        if identifier is None:
            yield Fate(key=name, state="unclear", why="it is about none of the messages in reports/sent/"), None
            continue
        for recipient in report.recipients:
            fate, row = _judged(rows[identifier], report, recipient)
            rows[identifier] = row or rows[identifier]
            yield fate, row


def _judged(row: JournalRow, report: DeliveryReport, recipient: RecipientReport) -> tuple[Fate, JournalRow | None]:
    said = f"{recipient.addresses[-1]}: {recipient.status} {recipient.said}".strip()
    if recipient.action in _DELIVERED:
        return Fate(key=row.key, state="delivered", why=said), None
    if recipient.action != "failed":
        state = "delayed" if recipient.action == "delayed" else "unclear"
        return Fate(key=row.key, state=state, why=said), None
    address = _recipient_of(row, report, recipient)
    if address:
        return Fate(key=row.key, state="bounced", why=said), _without(row, address, recipient)
    known = {refusal.partition(": ")[0].casefold() for refusal in row.refused}
    is_known = any(_plain(own) in known for own in recipient.addresses) or row.state == "failed"
    why = said if is_known else f"{said} (the message was not sent to this address)"
    return Fate(key=row.key, state="noted" if is_known else "unclear", why=why), None


def _recipient_of(row: JournalRow, report: DeliveryReport, recipient: RecipientReport) -> str:
    """Return the recipient that a report means, as the journal has it, or nothing.

    A mail may be passed on to an address that nobody here knows: where one recipient was told, it is that one.
    """
    reported = [_plain(own) for own in recipient.addresses]
    known = {refusal.partition(": ")[0].casefold() for refusal in row.refused}
    found = [own for own in row.recipients if own.casefold() in reported]
    if not found and len(row.recipients) == len(report.recipients) == 1 and not known:
        found = list(row.recipients)
    return found[0] if found else ""


def _without(row: JournalRow, address: str, recipient: RecipientReport) -> JournalRow:
    left = tuple(own for own in row.recipients if own != address)
    refusal = f"{address}: {CAME_BACK}{recipient.status} {recipient.said}".strip()
    return replace(
        row, state=row.state if left else "failed", recipients=left, refused=(*row.refused, refusal), runner=""
    )


def _plain(address: str) -> str:
    return on_the_wire(address).casefold()
