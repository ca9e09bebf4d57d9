"""What a run may know: documents that were issued, and those that bill its months, whenever they were issued."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.jobs.month_inputs import known_records
from prisma_batch.records.agreements import PriceList, Pricing, Rate
from tests.views.sample_run import invoice, snapshot

YEARLY = Rate(
    program="cloud",
    sku="A1",
    unit="seat",
    starts_on=date(2026, 1, 1),
    bills="advance",
    every="year",
    pricing=Pricing(model="per_unit", price=Decimal(1)),
)


def known(rate: Rate, *, listed: bool, **line: Any) -> bool:
    sample = snapshot()
    own = replace(sample.agreements["ACME-001"], rates=() if listed else (rate,))
    lists = {"l": PriceList(source="l.yaml", id="l", currency="EUR", rates=(rate,))} if listed else {}
    about = {"program": "cloud", "sku": "A1", "service_from": date(2026, 10, 31), "service_to": date(2027, 10, 30)}
    document = replace(invoice(), issued_on=date(2026, 11, 16), lines=(replace(invoice().lines[0], **about | line),))
    records = replace(sample, agreements={"ACME-001": own}, price_lists=lists, documents=(document,))
    return bool(known_records(records, Period(2026, 10), date(2026, 11, 15)).documents)


@pytest.mark.parametrize("listed", [False, True], ids=["own rate", "price list"])
def test_a_line_that_bills_in_advance_is_known_by_its_first_day(*, listed: bool) -> None:
    assert known(YEARLY, listed=listed)
    assert not known(YEARLY, listed=listed, service_from=date(2026, 11, 1))
    assert not known(YEARLY, listed=listed, sku="B2")
    assert not known(replace(YEARLY, bills="arrears"), listed=listed)
    assert known(replace(YEARLY, bills="arrears"), listed=listed, service_to=date(2026, 10, 31))
