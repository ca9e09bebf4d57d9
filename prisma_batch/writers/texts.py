"""What templates may do with a value: money, dates and quantities in the reader's language, and safe text.

Everything takes its language from the template's context, never from the environment of the machine.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, cast

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_timezone_gmt, get_timezone_name
from babel.numbers import get_decimal_symbol, get_group_symbol
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from prisma_batch.base.money import minor_digits
from prisma_batch.base.periods import Period
from prisma_batch.views.amounts import Money
from prisma_batch.views.hours import OpeningHours
from prisma_batch.views.labels import LABELS
from prisma_batch.views.notices.layout import Label, Text, UnitPrice, Value
from prisma_batch.views.payment import account_number
from prisma_batch.writers.markdown_html import markdown_html

NO_BREAK_SPACE = "\xa0"
_LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Control characters, and the marks that turn the direction of the text around them.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# An underscore inside a word is no markup, and codes such as unbilled_usage stay what people search for.
_MARKDOWN = re.compile(r"([\\`*\[\]<>|#~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def one_line(text: str) -> str:
    """Return text without line breaks, control characters and direction marks."""
    if text.isprintable():  # as nearly every text is
        return text
    return _UNSEEN.sub("", _LINE_BREAKS.sub(" ", text))


def ordinary_spaces(text: str) -> str:
    """Return text for plain mail, where spaces that do not break are unusual characters."""
    return text.replace(NO_BREAK_SPACE, " ").replace("\u202f", " ")


def markdown(text: str) -> str:
    """Return text that Markdown prints as it is: no markup, no table cell, nobody mentioned."""
    return _MARKDOWN.sub(r"\\\1", one_line(text)).replace("@", "&#64;")


@cache
def locale_of(language: str) -> Locale:
    """Return the locale of a language tag such as ``de-AT``."""
    return Locale.parse(language, sep="-")


def number_text(number: Decimal, decimals_min: int, language: str) -> str:
    """Print a number exactly in a language, with as many decimals at least; minus is a minus sign."""
    group, point = _separators(language)
    whole, _, part = f"{abs(number):,f}".partition(".")
    part = part.rstrip("0").ljust(decimals_min, "0")
    printed = whole.replace(",", group) + (point + part if part else "")
    return f"−{printed}" if number < 0 else printed


@cache
def _separators(language: str) -> tuple[str, str]:
    """Return what groups digits in a language, and what stands before decimals."""
    locale = locale_of(language)
    return get_group_symbol(locale), get_decimal_symbol(locale)


@lru_cache(maxsize=4096)
def figure_text(money: Money, language: str) -> str:
    """Print an amount without its currency."""
    return number_text(money.amount, minor_digits(money.currency), language)


@lru_cache(maxsize=4096)
def money_text(money: Money, language: str) -> str:
    """Print an amount with its currency's code, on the side where the language has it."""
    return _with_code(figure_text(money, language), money.currency, language)


def _with_code(figure: str, currency: str, language: str) -> str:
    parts = (figure, currency) if _has_code_last(language) else (currency, figure)
    return NO_BREAK_SPACE.join(parts)


@cache
def _has_code_last(language: str) -> bool:
    pattern: str = locale_of(language).currency_formats["standard"].pattern
    return pattern.partition(";")[0].endswith("¤")


@lru_cache(maxsize=4096)
def date_text(value: date | None, language: str) -> str:
    """Print a day, its month unmistakable; nothing where there is none."""
    return format_date(value, "medium", locale=locale_of(language)) if value else ""


def days_text(hours: OpeningHours, language: str) -> str:
    """Print weekdays: ``Mon–Fri``."""
    names = get_day_names("abbreviated", context="stand-alone", locale=locale_of(language))
    ends = dict.fromkeys((hours.first_weekday, hours.last_weekday))
    return "–".join(names[weekday] for weekday in ends)


def language_of(context: Context) -> str:
    """Return the language of a page; looked up among what was handed over, as each figure and label of a page asks."""
    language: str = context.parent["language"]
    return language


@pass_context
def _figure(context: Context, money: Money) -> str:
    return figure_text(money, language_of(context))


@pass_context
def _money(context: Context, money: Money) -> str:
    return money_text(money, language_of(context))


