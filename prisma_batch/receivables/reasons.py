"""Why an account's status is what it is: sentences for the catalogs, and in English as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from prisma_batch.base.money import from_minor


class Owed(NamedTuple):
    """An amount in minor units of a currency."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{from_minor(self.minor, self.currency):f} {self.currency}"


ReasonValue: TypeAlias = str | int | date | Owed


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence, and what it says of this account: the values in it."""

    message: str
    said: Mapping[str, ReasonValue]

    @property
    def text(self) -> str:
        """Return the sentence in English."""
        return self.message % self.said


def because(message: str, **values: ReasonValue) -> Reason:
    """Return a sentence for the catalogs; it is translated where it is printed."""
    return Reason(message, values)
