"""From run to run: what was invoiced and paid, and what was open and overdue in the end, by currency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from prisma_batch.base.money import divide
from prisma_batch.base.periods import Period
from prisma_batch.views.amounts import Money
from prisma_batch.views.charts import HEIGHT, WIDTH


@dataclass(frozen=True, kw_only=True, slots=True)
class RunTotal:
    """One run in one currency; ``overdue`` is what was past its due date on the as-of day."""

    period: Period
    as_of: date
    invoiced: Money
    paid: Money
    balance: Money
    overdue: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """Runs in one currency, oldest first, and two lines through them; ``zero`` is the height of nothing."""

    currency: str
    runs: tuple[RunTotal, ...]
    balance_path: str
    overdue_path: str
    zero: int


def run_totals(period: Period, as_of: date, totals: Mapping[str, Any]) -> tuple[RunTotal, ...]:
    """Take the control totals of a run as its manifest has them: ``ledger`` and ``aging``, amounts as decimals."""
    ledger = {str(total["currency"]): total for total in totals["ledger"]}
    return tuple(
        RunTotal(
            period=period,
            as_of=as_of,
            invoiced=_money(ledger, currency, "invoices"),
            paid=_money(ledger, currency, "payments"),
            balance=Money.of(Decimal(aging["balance"]), currency),
            overdue=Money.of(sum((Decimal(share["amount"]) for share in aging["shares"][1:]), Decimal()), currency),
        )
        for aging in totals["aging"]
        for currency in [str(aging["currency"])]
    )


def trends(runs: Iterable[RunTotal]) -> tuple[Trend, ...]:
    """Draw each currency that more than one run had something in; currencies by name, runs by period."""
    by_currency: dict[str, list[RunTotal]] = {}
    for run in sorted(runs, key=lambda run: (run.balance.currency, run.period)):
        by_currency.setdefault(run.balance.currency, []).append(run)
    return tuple(_trend(currency, tuple(runs)) for currency, runs in by_currency.items() if len(runs) > 1)


def _trend(currency: str, runs: tuple[RunTotal, ...]) -> Trend:
    minors = [money.minor for run in runs for money in (run.balance, run.overdue)]
    low, high = min(0, *minors), max(0, *minors)
    scale = (high - low) or 1

    def height(minor: int) -> int:
        return HEIGHT - divide((minor - low) * HEIGHT, scale)

    def path(amounts: list[Money]) -> str:
        last = len(amounts) - 1
        points = [f"{divide(place * WIDTH, last)} {height(money.minor)}" for place, money in enumerate(amounts)]
        return f"M{'L'.join(points)}"

    return Trend(
        currency=currency,
        runs=runs,
        balance_path=path([run.balance for run in runs]),
        overdue_path=path([run.overdue for run in runs]),
        zero=height(0),
    )


def _money(ledger: Mapping[str, Mapping[str, str]], currency: str, name: str) -> Money:
    total = ledger.get(currency)
    return Money.of(Decimal(total[name]), currency) if total else Money(0, currency)
