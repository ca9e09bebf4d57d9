"""What a command prints at its end for the person at the terminal."""

from pathlib import Path

from prisma_batch.views.summary import RunSummary
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
        parts = ("opening", "invoices", "credit_notes", "payments", "closing")
        figures = ", ".join(f"{part.replace('_', ' ')} {total[part].text}" for part in parts)
        lines.append(f"  {total['currency']}  {figures}")
    messages = f"{summary.messages['planned']} mails planned, {summary.messages['skipped']} skipped"
    lines += ["", f"{messages}. Everything is in {folder.as_posix()}/ (start with summary.md)."]
    return "\n".join(map(visible, lines)) + "\n"
