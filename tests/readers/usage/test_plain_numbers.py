"""Numbers of usual form, however many: the integers that Python's decimals give, or none."""

import random
import re
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("other", ["3.50", "3", "-12.5"])
@pytest.mark.parametrize("text", ["1/25", "-.25", ".25", ".250", "1..5", "1a25", "1.2a", "+.25", "1.25.", "1-.25", ""])
def test_one_of_another_layout_is_not_mistaken(text: str, other: str) -> None:
    assert plain_integers(pa.array(["1.25", text, other]), 6) is None


@pytest.mark.parametrize("others", [["13.5"], ["1234", "1.2.25"], ["1.2.25", "1234"], ["-.25"]])
def test_one_of_another_layout_after_many_is_not_mistaken(others: list[str]) -> None:
    assert plain_integers(pa.array([*["1.25"] * 5_000, *others]), 6) is None


def test_a_whole_number_after_many_with_decimals_keeps_its_digits() -> None:
    found = plain_integers(pa.array([*["1.25"] * 5_000, "1234"]), 6)
    assert found is not None
    assert found[-2:].tolist() == [1_250_000, 1_234_000_000]


@pytest.mark.parametrize("scale", [0, 6, 12])
@pytest.mark.parametrize("text", ["0." + "0" * 30, "0." + "0" * 29 + "1", "-1." + "0" * 17])
def test_very_many_decimals_are_no_bug(text: str, scale: int) -> None:
    found = plain_integers(pa.array([text, text]), scale)
    assert found is None or found.tolist() == 2 * [int(Decimal(text).scaleb(scale))]


UNUSUAL = [
    "1e3",
    "",
    "1.2345678",
    "--1",
    "1.",
    "+1",
    " 1",
    ".5",
    "-.5",
    "-1.",
    "-",
    ".",
    "1-",
    "1/2",
    "0x10",
    "1 ",
    "1_0",
]


@pytest.mark.parametrize("text", [*UNUSUAL, "9" * 13, "-9223372036854.775808"])
def test_one_that_is_unusual_is_left_to_others(text: str) -> None:
    assert plain_integers(pa.array([*_numbers(40_000), text]), 6) is None
    assert plain_integers(pa.array([text]), 6) is None
    assert plain_integers(pa.array(["7", text]), 6) is None


@given(st.lists(st.text("05.-", max_size=5), min_size=1, max_size=3))
def test_what_is_taken_is_what_decimals_say(texts: list[str]) -> None:
    found = plain_integers(pa.array(texts), 6)
    is_plain = all(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) for text in texts)
    assert (found is not None) == is_plain
    if found is not None:
        assert found.tolist() == [int(Decimal(text).scaleb(6)) for text in texts]
