"""Which corrections a month calls for: credits of what was overbilled, new lines for what was not billed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled, product, round_to_minor, to_minor
from prisma_batch.base.periods import Period
from prisma_batch.rating.credits import Credits, granted_words
from prisma_batch.rating.penalties import penalties
from prisma_batch.rating.units import UNIT
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.corrections import Correction
from prisma_batch.records.discrepancies import ALERTED_STATES
from prisma_batch.records.documents import Document, DocumentKind, Line
from prisma_batch.records.table import rows_of

# What was billed for another month, with another tax or due date, or a cent off is not put right by one more line.
_MEASURED = (
    *("unbilled_usage", "minimum_not_billed", "quantity_mismatch", "price_mismatch", "billed_without_usage"),
    "late_usage",
)
_REPEATED = ("duplicate_line", "duplicate_invoice")
_EARNED = "incident_credit_due"
_MISPLACED = "wrong_service_period"
_COMPARED = (*_MEASURED, "currency_mismatch")
CORRECTED_KINDS = (*_COMPARED, *_REPEATED, _EARNED)
_WITHOUT_QUANTITY = ("price_mismatch", "minimum_not_billed")
_Unit = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Billing:
    """What a month was billed by: CHARGES, INVOICE_LINES with their period, documents by number, and agreements.

    ``penalties`` has what a report that is late or missing costs, by program and currency.
    """

    charges: DataFrame
    lines: DataFrame
    documents: Mapping[str, Document]
    agreements: Mapping[str, Agreement]
    penalties: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gap:
    """What the discrepancies of a unit come to together: more of one and less of another are one correction."""

    account: str
    program: str
    sku: str
    period: str
    invoice: str
    line: str
    message: str
    fingerprint: str
    overbilled_minor: int
    missing_quantity: Decimal


def corrections(discrepancies: DataFrame, billing: Billing) -> list[Correction]:
    """Propose what closes the discrepancies that alert somebody and that one more line puts right.

    What was overbilled of a unit is credited on the lines that billed it, none beyond what is left of it and without
    what was credited before in lines of no program. What was not billed becomes a line of a supplementary invoice, with
    the agreed price where that gives the amount. What was billed in another currency is credited whole and billed as
    agreed. Usage below zero that no line billed is credited without an invoice. Of what was billed for another month
    only money is corrected, in that month. A report that is late or missing costs the penalty of its program.

    Args:
        discrepancies: DISCREPANCIES with their states, in their order.
    """
    alerted = discrepancies[discrepancies["state"].isin(ALERTED_STATES)]
    penalized = penalties(alerted, billing.agreements, billing.penalties, billing.documents.values())
    # A report that came late has no amount; neither has what was billed in another currency.
    has_amount = alerted["difference_minor"].notna() | alerted["kind"].eq("currency_mismatch")
    rows = alerted[alerted["kind"].isin((*CORRECTED_KINDS, _MISPLACED)) & has_amount]
    lines = _by_unit(billing.lines, "service_account", rows)
    charges = _by_unit(billing.charges[billing.charges["amount_minor"].notna()], "account", rows)
    credited = Credits(billing.lines, billing.documents)
    # First the lines that are taken back whole: what else was overbilled is on others.
    found = [item for row in rows_of(rows[rows["kind"].isin(_REPEATED)]) for item in credited.repeated(row)]
    found += [item for row in rows_of(rows[rows["kind"].eq(_EARNED)]) for item in _earned(row, billing)]
    for row in rows_of(rows[rows["kind"].eq(_MISPLACED)]):
        found += _corrected_in_place(row, billing, credited, charges[_unit(row)])
    found += penalized
    rebilled: set[_Unit] = set()
    for unit, together in _by_unit(rows[rows["kind"].isin(_COMPARED)], "account", rows).items():
        gap = _gap(together)
        if together[0].kind == "currency_mismatch":
            agreed = [] if unit[:-1] in rebilled else _agreed(unit, charges, lines)
            rebilled.add(unit[:-1])
            owed_minor = sum(int(charge.amount_minor) for charge in agreed)
            quantity = _quantity(together[0].expected_quantity)
            found += credited.of_unit(gap, lines[unit], gap.overbilled_minor, -gap.missing_quantity)
            found += _supplement(gap, billing, agreed, (owed_minor, quantity))
        elif gap.overbilled_minor > 0:
            of_lines = credited.of_unit(gap, lines[unit], gap.overbilled_minor, -gap.missing_quantity)
            found += _with_rest(gap, billing, charges[unit], of_lines)
        else:
            found += _supplement(gap, billing, charges[unit], (-gap.overbilled_minor, gap.missing_quantity))
    return found


def _with_rest(gap: _Gap, billing: Billing, charges: list[Any], of_lines: Iterator[Correction]) -> Iterator[Correction]:
    """Yield the credits of lines, and one of no invoice for the rest: usage below zero is owed without any."""
    minor, quantity = gap.overbilled_minor, -gap.missing_quantity
    for item in of_lines:
        minor -= to_minor(item.line.amount, item.currency)
        quantity -= item.line.quantity or Decimal(0)
        yield item
    yield from _supplement(gap, billing, charges, (minor, quantity), "credit_note")


def _gap(rows: list[Any]) -> _Gap:
    named = next((row for row in rows if row.invoice), rows[0])
    other_currency = named.kind == "currency_mismatch"
    invoiced_quantity = _quantity(named.invoiced_quantity)
    overbilled_minor = sum(int(row.invoiced_minor if other_currency else row.difference_minor) for row in rows)
    granted_minor = min(sum(int(row.granted_minor) for row in rows), max(overbilled_minor, 0))
    return _Gap(
        **{name: getattr(named, name) for name in ("account", "program", "sku", "period", "invoice", "line")},
        message="; ".join([*(row.message for row in rows), *granted_words(granted_minor, named.currency)]),
        fingerprint=" ".join(
            [*sorted(row.fingerprint for row in rows), *([str(granted_minor)] if granted_minor else [])]
        ),
        overbilled_minor=overbilled_minor - granted_minor,
        missing_quantity=-invoiced_quantity if other_currency else sum(map(_missing_quantity, rows), Decimal(0)),
    )


def _by_unit(table: DataFrame, account: str, rows: DataFrame) -> dict[_Unit, list[Any]]:
    """Return the rows of the accounts and programs that are corrected, by unit."""
    wanted = table[account].isin(rows["account"].unique()) & table["program"].isin(rows["program"].unique())
    found: dict[_Unit, list[Any]] = defaultdict(list)
    for row in rows_of(table[wanted]):
        found[_unit(row, account)].append(row)
    return found


def _unit(row: Any, account: str = "account") -> _Unit:
    return (getattr(row, account), *(getattr(row, column) for column in UNIT[1:]))


def _corrected_in_place(row: Any, billing: Billing, credited: Credits, charges: list[Any]) -> Iterator[Correction]:
    """Yield credits of the lines that billed usage of another month too dear, or what is missing on their days.

    The lines stay where they are, and so does what completes them: together they are the usage, as agreed.
    """
    lines = billing.lines[billing.lines["program"].eq(row.program) & billing.lines["sku"].eq(row.sku)]
    own = lines[lines["service_account"].eq(row.account) & lines["currency"].eq(row.currency)]
    named = own[own["document"].eq(row.invoice) & own["line"].astype("str").eq(row.line)]
    in_month = list(rows_of(own[own["period"].isin(named["period"])]))
    gap = _gap([row])
    yield from credited.of_unit(gap, in_month, gap.overbilled_minor, Decimal(0))
    [line] = rows_of(named)
    for item in _supplement(gap, billing, charges, (-gap.overbilled_minor, Decimal(0))):
        days = {"service_from": line.service_from.date(), "service_to": line.service_to.date()}
        yield replace(item, line=replace(item.line, **days))


def _earned(row: Any, billing: Billing) -> Iterator[Correction]:
    """Yield the credit that incidents earned: of no invoice, its reason names the incidents."""
    agreement, month = billing.agreements.get(row.account), Period.parse(row.period)
    if agreement is None or row.difference_minor <= 0:
        return
    payer = agreement.billed_to or row.account
    line = Line(
        line=0,
        service_account=row.account if payer != row.account else None,
        program=row.program,
        description=f"Service credit for {row.period}",
        service_from=month.first_day,
        service_to=month.last_day,
        amount=from_minor(int(row.difference_minor), row.currency),
        tax="",
    )
    yield Correction(
        kind="credit_note",
        account=payer,
        currency=row.currency,
        line=line,
        reason=row.message,
        cause=row.fingerprint,
        period=row.period,
        group=f"{row.program} {row.period}",
    )


def _agreed(unit: _Unit, charges: Mapping[_Unit, list[Any]], lines: Mapping[_Unit, list[Any]]) -> list[Any]:
    """Return the charges of a unit in the first of its agreed currencies in which nothing was invoiced."""
    currencies = sorted(other[-1] for other in charges if other[:-1] == unit[:-1] and not lines.get(other))
    return charges[(*unit[:-1], currencies[0])] if currencies else []


def _supplement(
    gap: _Gap, billing: Billing, charges: list[Any], missing: tuple[int, Decimal], kind: DocumentKind = "invoice"
) -> Iterator[Correction]:
    """Yield the line of a document that bills an amount and a quantity that are missing of some charges."""
    agreement = billing.agreements.get(gap.account)
    amount_minor, quantity = missing
    if agreement is None or not charges or amount_minor <= 0:
        return
    payer, currency = agreement.billed_to or gap.account, charges[0].currency
    line = Line(
        line=0,
        service_account=gap.account if payer != gap.account else None,
        program=gap.program,
        sku=gap.sku,
        description=_description(gap, billing),
        service_from=min(charge.service_from for charge in charges).date(),
        service_to=max(charge.service_to for charge in charges).date(),
        quantity=quantity,
        unit=charges[0].unit or "unit",
        unit_price=_unit_price(charges, quantity, amount_minor),
        amount=from_minor(amount_minor, currency),
        tax="",
    )
    yield Correction(
        kind=kind,
        account=payer,
        currency=currency,
        line=line,
        reason=gap.message,
        cause=gap.fingerprint,
        period=gap.period,
        group=gap.period,
    )


def _missing_quantity(row: Any) -> Decimal:
    """Return the quantity that was not billed; a difference in price, or in a minimum, is none of quantity."""
    if row.kind in _WITHOUT_QUANTITY:
        return Decimal(0)
    return _quantity(row.expected_quantity) - _quantity(row.invoiced_quantity)


def _quantity(text: str) -> Decimal:
    return Decimal(text or 0)


def _unit_price(charges: list[Any], quantity: Decimal, amount_minor: int) -> Decimal | None:
    """Return the agreed price where it gives the amount, on a single charge."""
    [charge] = charges[:1]
    if len(charges) > 1 or charge.model != "per_unit" or not quantity:
        return None
    price = from_scaled(charge.price_scaled, charge.price_scale)
    return price if round_to_minor(product(quantity, price), charge.currency) == amount_minor else None


def _description(gap: _Gap, billing: Billing) -> str:
    """Return how the SKU was last called on a document of the program, of the same account if there is one."""
    same = billing.lines[billing.lines["program"].eq(gap.program) & billing.lines["sku"].eq(gap.sku)]
    own = same[same["service_account"].eq(gap.account)]
    for line in rows_of((own if len(own) else same).sort_values(["document", "line"]).tail(1)):
        document = billing.documents[line.document]
        return next(other.description for other in document.lines if other.line == line.line)
    return str(gap.sku)
