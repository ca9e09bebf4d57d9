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


@pytest.mark.parametrize("text", ["1e3", "", "1.2345678", "--1", "1.", "+1", " 1"])
def test_one_that_is_unusual_is_left_to_others(text: str) -> None:
    assert plain_integers(pa.array([*_numbers(40_000), text]), 6) is None
