"""Sends an outbox, each message at most once: what becomes of it is in the journal before it happens."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.jobs.outbox import OutboxMail, outbox_mails
from prisma_batch.jobs.still_due import PlannedMail, not_due_any_more
from prisma_batch.readers.journal import read_journals
from prisma_batch.records.journal import SENT_FOLDER, JournalRow, SendState, last_states
from prisma_batch.writers.publish import locked
from prisma_batch.writers.sent_journal import SentJournal, drop_cut_off_line
from prisma_batch.writers.smtp import Accepted, Outcome, Rejected, SmtpServer, SmtpSession

_TRIES = 3
_FIRST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SendOptions:
    """``server`` is None for a dry run; ``resend`` are keys to send alone, whatever the journal has of them."""

    server: SmtpServer | None = None
    resend: frozenset[str] = frozenset()
    per_minute: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """The present moment, and how to wait; only the command line has one."""

    now: Callable[[], datetime]
    pause: Callable[[float], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What becomes of a message.

    ``state``: skipped, done, unknown, to send, sent, failed (no further try) or waiting (tried again by the next send).
    """

    key: str
    state: str
    why: str = ""


def send(root: Path, name: str, options: SendOptions, clock: Clock, tell: Callable[[Fate], None]) -> Counter[str]:
    """Send the outbox of a period or of a day's notices.

    Args:
        name: the period or the day.
        tell: is told what becomes of each message, as soon as it is known.
    Returns:
        How many messages have which fate.
    Raises:
        UsageProblem: nothing was published under that name, or the server cannot be used.
        InvariantBroken: the outbox is not what its manifest says.
    """
    counts: Counter[str] = Counter()

    def told(fate: Fate) -> None:
        counts[fate.state] += 1
        tell(fate)

    with outbox_mails(root, name) as planned, locked(root / "reports"):
        if options.server is not None:
            drop_cut_off_line(_journal_file(root, name))
        states = _states(root)
        known = _by_key(planned, states)
        mails = _again(planned, known, options.resend) if options.resend else planned
        fates = {mail.key: _fate(mail, None if options.resend else known.get(mail.key)) for mail in mails}
        fates |= _not_due(root, [mail for mail in mails if fates[mail.key].state == "to send"], options, clock)
        due = [mail for mail in mails if fates[mail.key].state == "to send"]
        for fate in fates.values():
            if options.server is None or fate.state != "to send":
                told(fate)
        if options.server is not None:
            interrupted = [row for row in states.values() if row.state == "data_started"]
            with _open_journal(root, name) as journal:
                _Sending(journal, options, clock, _latest(states)).send_each(due, interrupted, told)
    return counts


def _states(root: Path) -> Mapping[tuple[str, int], JournalRow]:
    rows = [row for journal in read_journals(root, date.max) for row in journal.rows]
    return last_states(sorted(rows, key=lambda row: row.at), date.max)


def _latest(states: Mapping[tuple[str, int], JournalRow]) -> datetime:
    return max((row.at for row in states.values()), default=datetime.min.replace(tzinfo=UTC))


def _by_key(mails: Sequence[OutboxMail], states: Mapping[tuple[str, int], JournalRow]) -> Mapping[str, JournalRow]:
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
    begun = {key: row.revision for key, row in known.items() if row.state not in ("queued", "claimed")}
    chosen = (mail for mail in mails if mail.key in keys)
    return tuple(mail.again(begun[mail.key] + 1) if mail.key in begun else mail for mail in chosen)


def _fate(mail: OutboxMail, row: JournalRow | None) -> Fate:
    if mail.skipped_because:
        return Fate(key=mail.key, state="skipped", why=mail.skipped_because)
    if row is None or row.state in ("queued", "claimed"):
        return Fate(key=mail.key, state="to send", why=", ".join(mail.recipients))
    if row.state in ("data_started", "unknown"):
        why = f"it may have arrived at {', '.join(row.recipients)}: ask, then --resend {mail.key} if it has not"
        return Fate(key=mail.key, state="unknown", why=why)
    if row.state == "failed":
        why = f"{'; '.join(row.refused)}: correct the contact, then --resend {mail.key}"
        return Fate(key=mail.key, state="failed", why=why)
    return Fate(key=mail.key, state="done", why=f"sent {row.at.isoformat()}")


