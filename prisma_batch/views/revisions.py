"""Which revision of a message is planned: the one that was sent where it tells the same, else the next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from prisma_batch.records.journal import JournalRow, may_have_arrived


def arrived_by_key(rows: Iterable[JournalRow]) -> Mapping[str, Sequence[JournalRow]]:
    """Return the messages that were sent, or may have been, by key, each with its revisions in order.

    Args:
        rows: the last row of each key and revision.
    """
    arrived: dict[str, list[JournalRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.revision):
        if may_have_arrived(row):
            arrived[row.key].append(row)
    return arrived


def revision_of(substance: str, arrived: Sequence[JournalRow]) -> tuple[int, JournalRow | None]:
    """Return the revision of a message, and by which row it was told; None where it has to be told.

    What a person sent once more is of the revision that it repeats. Lines without substance are taken to say the same.

    Args:
        arrived: of the message's key, by revision.
    """
    same: list[JournalRow] = []
    for row in reversed(arrived):
        if row.substance not in ("", substance):
            break
        same.append(row)
    if same:
        return same[-1].revision, same[0]
    return (arrived[-1].revision + 1 if arrived else 1), None
