"""Money: minor units, one rounding, splits that add up. Vectors from EN 16931 examples."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import (
    INT64_MAX,
    Rounding,
    allocate,
    checked,
    divide,
    fits_minor,
    from_minor,
    from_scaled,
    minor_digits,
    percent_of,
    plain,
    round_to_minor,
    to_minor,
    to_scaled,
)

DECIMAL_ROUNDING: dict[Rounding, str] = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
}
QUICK = settings(max_examples=200, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("USD", 2), ("MGA", 2), ("JPY", 0), ("CLP", 0), ("KWD", 3), ("TND", 3), ("CLF", 4), ("UYW", 4)],
)
def test_minor_digits(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("281.40", "EUR", 28140),
        ("-0.01", "EUR", -1),
        ("7", "EUR", 700),
        ("1E+2", "EUR", 10000),
        ("1.10000", "EUR", 110),
        ("-0.00", "EUR", 0),
        ("5000", "JPY", 5000),
        ("1.234", "KWD", 1234),
        ("-0.0001", "CLF", -1),
        ("92233720368547758.07", "EUR", INT64_MAX),
    ],
)
def test_to_minor(amount: str, currency: str, minor: int) -> None:
    assert fits_minor(Decimal(amount), currency)
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("1.001", "EUR"), ("0.5", "JPY"), ("10.05", "JPY"), ("0.0001", "KWD"), ("0.00001", "CLF")]
)
def test_to_minor_never_rounds(amount: str, currency: str) -> None:
    assert not fits_minor(Decimal(amount), currency)
    with pytest.raises(ValueError, match=f"{currency} has at most {minor_digits(currency)} decimals"):
        to_minor(Decimal(amount), currency)


@pytest.mark.parametrize("amount", ["92233720368547758.08", "-92233720368547758.08", "1E+30"])
def test_to_minor_refuses_what_leaves_int64(amount: str) -> None:
    with pytest.raises(AmountOverflow):
        to_minor(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("minor", "currency", "printed"),
    [(28140, "EUR", "281.40"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (5000, "JPY", "5000"), (1, "KWD", "0.001")],
)
def test_from_minor_prints_every_digit(minor: int, currency: str, printed: str) -> None:
    assert str(from_minor(minor, currency)) == printed


@pytest.mark.parametrize(
    ("number", "scaled"),
    [("23.450", (2345, 2)), ("100", (100, 0)), ("1E+3", (1000, 0)), ("-0.10", (-1, 1)), ("0.000", (0, 0))],
)
def test_to_scaled(number: str, scaled: tuple[int, int]) -> None:
    assert to_scaled(Decimal(number)) == scaled


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_to_scaled_refuses_what_is_no_number(number: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        to_scaled(Decimal(number))


@pytest.mark.parametrize(
    ("number", "printed"),
    [("1E+3", "1000"), ("23.4500", "23.45"), ("-0.0", "0"), ("1E-12", "0.000000000001"), ("-7.10", "-7.1")],
)
def test_plain(number: str, printed: str) -> None:
    assert plain(Decimal(number)) == printed


def test_more_digits_than_the_decimal_context_stay_exact() -> None:
    number = Decimal("12345678901234567890123456789012345678.5")
    scaled, scale = to_scaled(number)
    assert (scaled, scale) == (123456789012345678901234567890123456785, 1)
    assert plain(from_scaled(scaled, scale)) == "12345678901234567890123456789012345678.5"


@QUICK
@given(st.integers(-(10**20), 10**20), st.integers(0, 12))
def test_scaled_numbers_return(scaled: int, scale: int) -> None:
    number = from_scaled(scaled, scale)
    with localcontext(prec=60):
        assert number == Decimal(scaled) / 10**scale
    assert plain(number) == f"{number:f}"


@QUICK
@given(st.integers(-(10**25), 10**25), st.integers(1, 10**9), st.sampled_from(["half_up", "half_even", "down"]))
def test_divide_is_one_decimal_rounding(numerator: int, denominator: int, rounding: Rounding) -> None:
    with localcontext(prec=80):
        expected = (Decimal(numerator) / denominator).quantize(Decimal(1), DECIMAL_ROUNDING[rounding])
    assert divide(numerator, denominator, rounding) == expected
    assert divide(-numerator, denominator, rounding) == -divide(numerator, denominator, rounding)


@pytest.mark.parametrize(
    ("numerator", "half_up", "half_even", "down"),
    [(5, 1, 0, 0), (15, 2, 2, 1), (25, 3, 2, 2), (4, 0, 0, 0), (6, 1, 1, 0), (-5, -1, 0, 0), (-25, -3, -2, -2)],
)
def test_divide_at_ties(numerator: int, half_up: int, half_even: int, down: int) -> None:
    roundings: list[Rounding] = ["half_up", "half_even", "down"]
    assert [divide(numerator, 10, rounding) for rounding in roundings] == [half_up, half_even, down]


def test_a_discounted_line_and_its_tax() -> None:
    """16 × 348.35 less 4 % is 5,350.66; with 22 % it is 6,527.81."""
    net = round_to_minor(16 * Decimal("348.35") * (1 - Decimal("0.04")), "EUR")
    assert net == 535066
    assert net + percent_of(net, Decimal(22)) == 652781


def test_tax_is_taken_of_the_sum_of_lines() -> None:
    """55.55 + 11.11 at 23 % is 15.33; rounded line by line it would be 15.34."""
    assert percent_of(5555 + 1111, Decimal(23)) == 1533
    assert percent_of(5555, Decimal(23)) + percent_of(1111, Decimal(23)) == 1534


@pytest.mark.parametrize(
    ("amount", "currency", "rounding", "minor"),
    [
        ("0.005", "EUR", "half_up", 1),
        ("-0.005", "EUR", "half_up", -1),
        ("0.005", "EUR", "half_even", 0),
        ("0.015", "EUR", "half_even", 2),
        ("0.019", "EUR", "down", 1),
        ("-0.019", "EUR", "down", -1),
        ("0.5", "JPY", "half_up", 1),
        ("0.00049999999999", "KWD", "half_up", 0),
    ],
)
def test_round_to_minor(amount: str, currency: str, rounding: Rounding, minor: int) -> None:
    assert round_to_minor(Decimal(amount), currency, rounding) == minor


@pytest.mark.parametrize(
    ("minor", "percent", "part"), [(100, "0.5", 1), (-100, "0.5", -1), (99, "0.5", 0), (7, "0", 0)]
)
def test_percent_of(minor: int, percent: str, part: int) -> None:
    assert percent_of(minor, Decimal(percent)) == part


@pytest.mark.parametrize("number", [INT64_MAX, -INT64_MAX, 0])
def test_checked_lets_int64_pass(number: int) -> None:
    assert checked(number) == number


@pytest.mark.parametrize("number", [INT64_MAX + 1, -INT64_MAX - 1])
def test_checked_refuses_what_leaves_int64(number: int) -> None:
    with pytest.raises(AmountOverflow):
        checked(number)
    with pytest.raises(AmountOverflow):
        round_to_minor(Decimal(number), "JPY")
    with pytest.raises(AmountOverflow):
        percent_of(number, Decimal(100))


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (10, [1, 2], [3, 7]),
        (5, [0, 1, 0], [0, 5, 0]),
        (0, [3, 4], [0, 0]),
        (1, [1, 98, 1], [0, 1, 0]),
    ],
)
def test_allocate(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@QUICK
@given(st.integers(-(10**18), 10**18), st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_allocated_parts_add_up_and_mirror(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert allocate(-total, weights) == [-part for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_allocate_refuses_weights_without_a_share(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(1, weights)
