"""What a command prints at its end for the person at the terminal."""

from collections.abc import Sequence
from pathlib import Path

from prisma_batch.base.counts import counted
from prisma_batch.views.amounts import Money
from prisma_batch.views.message import Message
from prisma_batch.views.summary import RunSummary, TotalRow
from prisma_batch.writers.visible import visible


def summary_text(summary: RunSummary, folder: Path) -> str:
    """Return what a run found: what needs a person first, then the totals; plain text, the same on every terminal."""
    lines = [f"{summary.period} as of {summary.as_of}"]
    lines += ["", "Needs a person:" if summary.headline else "Nothing needs a person."]
    for attention in summary.headline:
        amount = f"{attention.amount.text} {attention.currency}" if attention.amount else ""
        lines.append(f"  {attention.code:<25} {amount:>16}  {attention.text}")
    lines += ["", "Ledger:"]
    for total in summary.ledger:
        lines.append(f"  {total['currency']}  {_equation(total)}")
    messages = f"{counted(summary.messages['planned'], 'mail')} planned, {summary.messages['skipped']} skipped"
    lines += ["", f"{messages}. Everything is in {folder.as_posix()}/ (start with summary.md)."]
    return "\n".join(map(visible, lines)) + "\n"


def _equation(total: TotalRow) -> str:
    """Return a line that adds up: opening, everything that moved, closing."""
    amounts = [(name, amount) for name, amount in total.items() if isinstance(amount, Money)]
    told = [(name, amount) for name, amount in amounts if amount.minor or name in ("opening", "closing")]
    return ", ".join(f"{name.replace('_', ' ')} {amount.text}" for name, amount in told)


def notices_text(messages: Sequence[Message], folder: Path) -> str:
    """Return what was planned: a line a message that is sent, and the reason for each that is not."""
    if not messages:
        return "nothing is due\n"
    lines = [visible(f"{message.key}  {message.skipped_because or _names(message)}") for message in messages]
    skipped = sum(bool(message.skipped_because) for message in messages)
    return "\n".join(
        [*lines, "", f"{counted(len(messages) - skipped, 'mail')} planned, {skipped} skipped, in {folder}/", ""]
    )


def _names(message: Message) -> str:
    return f"to {counted(len(message.to), 'contact')}"
