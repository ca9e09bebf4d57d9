"""An estimate for the terminal, as a table, and as JSON for other programs."""

import json
from collections.abc import Iterator
from typing import Any

from prisma_batch.base.money import plain
from prisma_batch.views.amounts import Money
from prisma_batch.views.estimate import Estimate, EstimateLine, EstimateSection
from prisma_batch.writers.visible import visible


def estimate_text(estimate: Estimate) -> str:
    """Return an estimate as a person reads it: each line with how its quantity came about, beside the last invoice."""
    return "".join(f"{visible(line).rstrip()}\n" for line in _lines(estimate))


def estimate_json(estimate: Estimate) -> str:
    """Return an estimate as one JSON document; amounts are decimal strings, absent values null."""
    content = {
        "account": estimate.account,
        "period": str(estimate.period),
        "billed_to": estimate.billed_to or None,
        "covered_until": {program: day.isoformat() for program, day in estimate.covered_until.items()},
        "last_period": str(estimate.last_period) if estimate.last_period else None,
        "last_documents": list(estimate.last_documents),
        "set": {name: plain(quantity) for name, quantity in estimate.wanted},
        "sections": [_section(section) for section in estimate.sections],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _lines(estimate: Estimate) -> Iterator[str]:
    yield f"estimate for {estimate.account} ({estimate.customer_name}), {estimate.period}"
    if estimate.billed_to:
        yield f"{estimate.billed_to} owes its invoices"
    for program, day in estimate.covered_until.items():
        yield f"usage of {program} is on record up to {day}"
    if estimate.wanted:
        yield f"what if: {', '.join(f'{name} = {plain(quantity)}' for name, quantity in estimate.wanted)}"
    last = f"{estimate.last_period} ({', '.join(estimate.last_documents)})" if estimate.last_period else "nothing"
    yield f"beside: {last}"
    if not estimate.sections:
        yield "nothing to bill is known"
    for section in estimate.sections:
        yield ""
        yield from _section_lines(section, asked=bool(estimate.wanted))


def _section_lines(section: EstimateSection, *, asked: bool) -> Iterator[str]:
    yield f"{section.currency:<46} {'amount':>14} {'last':>14} {'change':>14}"
    for line in section.lines:
        yield from _line_lines(line)
    yield _row(
        "net", section.net, section.last_net, Money(section.net.minor - section.last_net.minor, section.currency)
    )
    yield _row(f"tax ({section.tax_words})", section.tax)
    yield _row("total", section.total)
    if asked:
        change = Money(section.net.minor - section.net_as_recorded.minor, section.currency)
        yield _row("net without the what-if", section.net_as_recorded)
        yield _row("what the what-if changes", change)


def _line_lines(line: EstimateLine) -> Iterator[str]:
    yield _row(
        " ".join(filter(None, (line.account, line.program, line.sku))), line.amount, line.last_amount, line.change
    )
    quantity = f"{plain(line.quantity)} {line.unit}".rstrip()
    before = "" if line.last_quantity is None else f"; last time {plain(line.last_quantity)}"
    yield f"    {quantity}, {line.basis}{before}"
    yield from (f"    {formula}" for formula in line.formulas)
    if line.amount is None:
        yield "    no price is known for it: it is not in the sums"


def _row(text: str, *amounts: Money | None) -> str:
    return f"{text:<46} " + " ".join(f"{amount.text if amount else '-':>14}" for amount in amounts)


def _section(section: EstimateSection) -> dict[str, Any]:
    names = ("net", "tax", "total", "last_net", "net_as_recorded")
    return {
        "currency": section.currency,
        "lines": [_line(line) for line in section.lines],
        "tax_words": section.tax_words,
        **{name: getattr(section, name).text for name in names},
    }


def _line(line: EstimateLine) -> dict[str, Any]:
    return {
        **{name: getattr(line, name) for name in ("account", "program", "sku", "unit")},
        "quantity": plain(line.quantity),
        "amount": line.amount.text if line.amount else None,
        "minimum": line.minimum.text,
        "basis": line.basis,
        "formulas": list(line.formulas),
        "last_quantity": None if line.last_quantity is None else plain(line.last_quantity),
        "last_amount": line.last_amount.text,
        "change": line.change.text if line.change else None,
    }
