"""What is out of the ordinary in a month's charges, compared with the months before."""

from collections.abc import Iterator, Sequence
from typing import Any

from pandas import DataFrame, Series

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX, divide, from_minor, from_scaled, plain, to_minor, to_scaled
from prisma_batch.base.periods import Period, periods_between
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.tier_inversions import tier_inversions
from prisma_batch.rating.totals import KEY, rescaled
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.settings import AnomalyPolicy, ChangeLimits
from prisma_batch.records.table import rows_of, safe_to_sum

_UNIT = [*KEY, "unit", "currency"]
_SPENDER = ["account", "currency"]


def find_anomalies(
    charges: DataFrame, terms: Sequence[Terms], months: tuple[Period, Period], policy: AnomalyPolicy
) -> list[Anomaly]:
    """Compare usage and spend with their mean in the months before, and volume prices with those of the next tier.

    Usage is compared by SKU, spend by account. A mean is over those of the months in which the account used the
    program, or spent anything at all: an account without such a month is new, and nothing of it is out of the ordinary.

    Args:
        charges: CHARGES of every month; those without a price are left out.
        terms: those that the charges name.
        months: the first whose usage is known, and the one that is looked at.
    Returns:
        Anomalies by account, kind, program and SKU.
    Raises:
        AmountOverflow: a sum leaves int64.
    """
    first, period = months
    before = list(map(str, periods_between(max(period.plus(-policy.months), first), period.plus(-1))))
    known = charges[charges["amount_minor"].notna() & charges["period"].isin([*before, str(period)])]
    known = known.astype({"amount_minor": "int64"})
    used = known[known["kind"].eq("usage")]
    found = list(tier_inversions(used[used["period"].eq(str(period))], terms))
    if before and len(known):
        safe_to_sum(known["amount_minor"])
        # pandas cannot merge two tables that both come from grouping nothing, as where all is a charge without usage.
        found += _usage_changes(_at_one_scale(used), period, policy.usage) if len(used) else ()
        found += _spend_spikes(known, period, policy.spend)
    return sorted(found, key=lambda item: (item.account, item.kind, item.program, item.sku, item.currency))


def _usage_changes(used: DataFrame, period: Period, limits: ChangeLimits) -> Iterator[Anomaly]:
    compared = _compared(used, _UNIT, ["account", "program"], period)
    for row in rows_of(compared[_is_out_of_the_ordinary(compared, "quantity", limits)]):
        about = {"program": row.program, "sku": row.sku, "source": row.source, "pointer": row.pointer}
        yield Anomaly(kind="usage_change", message=_usage_words(row), **about, **_figures(row, period))


def _spend_spikes(known: DataFrame, period: Period, limits: ChangeLimits) -> Iterator[Anomaly]:
    compared = _compared(known.assign(quantity=0, scale=0), _SPENDER, ["account"], period)
    risen = compared["amount"] > compared["amount_before"] // compared["months"]
    for row in rows_of(compared[risen & _is_out_of_the_ordinary(compared, "amount", limits)]):
        figures = _figures(row, period)
        amount, usual = (from_minor(figures[name], row.currency) for name in ("amount_minor", "usual_minor"))
        message = f"{amount} {row.currency} to be billed, {usual} on average in {_months(row)} before"
        yield Anomaly(kind="spend_spike", message=message, **figures)


def _at_one_scale(charges: DataFrame) -> DataFrame:
    """Give each SKU of an account one ``scale``, so that its quantities compare as integers."""
    scale = charges.groupby(KEY)["quantity_scale"].transform("max")
    quantity = rescaled(charges["quantity_scaled"], charges["quantity_scale"], scale)
    if len(quantity) and int(quantity.abs().max()) * len(quantity) > INT64_MAX:
        exact = quantity.abs().astype(object).groupby([charges[column] for column in KEY]).sum()
        if exact.max() > INT64_MAX:
            raise AmountOverflow("a usage total leaves 64-bit integers")
    return charges.assign(quantity=quantity, scale=scale)


def _compared(charges: DataFrame, by: list[str], who: list[str], period: Period) -> DataFrame:
    """Sum quantities and amounts of the period beside those of the months before, with the number of the latter.

    ``who`` are the columns that say whose months with anything in them are counted.
    """
    sums = {"quantity": ("quantity", "sum"), "amount": ("amount_minor", "sum"), "scale": ("scale", "max")}
    place = {"source": ("source", "first"), "pointer": ("pointer", "first")}
    is_now = charges["period"].eq(str(period))
    # Nullable integers: the outer merge would turn int64 into floats.
    integers = dict.fromkeys(sums, "Int64")
    now, earlier = (
        part.groupby(by, as_index=False).agg(**sums, **place).astype(integers)
        for part in (charges[is_now], charges[~is_now])
    )
    months = charges[~is_now].groupby(who)["period"].nunique().rename("months").reset_index()
    both = now.merge(earlier, on=by, how="outer", validate="one_to_one", suffixes=("", "_before"))
    both["scale"] = both["scale"].fillna(both["scale_before"])
    both = both.assign(**{column: both[column].fillna(both[f"{column}_before"]) for column in place})
    integers |= dict.fromkeys(["quantity_before", "amount_before"], "Int64")
    whole = {column: both[column].fillna(0).astype("int64") for column in integers}
    return both.assign(**whole).merge(months, on=who, how="inner", validate="many_to_one")


def _is_out_of_the_ordinary(compared: DataFrame, column: str, limits: ChangeLimits) -> "Series[bool]":
    """Say where a column differs from its mean by more than the percentage, and the money by more than the amount."""
    percent, scale = to_scaled(limits.percent)
    hundred = 100 * 10**scale
    now, before, months = _exact(compared, column, max(hundred, percent))
    over_percent = (now * months - before).abs() * hundred > before.abs() * percent
    limit = {currency: to_minor(amount, currency) for currency, amount in limits.amount.items()}
    least = compared["currency"].map(lambda currency: limit.get(currency, -1)).astype("int64")
    now, before, months = _exact(compared, "amount", 1)
    differs: Series[bool] = (over_percent & ((now * months - before).abs() > least * months)).astype(bool)
    return differs


def _exact(compared: DataFrame, column: str, factor: int) -> list[Any]:
    """Return a column, its sum before and the number of months: Python integers where a product could leave int64."""
    columns = [compared[name] for name in (column, f"{column}_before", "months")]
    largest = [int(values.abs().max()) for values in columns if len(values)]
    fits = not largest or 2 * max(largest[:2]) * largest[2] * factor <= INT64_MAX
    return columns if fits else [values.astype(object) for values in columns]


def _figures(row: Any, period: Period) -> dict[str, Any]:
    return {
        "account": row.account,
        "period": str(period),
        "amount_minor": int(row.amount),
        "usual_minor": divide(int(row.amount_before), int(row.months)),
        "currency": row.currency,
    }


def _usage_words(row: Any) -> str:
    used, usual = (_quantity(number, row) for number in (int(row.quantity), divide(row.quantity_before, row.months)))
    if not row.quantity:
        return f"none used, {usual} on average in {_months(row)} before"
    if not row.quantity_before:
        return f"{used} used, none in {_months(row)} before"
    return f"{used} used, {usual} on average in {_months(row)} before"


def _quantity(scaled: int, row: Any) -> str:
    return f"{plain(from_scaled(scaled, int(row.scale)))} {row.unit}".rstrip()


def _months(row: Any) -> str:
    return "the month" if row.months == 1 else f"{row.months} months"
