"""Exact amounts: minor units as integers, rounding and splitting in one place.

Source: ISO 4217 (minor units); EN 16931 BR-CO-10 (lines are rounded, then added).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, TypeAlias

from prisma_batch.base.errors import AmountOverflow

Rounding: TypeAlias = Literal["half_up", "half_even", "down"]
# Price files that cut decimals on the way: the amount before and after conversion, or the converted unit price.
RateRounding: TypeAlias = Literal["half_up", "half_even", "down", "down_twice", "down_price"]

INT64_MAX = 2**63 - 1
QUANTITY_SCALE_MAX = 12

MINOR_DIGITS_MAX = 4
_DIGITS = (
    dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
    | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
    | dict.fromkeys("CLF UYW".split(), MINOR_DIGITS_MAX)
)

# What records may be in: the schemas name the same (ISO 4217, with what was withdrawn of late).
_CURRENCIES = frozenset(
    (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
        "GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD "
        "KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
        "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN "
        "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD "
        "XCG XDR XOF XPF YER ZAR ZMW ZWG ZWL"
    ).split()
)

_QUANTA = {digits: Decimal(1).scaleb(-digits) for digits in range(MINOR_DIGITS_MAX + 1)}


def is_currency(code: str) -> bool:
    """Say whether money is counted in a currency of this code: one of ISO 4217, no metal and none for tests."""
    return code in _CURRENCIES


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217); two unless it is an exception."""
    return _DIGITS.get(currency, 2)


def fits_minor(amount: Decimal, currency: str) -> bool:
    """Say whether an amount is a whole number of minor units."""
    digits = minor_digits(currency)
    # Nearly every amount is written with just its currency's decimals, which is seen without looking at its digits.
    return amount.same_quantum(_QUANTA[digits]) or _shifted(amount, digits) is not None


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount as minor units; raises ValueError where it has more decimals than the currency."""
    minor = _shifted(amount, minor_digits(currency))
    if minor is None:
        raise ValueError(f"an amount in {currency} has at most {minor_digits(currency)} decimals")
    return checked(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return minor units as a decimal with the currency's number of decimals."""
    return _decimal(int(minor), minor_digits(currency))


def to_scaled(number: Decimal) -> tuple[int, int]:
    """Return a decimal as ``(integer, scale)`` without trailing zeros: ``Decimal("23.450")`` is ``(2345, 2)``."""
    whole, point, decimals = str(number).partition(".")
    if point and decimals.isdecimal():
        decimals = decimals.rstrip("0")
        return int(whole + decimals), len(decimals)
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite number")
    scaled, scale = int("".join(map(str, digits)) or "0"), -exponent
    while scale > 0 and scaled % 10 == 0:
        scaled, scale = scaled // 10, scale - 1
    if scale < 0:
        scaled, scale = scaled * 10**-scale, 0
    return (-scaled if sign else scaled), scale


def from_scaled(scaled: int, scale: int) -> Decimal:
    """Return ``scaled`` ÷ 10^``scale`` as a decimal without trailing zeros and never in exponent form when printed."""
    return _decimal(*to_scaled(_decimal(int(scaled), int(scale))))


def product(first: Decimal, second: Decimal) -> Decimal:
    """Multiply two decimals exactly; the operator would round to the context's 28 digits."""
    (one, one_scale), (other, other_scale) = to_scaled(first), to_scaled(second)
    return from_scaled(one * other, one_scale + other_scale)


def plain(number: Decimal) -> str:
    """Print a decimal exactly, without exponent and without trailing zeros after the point."""
    return f"{_decimal(*to_scaled(number)):f}"


def divide(numerator: int, denominator: int, rounding: Rounding = "half_up") -> int:
    """Divide by a positive integer and round once, mirror-symmetric: ``divide(-n, d) == -divide(n, d)``."""
    quotient, remainder = divmod(abs(numerator), denominator)
    twice = 2 * remainder
    if rounding != "down" and (
        twice > denominator or (twice == denominator and (rounding == "half_up" or quotient % 2))
    ):
        quotient += 1
    return -quotient if numerator < 0 else quotient


def round_to_minor(amount: Decimal, currency: str, rounding: Rounding = "half_up") -> int:
    """Round an exact amount once to minor units."""
    scaled, scale = to_scaled(amount)
    return checked(divide(scaled * 10 ** minor_digits(currency), 10**scale, rounding))


def last_rounding(rule: RateRounding) -> Rounding:
    """Return how the rounding rule of a rate rounds the amount at the end."""
    match rule:
        case "down_twice" | "down_price":
            return "down"
        case _:
            return rule


def percent_of(minor: int, percent: Decimal, rounding: Rounding = "half_up") -> int:
    """Return a percentage of an amount in minor units, rounded once. Source: EN 16931 BR-CO-17."""
    scaled, scale = to_scaled(percent)
    return checked(divide(minor * scaled, 100 * 10**scale, rounding))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights so that the parts add up to it (largest remainder, first wins ties).

    Mirror-symmetric: ``allocate(-total, weights)`` is the negative of ``allocate(total, weights)``.
    """
    weight = sum(weights)
    if weight <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and do not add up to zero")
    shares = [divmod(abs(total) * part, weight) for part in weights]
    missing = abs(total) - sum(quotient for quotient, _ in shares)
    by_remainder = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    extra = set(by_remainder[:missing])
    sign = -1 if total < 0 else 1
    return [sign * (quotient + (index in extra)) for index, (quotient, _) in enumerate(shares)]


def checked(number: int) -> int:
    """Return the number, or raise AmountOverflow where it leaves 64 bits."""
    if not -INT64_MAX <= number <= INT64_MAX:
        raise AmountOverflow("an amount or quantity is too large: it leaves 64-bit integers")
    return number


def _decimal(scaled: int, scale: int) -> Decimal:
    # Built from text: arithmetic on a Decimal would round to the context's 28 digits.
    return Decimal(f"{scaled}E{-scale}")


def _shifted(amount: Decimal, places: int) -> int | None:
    scaled, scale = to_scaled(amount)
    return scaled * 10 ** (places - scale) if scale <= places else None
