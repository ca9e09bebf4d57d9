"""Numbers in a language are exact, and separated as CLDR has it."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal

from prisma_batch.views.amounts import Money
from prisma_batch.writers.texts import figure_text, locale_of, number_text

NUMBERS = [
    Decimal(text)
    for text in ("0", "-0.00", "7", "-7.5", "999.99", "1000", "-1234567.891234567891", "1E+6", "0.000000000001")
]


@pytest.mark.parametrize("language", ["en", "de", "de-CH", "fr", "nl", "es", "sv", "hi"])
@pytest.mark.parametrize(("decimals_min", "pattern"), [(0, "#,##0.############"), (2, "#,##0.00##########")])
def test_numbers_are_separated_as_cldr_has_it(language: str, decimals_min: int, pattern: str) -> None:
    for number in NUMBERS:
        expected = format_decimal(abs(number), pattern, locale_of(language), decimal_quantization=False)
        assert number_text(number, decimals_min, language) == ("−" if number < 0 else "") + expected


@pytest.mark.parametrize(
    ("money", "printed"),
    [
        (Money(-123_456, "EUR"), "−1.234,56"),
        (Money(5, "EUR"), "0,05"),
        (Money(123_456, "JPY"), "123.456"),
        (Money(1_234, "KWD"), "1,234"),
        (Money(123_450, "CLF"), "12,3450"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(money: Money, printed: str) -> None:
    assert figure_text(money, "de") == printed
