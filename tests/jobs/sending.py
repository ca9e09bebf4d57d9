"""How tests send: a pass without waiting, what the journal says of it, and a program that is killed on its way."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prisma_batch.jobs.send import Clock, Fate, SendOptions, send
from prisma_batch.writers.smtp import SmtpServer
from tests.jobs.recipes import SEPTEMBER, rows

JOURNAL = "reports/sent/2026-09.jsonl"
MOMENT = datetime(2026, 10, 16, 8, 0, tzinfo=UTC)
# What a program begins with that sends on a day that is no holiday.
THEN = """
import prisma_batch.cli.clock
from datetime import UTC, datetime
prisma_batch.cli.clock.now = lambda: datetime(2026, 10, 16, 8, tzinfo=UTC)
"""
SENDING = f"""
{THEN}
from prisma_batch.cli.main import main
main()
"""
KILLING = f"""
import os, signal, sys
{THEN}
from prisma_batch.writers.sent_journal import SentJournal
state, left = os.environ["KILLED_AT"].split(":")
left, add = [int(left)], SentJournal.add
def killing(self, rows):
    rows = list(rows)
    add(self, rows)
    left[0] -= any(row.state == state for row in rows)
    if left[0] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
SentJournal.add = killing
from prisma_batch.cli.main import main
main()
"""


def passed(
    root: Path, url: str, name: str = "2026-09", now: datetime = MOMENT, **options: Any
) -> tuple[Counter[str], list[Fate], list[float]]:
    """Send, without waiting."""
    fates: list[Fate] = []
    pauses: list[float] = []
    server = SmtpServer.parse(url, "", "")
    clock = Clock(now=lambda: now, pause=pauses.append)
    counts = send(root, name, SendOptions(server=server, **options), clock, fates.append)
    return counts, fates, pauses


def journal(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / JOURNAL).read_text(encoding="utf-8").splitlines()]


def states(root: Path, key: str) -> list[str]:
    return [row["state"] for row in journal(root) if row["key"] == key]


def due(root: Path) -> dict[str, tuple[str, ...]]:
    """The recipients of each message that is to be sent."""
    listed = rows(root / SEPTEMBER / "outbox.csv")
    return {row["key"]: tuple(row["to"].split(", ")) for row in listed if not row["skipped_because"]}


def several(root: Path) -> str:
    return next(key for key, recipients in due(root).items() if len(recipients) > 1)


def for_readers(content: bytes) -> bytes:
    """A file of the outbox without what is for the journal only."""
    return re.sub(rb"X-Prisma-[A-Za-z-]+: .*?\r\n(?! )", b"", content, flags=re.DOTALL)
