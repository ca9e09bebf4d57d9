"""From run to run: each currency on its own, on one scale, oldest first."""

from datetime import date
from typing import Any

from prisma_batch.base.periods import Period
from prisma_batch.views.charts import HEIGHT
from prisma_batch.views.trend import RunTotal, run_totals, trends


def totals(balance: str, late: str, currency: str = "EUR") -> dict[str, Any]:
    shares = [{"bucket": "not_due", "amount": "1.00"}, {"bucket": "1_30", "amount": late}]
    return {
        "ledger": [{"currency": currency, "invoices": "40.00", "payments": "30.00"}],
        "aging": [{"currency": currency, "shares": shares, "balance": balance}],
    }


def run(period: str, balance: str, late: str, currency: str = "EUR") -> tuple[RunTotal, ...]:
    return run_totals(Period.parse(period), date(2026, 11, 15), totals(balance, late, currency))


def test_control_totals_are_taken_as_they_stand() -> None:
    (total,) = run("2026-10", "80.00", "20.00")
    amounts = (total.invoiced, total.paid, total.balance, total.overdue)
    assert [money.text for money in amounts] == ["40.00", "30.00", "80.00", "20.00"]


def test_what_is_not_due_is_not_overdue_and_a_currency_without_movements_has_none() -> None:
    without = {**totals("1.00", "0.00"), "ledger": []}
    (total,) = run_totals(Period.parse("2026-10"), date(2026, 11, 15), without)
    assert [money.text for money in (total.invoiced, total.overdue)] == ["0.00", "0.00"]


def test_runs_are_drawn_from_the_oldest_on_one_scale() -> None:
    (trend,) = trends([*run("2026-11", "0.00", "0.00"), *run("2026-10", "50.00", "25.00"), *run("2026-09", "100", "0")])
    assert [str(total.period) for total in trend.runs] == ["2026-09", "2026-10", "2026-11"]
    assert trend.balance_path == f"M0 0L500 {HEIGHT // 2}L1000 {HEIGHT}"
    assert trend.overdue_path == f"M0 {HEIGHT}L500 {HEIGHT * 3 // 4}L1000 {HEIGHT}"
    assert trend.zero == HEIGHT


def test_a_balance_in_favour_of_customers_is_below_zero() -> None:
    (trend,) = trends([*run("2026-09", "-50.00", "0.00"), *run("2026-10", "50.00", "0.00")])
    assert trend.zero == HEIGHT // 2


def test_one_run_is_no_trend_and_currencies_never_mix() -> None:
    assert trends(run("2026-09", "1.00", "0.00")) == ()
    drawn = trends([*run("2026-09", "1", "0"), *run("2026-10", "1", "0"), *run("2026-10", "9", "0", "USD")])
    assert [trend.currency for trend in drawn] == ["EUR"]
