"""Subset sums: what is asked all at once leaves nothing out that would be found one by one."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.receivables.subsets import MOST_ITEMS, SubsetSums, can_tell
from tests.receivables.tables import Row, applied, document, entry, settled, tree


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50).filter(bool), min_size=1, max_size=8), st.lists(st.integers(1, 90), min_size=1))
def test_sums_asked_at_once_are_those_asked_one_by_one(amounts: list[int], targets: list[int]) -> None:
    sums = SubsetSums.of(amounts)
    every = [sum(chosen) for count in range(len(amounts) + 1) for chosen in combinations(amounts, count)]
    assert sums.can_be(np.array(targets)).tolist() == [target in every for target in targets]
    assert all(every.count(target) == 1 or not sums.only(target) for target in targets)


def test_amounts_beyond_the_machines_numbers_are_left_to_those_asked_one_by_one() -> None:
    assert SubsetSums.of([2**62, 2**62, 1]).can_be(np.array([5, 1])).tolist() == [True, True]


@pytest.mark.parametrize(("count", "tells"), [(1, False), (2, True), (MOST_ITEMS, True), (MOST_ITEMS + 1, False)])
def test_so_many_items_are_looked_at(count: int, tells: bool) -> None:
    assert can_tell([10**12 + number for number in range(count)]) is tells


def known(account: str, number: int, iban: str, minor: int = 10**7) -> tuple[Row, ...]:
    name = f"KNOWN-{account}-{number}"
    return document(name, minor + number, account=account), entry(f"P-{name}", minor + number, name, iban=iban)


@pytest.mark.parametrize("shared", [False, True], ids=["an account each", "a payer of both accounts"])
def test_payers_of_an_account_are_asked_in_booking_order(shared: bool) -> None:
    """Two payers of one account: the first payment takes the items, and the second finds nothing left."""
    payers = (*known("A-1", 1, "NL01"), *known("A-1", 2, "NL02"), *(known("A-2", 3, "NL02") if shared else ()))
    items = [document(f"INV-{minor}", minor, account="A-1") for minor in (100_003, 200_017, 400_009)]
    rows = (
        entry("P-1", 300_020, on="2026-10-25", iban="NL02"),
        entry("P-2", 300_020, on="2026-10-24", iban="NL01"),
        entry("P-3", 999_999, on="2026-10-23", iban="NL01"),
    )
    found = {
        row
        for row in applied(settled(tree(*payers, *items, *rows, links={"A-2": "A-1"})))
        if row[3] == "account_subset"
    }
    assert found == {(*("P-2", f"INV-{minor}"), minor, "account_subset") for minor in (100_003, 200_017)}


def test_items_that_a_payer_of_two_accounts_takes_away_make_the_rest_tell() -> None:
    """Ten small items prove nothing, two of them do: the second payment waits for what the first one leaves."""
    payers = (*known("A-1", 1, "NL01"), *known("A-1", 2, "NL02"), *known("B-1", 3, "NL02"))
    minors = [40_001 + 2 ** (number + 1) for number in range(10)]
    items = [document(f"INV-{minor}", minor, account="A-1") for minor in minors]
    large = document("INV-B", 10**9, account="B-1")
    first = entry("P-1", 10**9 + sum(minors[:8]), on="2026-10-24", iban="NL02")
    second = entry("P-2", sum(minors[8:]), on="2026-10-25", iban="NL01")
    found = applied(settled(tree(*payers, *items, large, first, second, links={"B-1": "A-1"})))
    assert {name for payment, name, *_ in found if payment == "P-2"} == {f"INV-{minor}" for minor in minors[8:]}
