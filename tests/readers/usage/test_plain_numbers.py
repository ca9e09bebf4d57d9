"""Numbers of usual form, however many: the integers that Python's decimals give, or none."""

import random
from decimal import Decimal

import pyarrow as pa
import pytest

from prisma_batch.readers.usage.plain_numbers import plain_integers


def _numbers(count: int) -> list[str]:
    chance = random.Random(5)  # noqa: S311 - seeded on purpose
    return [f"{Decimal(chance.randrange(-(10**9), 10**10)).scaleb(-chance.choice([0, 2, 6])):f}" for _ in range(count)]


def test_many_numbers() -> None:
    texts = _numbers(40_000)
    array = pa.array(["not read", *texts])[1:]
    found = plain_integers(array, 6)
    assert found is not None
    assert found.tolist() == [int(Decimal(text).scaleb(6)) for text in texts]


@pytest.mark.parametrize("decimals", range(1, 13))
def test_numbers_of_one_layout(decimals: int) -> None:
    chance = random.Random(decimals)  # noqa: S311 - as above
    numbers = [chance.randrange(10 ** chance.randrange(1, 6 + decimals)) for _ in range(99)]
    texts = [f"{number // 10**decimals}.{number % 10**decimals:0{decimals}}" for number in numbers]
    found = plain_integers(pa.array(texts), 12)
    assert found is not None
    assert found.tolist() == [number * 10 ** (12 - decimals) for number in numbers]


@pytest.mark.parametrize("text", ["1/25", "-.25", ".25", ".250", "1..5", "12.5", "1a25", "1.2a", "+.25", "1.25."])
def test_one_of_another_layout_is_not_mistaken(text: str) -> None:
    found = plain_integers(pa.array(["1.25", text, "3.50"]), 6)
    plain = [1_250_000, 12_500_000, 3_500_000] if text == "12.5" else None
    assert (None if found is None else found.tolist()) == plain


@pytest.mark.parametrize("text", ["1e3", "", "1.2345678", "--1", "1.", "+1", " 1"])
def test_one_that_is_unusual_is_left_to_others(text: str) -> None:
    assert plain_integers(pa.array([*_numbers(40_000), text]), 6) is None
