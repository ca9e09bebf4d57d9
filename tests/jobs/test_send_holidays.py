"""Nobody is written to on a holiday of the contact point."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prisma_batch.jobs.send import Clock, Fate, SendOptions, send
from tests.jobs.recipes import edit
from tests.jobs.sending import due

EXTRA_DAY = datetime(2026, 10, 16, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (EXTRA_DAY, True),
        (EXTRA_DAY.replace(day=17), False),
        (datetime(2026, 12, 24, 23, 30, tzinfo=UTC), True),  # Christmas has begun in Amsterdam
    ],
)
def test_on_a_holiday_everything_waits(outbox: Path, moment: datetime, *, quiet: bool) -> None:
    edit(outbox / "prisma.yaml", "extra_days: [2026-12-24]", "extra_days: [2026-10-16]")
    fates: list[Fate] = []
    clock = Clock(now=lambda: moment, pause=lambda _: None)
    send(outbox, "2026-09", SendOptions(), clock, fates.append)
    waiting = {fate.key for fate in fates if fate.state == "waiting"}
    assert waiting == (set(due(outbox)) if quiet else set())


def test_what_a_person_sends_again_goes_even_then(outbox: Path) -> None:
    edit(outbox / "prisma.yaml", "extra_days: [2026-12-24]", "extra_days: [2026-10-16]")
    key = next(iter(due(outbox)))
    fates: list[Fate] = []
    clock = Clock(now=lambda: EXTRA_DAY, pause=lambda _: None)
    send(outbox, "2026-09", replace(SendOptions(), resend=frozenset({key})), clock, fates.append)
    assert [(fate.key, fate.state) for fate in fates] == [(key, "to send")]
