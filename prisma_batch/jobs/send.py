"""Sends an outbox, each message at most once: what becomes of it is in the journal before it happens."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.jobs.outbox import OutboxMail, outbox_mails
from prisma_batch.jobs.sending import Clock, Fate, Sending, SendOptions, fate_of, was_cut_short
from prisma_batch.jobs.sent_journals import LocalJournal, States, known_states, opened_journal
from prisma_batch.jobs.still_due import PlannedMail, not_due_any_more, quiet_on
from prisma_batch.records.journal import JournalRow, is_free
from prisma_batch.writers.publish import locked

__all__ = ["Clock", "Fate", "SendOptions", "send"]


def send(root: Path, name: str, options: SendOptions, clock: Clock, tell: Callable[[Fate], None]) -> Counter[str]:
    """Send the outbox of a period or of a day's notices.

    Args:
        name: the period or the day.
        tell: is told what becomes of each message, as soon as it is known.
    Returns:
        How many messages have which fate.
    Raises:
        UsageProblem: nothing was published under that name, or the server or the remote cannot be used.
        InvariantBroken: the outbox is not what its manifest says.
    """
    counts: Counter[str] = Counter()

    def told(fate: Fate) -> None:
        counts[fate.state] += 1
        tell(fate)

    with outbox_mails(root, name) as planned, locked(root / "reports"):
        if options.server is None:
            for fate in _fates(root, planned, known_states(root), options, clock).values():
                told(fate)
        else:
            with closing(opened_journal(root, name, options.remote, clock.pause)) as journal:
                _confirmed(root, planned, journal, options, clock, told)
    return counts


def _confirmed(
    root: Path,
    planned: Sequence[OutboxMail],
    journal: LocalJournal,
    options: SendOptions,
    clock: Clock,
    tell: Callable[[Fate], None],
) -> None:
    states = journal.states()
    sending = Sending(journal, options, clock)
    sending.give_up(row for row in states.values() if was_cut_short(row, clock.now()))
    fates = _fates(root, planned, states, options, clock)
    for fate in fates.values():
        if fate.state != "to send":
            tell(fate)
    mails = _wanted(planned, states, options)
    sending.send_each([mail for mail in mails if fates[mail.key].state == "to send"], tell)


def _wanted(planned: Sequence[OutboxMail], states: States, options: SendOptions) -> Sequence[OutboxMail]:
    return _again(planned, _by_key(planned, states), options.resend) if options.resend else planned


def _fates(
    root: Path, planned: Sequence[OutboxMail], states: States, options: SendOptions, clock: Clock
) -> Mapping[str, Fate]:
    """Return what is to become of each message, by key."""
    known = {} if options.resend else _by_key(planned, states)
    mails = _wanted(planned, states, options)
    fates = {mail.key: fate_of(mail, known.get(mail.key), clock.now()) for mail in mails}
    due = [mail for mail in mails if fates[mail.key].state == "to send"]
    return fates | _not_due(root, due, options, clock)


def _by_key(mails: Sequence[OutboxMail], states: States) -> Mapping[str, JournalRow]:
    """Return the last row of each message's highest revision, where that is not older than the planned one."""
    planned = {mail.key: mail.revision for mail in mails}
    rows = sorted(states.values(), key=lambda row: row.revision)
    return {row.key: row for row in rows if row.key in planned and row.revision >= planned[row.key]}


def _again(
    mails: Sequence[OutboxMail], known: Mapping[str, JournalRow], keys: frozenset[str]
) -> tuple[OutboxMail, ...]:
    """Return the messages that a person wants to be sent: a new revision of those that were sent, or may have been."""
    absent = keys - {mail.key for mail in mails}
    if absent:
        raise UsageProblem(f"the outbox has no message {min(absent)}")
    begun = {key: row.revision for key, row in known.items() if not is_free(row)}
    chosen = (mail for mail in mails if mail.key in keys)
    return tuple(mail.again(begun[mail.key] + 1) if mail.key in begun else mail for mail in chosen)


def _not_due(root: Path, mails: Sequence[OutboxMail], options: SendOptions, clock: Clock) -> dict[str, Fate]:
    """Return what is not sent now: all on a holiday, and reminders and warnings of what was settled or held since."""
    planned = [PlannedMail(mail.key, mail.about, mail.act_by) for mail in mails if mail.key not in options.resend]
    quiet = quiet_on(root, clock.now()) if planned else ""
    if quiet:
        return {mail.key: Fate(key=mail.key, state="waiting", why=quiet) for mail in planned}
    found = not_due_any_more(root, planned, clock.now().date())
    return {key: Fate(key=key, state="skipped", why=why) for key, why in found.items()}
