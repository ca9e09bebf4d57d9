"""Money as a value that is printed: an exact amount and its currency."""

from dataclasses import dataclass
from decimal import Decimal

from prisma_batch.base.money import from_minor, to_minor


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units of a currency; a template prints it in the reader's language, a table as a plain decimal."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """Take an amount of a record; raises ValueError where it has more decimals than its currency."""
        return cls(to_minor(amount, currency), currency)

    @property
    def amount(self) -> Decimal:
        """Return the exact decimal with the currency's number of decimals."""
        return from_minor(self.minor, self.currency)

    @property
    def text(self) -> str:
        """Return the plain decimal: ``-281.40``."""
        return f"{self.amount:f}"