def _not_due(root: Path, mails: Sequence[OutboxMail], options: SendOptions, clock: Clock) -> dict[str, Fate]:
    """Return the reminders and warnings whose debt was settled, disputed or held since they were planned."""
    planned = [PlannedMail(mail.key, mail.about) for mail in mails if mail.key not in options.resend]
    found = not_due_any_more(root, planned, clock.now().date())
    return {key: Fate(key=key, state="skipped", why=why) for key, why in found.items()}


def _journal_file(root: Path, name: str) -> Path:
    return root / SENT_FOLDER / f"{name[:7]}.jsonl"


@contextmanager
def _open_journal(root: Path, name: str) -> Iterator[SentJournal]:
    journal = SentJournal(_journal_file(root, name))
    try:
        yield journal
    finally:
        journal.close()


class _Sending:
    """One pass over the messages that are due, with one connection."""

    def __init__(self, journal: SentJournal, options: SendOptions, clock: Clock, since: datetime) -> None:
        if options.server is None:
            raise ValueError("a dry run sends nothing")
        self._journal, self._clock, self._since = journal, clock, since
        self._session = SmtpSession(options.server)
        self._pause_seconds = 60 / options.per_minute

    def send_each(
        self, due: Sequence[OutboxMail], interrupted: Sequence[JournalRow], tell: Callable[[Fate], None]
    ) -> None:
        """Send what is due; what an earlier pass left on its way is put down as unknown first."""
        self._journal.add(self._again(row, "unknown") for row in interrupted)
        if not due:
            return
        self._session.connect()
        self._journal.add(self._row(mail, "queued") for mail in due)
        try:
            for place, mail in enumerate(due):
                if place:
                    self._clock.pause(self._pause_seconds)
                tell(self._send(mail))
        finally:
            self._session.close()

    def _send(self, mail: OutboxMail) -> Fate:
        self._journal.add([self._row(mail, "claimed")])
        content = mail.on_the_wire(self._moment())
        outcome: Outcome = Rejected(refused=(), is_temporary=True)
        for attempt in range(_TRIES):
            if attempt:
                self._clock.pause(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            outcome = self._session.deliver(
                mail.sender,
                mail.recipients,
                content,
                lambda accepted: self._journal.add([self._row(mail, "data_started", accepted)]),
                is_last_try=attempt == _TRIES - 1,
            )
            if not (isinstance(outcome, Rejected) and outcome.is_temporary):
                break
        return self._noted(mail, outcome)

    def _noted(self, mail: OutboxMail, outcome: Outcome) -> Fate:
        if isinstance(outcome, Accepted):
            self._journal.add([self._row(mail, "sent", outcome.recipients, outcome.refused)])
            return Fate(key=mail.key, state="sent", why="; ".join(outcome.refused))
        if isinstance(outcome, Rejected):
            state: SendState = "queued" if outcome.is_temporary else "failed"
            self._journal.add([self._row(mail, state, refused=outcome.refused)])
            return Fate(
                key=mail.key, state="waiting" if outcome.is_temporary else "failed", why="; ".join(outcome.refused)
            )
        self._journal.add([self._row(mail, "unknown", mail.recipients)])
        return Fate(key=mail.key, state="unknown", why=outcome.why)

    def _moment(self) -> datetime:
        # A journal never goes back in time, whatever the clock of the machine does.
        self._since = max(self._since, self._clock.now())
        return self._since

    def _row(
        self, mail: OutboxMail, state: SendState, recipients: tuple[str, ...] = (), refused: tuple[str, ...] = ()
    ) -> JournalRow:
        return JournalRow(
            key=mail.key,
            revision=mail.revision,
            state=state,
            at=self._moment(),
            recipients=recipients,
            message_id=mail.message_id,
            about=mail.about,
            refused=refused,
            substance=mail.substance,
        )

    def _again(self, row: JournalRow, state: SendState) -> JournalRow:
        return JournalRow(
            key=row.key,
            revision=row.revision,
            state=state,
            at=self._moment(),
            recipients=row.recipients,
            message_id=row.message_id,
            about=row.about,
            substance=row.substance,
        )
