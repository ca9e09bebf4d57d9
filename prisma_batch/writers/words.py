"""The words and figures of one language, for documents that no template prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from gettext import GNUTranslations, NullTranslations
from typing import Any

from babel.dates import format_date

from prisma_batch.base.periods import Period
from prisma_batch.views.amounts import Money
from prisma_batch.views.hours import OpeningHours
from prisma_batch.views.labels import LABELS
from prisma_batch.views.notices.layout import Text
from prisma_batch.writers.catalogs import spoken
from prisma_batch.writers.texts import date_text, days_text, figure_text, locale_of, money_text, number_text


@dataclass(frozen=True, slots=True)
class Words:
    """Prints in one language: messages of its catalog, amounts, dates and quantities."""

    language: str
    catalog: NullTranslations

    @classmethod
    def of(cls, language: str, catalogs: Mapping[str, GNUTranslations]) -> "Words":
        """Take the language asked for where there is a catalog, else English."""
        language = spoken(language, catalogs)
        return cls(language, catalogs.get(language.partition("-")[0], NullTranslations()))

    def say(self, message: str, **values: Any) -> str:
        """Return a message with its values."""
        return self.catalog.gettext(message) % values

    def shown(self, text: Text) -> str:
        """Return a sentence about amounts and days."""
        values = {
            name: self.money(value) if isinstance(value, Money) else self.day(value)
            for name, value in text.values.items()
        }
        return self.say(text.message, **values)

    def count(self, one: str, many: str, number: int) -> str:
        """Return the message for a number, which stands in it as ``num``."""
        return self.catalog.ngettext(one, many, number) % {"num": number}

    def label(self, code: str) -> str:
        """Return a code in words."""
        return self.catalog.gettext(LABELS[code]) if code in LABELS else code.replace("_", " ")

    def figure(self, money: Money) -> str:
        return figure_text(money, self.language)

    def money(self, money: Money) -> str:
        return money_text(money, self.language)

    def day(self, value: date | None) -> str:
        return date_text(value, self.language)

    def days(self, first: date | None, last: date | None) -> str:
        """Print an interval; nothing where there is none."""
        return f"{self.day(first)} – {self.day(last)}" if first and last else ""

    def month(self, period: Period) -> str:
        return format_date(period.first_day, "MMMM y", locale=locale_of(self.language))

    def quantity(self, number: Decimal) -> str:
        return number_text(number, 0, self.language)

    def price(self, number: Decimal) -> str:
        return number_text(number, 2, self.language)

    def country(self, code: str) -> str:
        return str(locale_of(self.language).territories.get(code, code))

    def hours(self, hours: OpeningHours) -> str:
        return f"{days_text(hours, self.language)} {', '.join(hours.windows)}"
