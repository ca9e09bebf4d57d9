"""Where a message stands by the rows that journals have of it."""

from datetime import UTC, date, datetime

import pytest

from prisma_batch.records.journal import JournalRow, SendState, is_free, last_states, may_have_arrived


def row(state: SendState, day: int, runner: str = "") -> JournalRow:
    return JournalRow(key="k", revision=1, state=state, at=datetime(2026, 11, day, tzinfo=UTC), runner=runner)


def test_a_message_that_stands_in_two_journals_is_where_the_later_line_says() -> None:
    of_the_run, of_the_notices = row("sent", 16), row("queued", 10)
    assert last_states([of_the_run, of_the_notices], date.max) == {("k", 1): of_the_run}
    assert last_states([of_the_run, of_the_notices], date(2026, 11, 12)) == {("k", 1): of_the_notices}


def test_of_two_lines_of_one_moment_the_second_counts() -> None:
    claimed, sent = row("claimed", 16), row("sent", 16)
    assert last_states([claimed, sent], date.max)["k", 1] == sent


@pytest.mark.parametrize(
    ("known", "is_to_be_sent"),
    [
        (row("queued", 1), True),
        (row("claimed", 1), True),
        (row("claimed", 1, runner="elsewhere"), False),
        (row("data_started", 1), False),
        (row("unknown", 1), False),
        (row("sent", 1), False),
    ],
)
def test_what_may_have_arrived_is_not_free(known: JournalRow, is_to_be_sent: bool) -> None:
    assert is_free(known) is is_to_be_sent
    assert may_have_arrived(known) is not is_to_be_sent


def test_what_failed_has_not_arrived_and_is_not_free() -> None:
    assert not may_have_arrived(row("failed", 1))
    assert not is_free(row("failed", 1))
    assert is_free(None)
