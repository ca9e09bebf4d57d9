"""Drafts rates and documents from what a provider billed, so that a start needs no retyping."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.money import QUANTITY_SCALE_MAX, divide, from_minor, from_scaled, round_to_minor, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import PaymentTerms, Pricing, Rate
from prisma_batch.records.documents import Document, Line, TaxGroup

DERIVED = "derived from cost"
DRAFT_TAX = "outside_scope"
_UNNAMED_UNIT = "unit"
_Value = TypeVar("_Value", str, tuple[str, str])


@dataclass(frozen=True, kw_only=True, slots=True)
class BilledCharge:
    """One row that a provider billed; ``unit_price`` is None where no contracted price above zero explains the cost."""

    program: str
    sku: str
    unit: str
    currency: str
    month: Period
    quantity: Decimal
    cost: Decimal
    unit_price: Decimal | None
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftedRate:
    """A rate and what a person should know about it; ``rounded`` where its price could not be written exactly.

    ``other_variants`` counts further units and currencies of the SKU in a month, which one rate cannot hold.
    """

    rate: Rate
    comment: str = ""
    rounded: bool = False
    other_variants: int = 0


def main_currency(charges: Iterable[BilledCharge]) -> str:
    """Return the currency of most charges, the first by name among equals."""
    return _most_common(charge.currency for charge in charges)


def draft_rates(charges: Iterable[BilledCharge]) -> list[DraftedRate]:
    """Draft the rates of one account, sorted by program, SKU and day.

    A month in which every cost has a contracted price gets that price per unit, weighted by quantity where there are
    several; it holds until another one begins. A month with a cost that no contracted price explains gets a flat price,
    the exact cost, for that month alone.
    """
    by_sku: dict[tuple[str, str], dict[Period, list[BilledCharge]]] = defaultdict(lambda: defaultdict(list))
    for charge in charges:
        by_sku[charge.program, charge.sku][charge.month].append(charge)
    return [drafted for key in sorted(by_sku) for drafted in _rates_of_sku(by_sku[key])]


def draft_documents(account: str, charges: Sequence[BilledCharge], terms: PaymentTerms) -> list[Document]:
    """Draft a document per month and currency: an invoice, or a credit note where the provider owes money.

    A line has the exact quantity of a SKU and its cost, rounded half up once. Documents are issued on the last day of
    their month, so that its closing day sees them.
    """
    by_document: dict[tuple[Period, str], list[BilledCharge]] = defaultdict(list)
    for charge in charges:
        by_document[charge.month, charge.currency].append(charge)
    usual = main_currency(charges)
    drafted = []
    for month, currency in sorted(by_document):
        lines = _lines(by_document[month, currency])
        if lines:
            number = f"FOCUS-{month}-{account}" + (f"-{currency}" if currency != usual else "")
            drafted.append(_document(account, number, lines, (month, currency), terms))
    return drafted


def _rates_of_sku(by_month: dict[Period, list[BilledCharge]]) -> list[DraftedRate]:
    drafted: list[DraftedRate] = []
    for month in sorted(by_month):
        new = _rate_of_month(by_month[month], month)
        last = drafted[-1] if drafted else None
        if last and last.rate.ends_on is None:
            if replace(new.rate, starts_on=last.rate.starts_on) == last.rate:
                continue
            ended = replace(last.rate, ends_on=month.first_day - timedelta(days=1))
            drafted[-1] = replace(last, rate=ended)
        drafted.append(new)
    return drafted


def _rate_of_month(charges: list[BilledCharge], month: Period) -> DraftedRate:
    variants = Counter((charge.unit, charge.currency) for charge in charges)
    unit, currency = _most_common(variants.elements())
    of_variant = [charge for charge in charges if (charge.unit, charge.currency) == (unit, currency)]
    pricing, comment, rounded = _pricing(of_variant)
    rate = Rate(
        program=charges[0].program,
        sku=charges[0].sku,
        unit=unit or _UNNAMED_UNIT,
        starts_on=month.first_day,
        ends_on=month.last_day if pricing.model == "flat" else None,
        currency=currency,
        pricing=pricing,
    )
    return DraftedRate(rate=rate, comment=comment, rounded=rounded, other_variants=len(variants) - 1)


def _pricing(charges: Sequence[BilledCharge]) -> tuple[Pricing, str, bool]:
    """Return the pricing, a comment on it, and whether its price was rounded."""
    flat = Pricing(model="flat", price=_sum(charge.cost for charge in charges))
    if any(charge.cost and charge.unit_price is None for charge in charges):
        return flat, DERIVED, False
    prices = {charge.unit_price or Decimal(0) for charge in charges}
    if len(prices) == 1:
        return Pricing(model="per_unit", price=prices.pop()), "", False
    quantity = sum(_units(charge.quantity) for charge in charges)
    value = sum(_units(charge.quantity) * _units(charge.unit_price or Decimal(0)) for charge in charges)
    if quantity < 0:
        quantity, value = -quantity, -value
    if not quantity or value < 0:
        return flat, f"{DERIVED}: its contracted prices have no mean", False
    mean = Pricing(model="per_unit", price=from_scaled(divide(value, quantity), QUANTITY_SCALE_MAX))
    comment = f"mean of {len(prices)} contracted prices by quantity"
    rounded = value % quantity != 0
    return mean, comment + (f", rounded to {QUANTITY_SCALE_MAX} decimals" if rounded else ""), rounded


def _lines(charges: list[BilledCharge]) -> list[Line]:
    by_sku: dict[tuple[str, str, str], list[BilledCharge]] = defaultdict(list)
    for charge in charges:
        by_sku[charge.program, charge.sku, charge.unit].append(charge)
    billed = [of_sku for _, of_sku in sorted(by_sku.items()) if any(item.cost or item.quantity for item in of_sku)]
    return [_line(number, of_sku) for number, of_sku in enumerate(billed, 1)]


def _line(number: int, charges: list[BilledCharge]) -> Line:
    first = charges[0]
    amount_minor = round_to_minor(_sum(charge.cost for charge in charges), first.currency)
    return Line(
        line=number,
        program=first.program,
        sku=first.sku,
        description=next((charge.description for charge in charges if charge.description), first.sku),
        service_from=first.month.first_day,
        service_to=first.month.last_day,
        quantity=_sum(charge.quantity for charge in charges),
        unit=first.unit or _UNNAMED_UNIT,
        amount=from_minor(amount_minor, first.currency),
        tax=DRAFT_TAX,
    )


def _document(
    account: str, number: str, lines: list[Line], billed: tuple[Period, str], terms: PaymentTerms
) -> Document:
    month, currency = billed
    net_minor = sum(round_to_minor(line.amount, currency) for line in lines)
    is_credit = net_minor < 0
    net, no_tax = from_minor(abs(net_minor), currency), from_minor(0, currency)
    return Document(
        source=f"invoices/{account}/{file_stem(number)}.yaml",
        number=number,
        kind="credit_note" if is_credit else "invoice",
        account=account,
        issued_on=month.last_day,
        due_on=terms.due_on(month.last_day),
        currency=currency,
        reason=f"The provider credited more than it charged in {month}." if is_credit else None,
        lines=tuple(_mirrored(lines) if is_credit else lines),
        taxes=(TaxGroup(code=DRAFT_TAX, rate=Decimal(0), base=net, amount=no_tax),),
        net=net,
        tax=no_tax,
        total=net,
    )


def _mirrored(lines: Iterable[Line]) -> Iterator[Line]:
    # copy_negate: arithmetic on a Decimal would round to the context's 28 digits.
    for line in lines:
        quantity, amount = line.quantity or Decimal(0), line.amount
        yield replace(line, quantity=_negative(quantity), amount=_negative(amount))


def _negative(number: Decimal) -> Decimal:
    return number.copy_negate() if number else number


def _units(number: Decimal) -> int:
    scaled, scale = to_scaled(number)
    return int(scaled * 10 ** (QUANTITY_SCALE_MAX - scale))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return from_scaled(sum(map(_units, numbers)), QUANTITY_SCALE_MAX)


def _most_common(values: Iterable[_Value]) -> _Value:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))
