"""What changed since the last statement: what was settled, fell due, was disputed or held, or got another day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from prisma_batch.views.amounts import Money
from prisma_batch.views.statement_parts import Change, OpenItem


def changes_between(before: Iterable[OpenItem], now: Iterable[OpenItem]) -> tuple[Change, ...]:
    """Return what changed of the documents that the last statement had, sorted by document.

    What is new since then is a movement. An installment is a part of its document.
    """
    last, current = _by_document(before), _by_document(now)
    return tuple(
        change for document in sorted(last) for change in _changes(document, last[document], current.get(document, ()))
    )


def _by_document(items: Iterable[OpenItem]) -> Mapping[str, Sequence[OpenItem]]:
    found: dict[str, list[OpenItem]] = defaultdict(list)
    for item in items:
        found[item.document].append(item)
    return found


def _changes(document: str, before: Sequence[OpenItem], now: Sequence[OpenItem]) -> Iterator[Change]:
    was_open = _sum(own.open_amount for own in before)
    if not now:
        yield Change(document=document, kind="settled", before=was_open, now=Money(0, was_open.currency))
        return
    is_open = _sum(own.open_amount for own in now)
    if is_open != was_open:
        yield Change(document=document, kind="open", before=was_open, now=is_open)
    due_before, due_now = _next_due(before, now), _next_due(now, before)
    if due_before != due_now:
        yield Change(document=document, kind="due_on", before=due_before, now=due_now)
    if any(own.is_overdue for own in now) and not any(own.is_overdue for own in before):
        yield Change(document=document, kind="overdue", now=due_now)
    was_disputed, is_disputed = (_sum(own.disputed for own in items) for items in (before, now))
    if was_disputed != is_disputed:
        yield Change(document=document, kind="disputed", before=was_disputed, now=is_disputed)
    was_held, is_held = (any(own.is_held for own in items) for items in (before, now))
    if was_held != is_held:
        yield Change(document=document, kind="hold_began" if is_held else "hold_ended")


def _sum(amounts: Iterable[Money]) -> Money:
    amounts = tuple(amounts)
    return Money(sum(own.minor for own in amounts), amounts[0].currency)


def _next_due(items: Sequence[OpenItem], others: Sequence[OpenItem]) -> date | None:
    """Return the first due day; that an installment was paid is no other day for those that follow."""
    common = {own.installment for own in others}.intersection(own.installment for own in items)
    days = [own.due_on for own in items if own.due_on and (own.installment in common or not common)]
    return min(days, default=None)
