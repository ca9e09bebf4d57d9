"""Documents to propose: corrections put together, numbered and taxed, as a person may issue them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.money import from_minor, percent_of, to_minor
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.corrections import Correction
from prisma_batch.records.documents import Document, TaxGroup

_PREFIXES = {"credit_note": "CN", "invoice": "INV", "fee": "FEE"}


def build_proposals(
    corrections: Iterable[Correction], agreements: Mapping[str, Agreement], issued_on: date
) -> tuple[Document, ...]:
    """Build the documents that a run proposes, sorted by account and number.

    A number names the month of the service and what is corrected: it stays the same, also in later runs, until that
    changes, and it may be replaced by one of the issuer's own. Terms are those agreed on the day of issue, and so is
    the tax unless a credit takes back another one; an account without them has no proposals.

    Args:
        agreements: by account.
        issued_on: the day that the documents bear; what is merged counts from it on.
    """
    grouped: dict[tuple[str, ...], list[Correction]] = defaultdict(list)
    for correction in corrections:
        grouped[correction.account, correction.kind, correction.currency, correction.group].append(correction)
    documents = [
        document
        for together in grouped.values()
        if (document := _document(together, agreements.get(together[0].account), issued_on))
    ]
    return tuple(sorted(documents, key=lambda document: (document.account, document.number)))


def _document(corrections: list[Correction], agreement: Agreement | None, issued_on: date) -> Document | None:
    terms = agreement.terms_on(issued_on) if agreement else None
    agreed = agreement.tax_on(issued_on) if agreement else None
    if agreement is None or terms is None or agreed is None:
        return None
    first = corrections[0]
    number = _number(corrections)
    taxes = [correction.tax or (agreed.code, agreed.rate) for correction in corrections]
    groups = _tax_groups(corrections, taxes)
    net, tax = (sum((getattr(group, name) for group in groups), Decimal(0)) for name in ("base", "amount"))
    return Document(
        source=f"proposals/{first.account}/{file_stem(number)}.yaml",
        number=number,
        kind=first.kind,
        account=first.account,
        issued_on=issued_on,
        due_on=terms.due_on(issued_on),
        currency=first.currency,
        purchase_order=agreement.billing.purchase_order,
        corrects=tuple(sorted({c.line.corrects_invoice for c in corrections if c.line.corrects_invoice})),
        reason=None if first.kind == "invoice" else "; ".join(dict.fromkeys(c.reason for c in corrections)),
        lines=tuple(
            replace(correction.line, line=index, tax=code, tax_rate=rate if _at_two_rates(code, taxes) else None)
            for index, (correction, (code, rate)) in enumerate(zip(corrections, taxes, strict=True), start=1)
        ),
        taxes=groups,
        net=net,
        tax=tax,
        total=net + tax,
    )


def _number(corrections: list[Correction]) -> str:
    period = min(correction.period for correction in corrections)
    causes = "\x1f".join(sorted(f"{correction.group}\x1f{correction.cause}" for correction in corrections))
    digest = hashlib.sha256(causes.encode()).hexdigest()[:8]
    return f"{_PREFIXES[corrections[0].kind]}-{period}-{digest}"


def _tax_groups(corrections: list[Correction], taxes: list[tuple[str, Decimal]]) -> tuple[TaxGroup, ...]:
    """Tax the sum of the lines of each code and rate. Source: EN 16931 BR-CO-17."""
    currency = corrections[0].currency
    bases: dict[tuple[str, Decimal], int] = defaultdict(int)
    for correction, tax in zip(corrections, taxes, strict=True):
        bases[tax] += to_minor(correction.line.amount, currency)
    return tuple(
        TaxGroup(
            code=code,
            rate=rate,
            base=from_minor(base, currency),
            amount=from_minor(percent_of(base, rate), currency),
        )
        for (code, rate), base in bases.items()
    )


def _at_two_rates(code: str, taxes: Iterable[tuple[str, Decimal]]) -> bool:
    return len({rate for other, rate in taxes if other == code}) > 1
