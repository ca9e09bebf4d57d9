"""What if a document were paid: the status before, on the day without it, and on the day with it."""

from pathlib import Path

import pytest

from tests.jobs.recipes import prisma_batch, published


def test_a_payment_lifts_what_it_settles(example: Path) -> None:
    text = published(example, "explain", "DELTA-003", "--if-paid", "INV-2026-0103", "--on", "2026-11-20")
    lines = [line.strip().rstrip(":") for line in text.splitlines()]
    assert [line for line in lines if line.startswith("status")] == [
        "status on 2026-11-15: overdue",
        "status on 2026-11-20 if it is not paid: overdue",
        "status on 2026-11-20 if it is paid: good",
    ]
    assert any("INV-2026-0103 is paid on 2026-11-20" in line and "1303.80" in line for line in lines)
    assert lines[-1].startswith("overdue from 2026-12-06 on if nothing else happens")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("DELTA-003", "--if-paid", "INV-2026-0101"), 1, "nothing of INV-2026-0101 is open for DELTA-003"),
        (("DELTA-999", "--if-paid", "INV-2026-0101"), 1, "unknown-id"),
        (("INV-2026-0103", "--if-paid", "INV-2026-0103"), 2, "--if-paid looks at an account"),
        (("DELTA-003", "--if-paid", "INV-2026-0103", "--on", "2026-11-14"), 2, "--on names a day from 2026-11-15 on"),
        (("DELTA-003", "--on", "2026-11-20"), 2, "--on goes with --if-paid"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    example: Path, arguments: tuple[str, ...], status: int, message: str
) -> None:
    result = prisma_batch(example, "explain", *arguments)
    assert (result.exit_code, message in result.stderr) == (status, True), result.stderr