@pass_context
def _figure_tag(context: Context, money: Money) -> Markup:
    return _amount_tag(money, figure_text(money, language_of(context)))


@pass_context
def _money_tag(context: Context, money: Money) -> Markup:
    return _amount_tag(money, escape(money_text(money, language_of(context))))


@lru_cache(maxsize=4096)
def _amount_tag(money: Money, printed: str) -> Markup:
    """Return an amount with its plain decimal, so that a program reads the figure a person sees.

    Args:
        printed: a figure, which has nothing to escape, or what was escaped.
    """
    negative = ' class="negative"' if money.minor < 0 else ""
    return Markup(f'<data value="{money.text}"{negative}>{printed}</data>')  # noqa: S704 - as the arguments say


@pass_context
def _date(context: Context, value: date | None) -> str:
    return date_text(value, language_of(context))


@pass_context
def _month(context: Context, period: Period) -> str:
    return format_date(period.first_day, "MMMM y", locale=locale_of(language_of(context)))


@pass_context
def _quantity(context: Context, number: Decimal) -> str:
    return number_text(number, 0, language_of(context))


@pass_context
def _price(context: Context, number: Decimal) -> str:
    return number_text(number, 2, language_of(context))


@pass_context
def _unit_price(context: Context, price: UnitPrice) -> str:
    language = language_of(context)
    return _with_code(number_text(price.amount, minor_digits(price.currency), language), price.currency, language)


@pass_context
def _days(context: Context, hours: OpeningHours) -> str:
    return days_text(hours, language_of(context))


@pass_context
def _country(context: Context, code: str) -> str:
    return str(locale_of(language_of(context)).territories.get(code, code))


@pass_context
def _label(context: Context, code: str) -> str:
    label = LABELS.get(code)
    if not label:
        return code.replace("_", " ").replace("-", " ").capitalize()
    # The environment is the one of this package, which looks messages up.
    return str(context.environment.said(context, label))  # type: ignore[attr-defined]


@pass_context
def finalize(context: Context, value: Any) -> Any:
    """Make what an expression prints safe for its medium; HTML is escaped after this, by the environment."""
    if isinstance(value, Markup):
        return value if value.isprintable() else Markup(_UNSEEN.sub("", value))  # noqa: S704 - it was escaped already
    if (context.name or "").endswith(".md.j2"):
        return markdown(str(value))
    return one_line(value) if isinstance(value, str) else value


@pass_context
def _shown(context: Context, value: Value) -> str:
    """Print a value of a notice; a sentence is translated, and its values are printed first."""
    if isinstance(value, Text):
        values = {name: _shown(context, own) for name, own in value.values.items()}
        return cast("str", context.call(context["gettext"], value.message, **values))
    if isinstance(value, Label):
        return _label(context, value.code)
    if isinstance(value, datetime):
        return moment_text(value, language_of(context))
    for kind, printed in _PRINTED.items():
        if isinstance(value, kind):
            return cast("str", printed(context, value))
    return str(value)


def moment_text(moment: datetime, language: str) -> str:
    """Print a moment with its zone, since readers sit in several."""
    locale = locale_of(language)
    day = format_date(moment, "full", locale=locale)
    time = format_time(moment, "short", tzinfo=moment.tzinfo, locale=locale)
    zone = get_timezone_name(moment, width="short", locale=locale)
    # Where a language has no short name for a zone, this is +0100.
    shown = get_timezone_gmt(moment, width="long", locale=locale) if zone[:1] in "+-" else zone
    return f"{day}, {time} ({shown})"


_PRINTED: Mapping[type[Any], Any] = {
    Money: _money,
    UnitPrice: _unit_price,
    date: _date,
    Period: _month,
    Decimal: _quantity,
}

FILTERS: Mapping[str, Any] = {
    "figure": _figure,
    "money": _money,
    "date": _date,
    "month": _month,
    "quantity": _quantity,
    "price": _price,
    "days": _days,
    "country": _country,
    "label": _label,
    "number": account_number,
    "shown": _shown,
    "from_markdown": markdown_html,
}

# Their markup is made of nothing but an amount.
TAGS: Mapping[str, Any] = {"figure_tag": _figure_tag, "money_tag": _money_tag}
