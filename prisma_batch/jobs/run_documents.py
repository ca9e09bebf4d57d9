"""The documents of a run and the mails that carry them, made by as many processes as there is work for."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice

from pandas import DataFrame

from prisma_batch.engines.local import processors
from prisma_batch.engines.processes import made_in_order
from prisma_batch.jobs.document_files import (
    DocumentFiles,
    DocumentOrder,
    Look,
    document_maker,
    document_stem,
    outbox_row,
)
from prisma_batch.jobs.reconcile import Reconciled
from prisma_batch.views.invoice_copy import InvoiceCopy, build_invoice_copy
from prisma_batch.views.message import Message
from prisma_batch.views.statement_parts import Statement
from prisma_batch.writers.table_files import OUTBOX

_ORDERS_AT_ONCE = 16  # handed to a process; their files are in memory together
_PROCESSES_MAX = 4
_ORDERS_MIN = 100  # fewer are made, where PDFs are known, before other processes have begun


@contextmanager
def rendered_documents(reconciled: Reconciled, look: Look, processes: int = 0) -> Iterator[Iterator[DocumentFiles]]:
    """Give every statement, a copy of each document that the previous run did not know, and every mail.

    Args:
        look: what they have in common.
        processes: how many make them, this one if it is one; as many as there is work for unless said otherwise.
    """
    orders = document_orders(reconciled)
    first = list(islice(orders, _ORDERS_MIN))
    count = processes or (min(_PROCESSES_MAX, processors()) if len(first) == _ORDERS_MIN else 1)
    with made_in_order(partial(document_maker, look), _batches(chain(first, orders)), count) as batches:
        yield chain.from_iterable(batches)


def outbox_table(messages: Iterable[Message], mailed: Iterable[tuple[str, ...]]) -> DataFrame:
    """Return OUTBOX: the rows of mails that were made, and of the messages that are not sent."""
    return OUTBOX.of([*(outbox_row(message) for message in messages if message.skipped_because), *mailed])


def document_orders(reconciled: Reconciled) -> Iterator[DocumentOrder]:
    """Yield what is to be made: each document with the messages that carry it, then the other messages."""
    carried: dict[str, list[Message]] = {}
    for message in reconciled.messages:
        if not message.skipped_because:
            carried.setdefault(_carries(message), []).append(message)
    for view, source in _views(reconciled):
        yield DocumentOrder(view=view, source=source, messages=tuple(carried.get(document_stem(view), ())))
    for message in carried.get("", ()):
        yield DocumentOrder(messages=(message,))


def _views(reconciled: Reconciled) -> Iterator[tuple[Statement | InvoiceCopy, str]]:
    month = reconciled.month
    sources = {account: customer.source for account, customer in month.snapshot.customers.items()}
    for statement in reconciled.statements:
        yield statement, sources.get(statement.account, month.snapshot.settings.source)
    for document in month.snapshot.documents:
        if reconciled.span.tells_of(document):
            yield build_invoice_copy(document, month.snapshot), document.source


def _carries(message: Message) -> str:
    """Return the document whose files go along with a message, without their suffix; nothing where none does."""
    (stem,) = {file.path.rpartition(".")[0] for file in message.attachments} or {""}
    return stem


def _batches(orders: Iterator[DocumentOrder]) -> Iterator[Sequence[DocumentOrder]]:
    while batch := list(islice(orders, _ORDERS_AT_ONCE)):
        yield batch
