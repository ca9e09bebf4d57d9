"""One pass over the messages that are due: each is claimed, handed over, and what became of it is in the journal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prisma_batch.jobs.outbox import OutboxMail
from prisma_batch.jobs.sent_journals import LocalJournal
from prisma_batch.records.journal import JournalRow, SendState, is_free
from prisma_batch.writers.smtp import Accepted, Outcome, Rejected, SmtpServer, SmtpSession

_TRIES = 3
_FIRST_PAUSE_SECONDS = 5.0
_DEFERRALS_MAX = 3  # in a row: then it is not about the message, the server wants no more for now
_CLAIM_HOLDS = timedelta(hours=1)  # then the pass that claimed a message is taken for dead
_CLAIM_IS_USED = timedelta(minutes=20)  # a claim that is older is given back, well before others take us for dead


@dataclass(frozen=True, kw_only=True, slots=True)
class SendOptions:
    """``server`` is None for a dry run; ``resend`` are keys to send alone, whatever the journal has of them.

    ``remote`` is that of git whose branch several senders share; without it this machine alone sends.
    """

    server: SmtpServer | None = None
    resend: frozenset[str] = frozenset()
    per_minute: int = 60
    remote: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """The present moment, and how to wait; only the command line has one."""

    now: Callable[[], datetime]
    pause: Callable[[float], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What becomes of a message.

    ``state``: skipped, done, unknown, claimed (by another sender), to send, sent, failed (no further try) or waiting
    (tried again by the next send).
    """

    key: str
    state: str
    why: str = ""


def fate_of(mail: OutboxMail, row: JournalRow | None, now: datetime) -> Fate:
    """Return what is to become of a message by the last row that the journal has of it."""
    if mail.skipped_because:
        return Fate(key=mail.key, state="skipped", why=mail.skipped_because)
    if row is None or is_free(row):
        return Fate(key=mail.key, state="to send", why=", ".join(mail.recipients))
    if row.state in ("data_started", "unknown") or was_cut_short(row, now):
        asked = ", ".join(row.recipients or mail.recipients)
        return Fate(
            key=mail.key,
            state="unknown",
            why=f"it may have arrived at {asked}: ask, then --resend {mail.key} if it has not",
        )
    if row.state == "failed":
        why = f"{'; '.join(row.refused)}: correct the contact, then --resend {mail.key}"
        return Fate(key=mail.key, state="failed", why=why)
    if row.state == "claimed":
        return Fate(key=mail.key, state="claimed", why=f"another sender has it since {row.at.isoformat()}")
    return Fate(key=mail.key, state="done", why=f"sent {row.at.isoformat()}")


def was_cut_short(row: JournalRow, now: datetime) -> bool:
    """Say whether the pass that last wrote of a message is over without having said what became of it."""
    if row.state == "claimed" and row.runner:
        return now - row.at > _CLAIM_HOLDS
    return row.state == "data_started"  # no two passes run here at once, and none pushes such a row as its last


class Sending:
    """One pass over the messages that are due, with one connection."""

    def __init__(self, journal: LocalJournal, options: SendOptions, clock: Clock) -> None:
        if options.server is None:
            raise ValueError("a dry run sends nothing")
        self._journal, self._clock = journal, clock
        self._session = SmtpSession(options.server)
        self._pause_seconds = 60 / options.per_minute
        self._has_begun = False
        self._deferred: list[str] = []  # why the last ones were, as long as nothing else happens

    def give_up(self, rows: Iterable[JournalRow]) -> None:
        """Put down as unknown what a pass that was cut short left on its way."""
        self._journal.add(replace(row, state="unknown", at=self._moment(), runner="") for row in rows)

    def send_each(self, due: Sequence[OutboxMail], tell: Callable[[Fate], None]) -> None:
        """Send what is due, as far as nobody else does.

        Raises:
            UsageProblem: the server cannot be used.
        """
        if not due:
            return
        self._session.connect()
        self._journal.queue(self._row(mail, "queued") for mail in due)
        try:
            for batch in _batches(due, self._journal.at_once):
                for fate in self._sent(batch):
                    tell(fate)
        finally:
            self._session.close()

    def _sent(self, batch: Sequence[OutboxMail]) -> Iterator[Fate]:
        if self._is_refused():
            yield from map(self._waits, batch)
            return
        ours = self._journal.claim([self._row(mail, "claimed") for mail in batch])
        states = self._journal.states() if len(ours) < len(batch) else {}
        claimed_at = self._clock.now()
        for mail in batch:
            if (mail.key, mail.revision) not in ours:
                yield fate_of(mail, states.get((mail.key, mail.revision)), claimed_at)
            elif self._is_refused() or self._clock.now() - claimed_at > _CLAIM_IS_USED:
                self._journal.add([self._row(mail, "queued")])
                yield self._waits(mail)
            else:
                yield self._send(mail)

    def _is_refused(self) -> bool:
        return len(self._deferred) >= _DEFERRALS_MAX

    def _waits(self, mail: OutboxMail) -> Fate:
        why = (
            f"not tried: the server takes nothing for now ({self._deferred[-1]})" if self._is_refused() else "not tried"
        )
        return Fate(key=mail.key, state="waiting", why=why)

    def _send(self, mail: OutboxMail) -> Fate:
        if self._has_begun:
            self._clock.pause(self._pause_seconds)
        self._has_begun = True
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
        if not (isinstance(outcome, Rejected) and outcome.is_temporary and outcome.of_anybody):
            self._deferred = []
        if isinstance(outcome, Accepted):
            self._journal.add([self._row(mail, "sent", outcome.recipients, outcome.refused)])
            return Fate(key=mail.key, state="sent", why="; ".join(outcome.refused))
        if isinstance(outcome, Rejected):
            why, state = "; ".join(outcome.refused), "waiting" if outcome.is_temporary else "failed"
            self._deferred += [why] * (outcome.is_temporary and outcome.of_anybody)
            self._journal.add(
                [self._row(mail, "queued" if outcome.is_temporary else "failed", refused=outcome.refused)]
            )
            return Fate(key=mail.key, state=state, why=why)
        self._journal.add([self._row(mail, "unknown", mail.recipients)])
        return Fate(key=mail.key, state="unknown", why=outcome.why)

    def _moment(self) -> datetime:
        # A journal never goes back in time, whatever the clock of the machine does.
        return max(self._journal.latest, self._clock.now())

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


def _batches(mails: Sequence[OutboxMail], size: int) -> Iterator[Sequence[OutboxMail]]:
    return (mails[start : start + size] for start in range(0, len(mails), size))
