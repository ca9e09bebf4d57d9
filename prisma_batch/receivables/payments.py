"""Bank entries as the matcher sees them: a column each, so that a million take little room and time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from prisma_batch.records.table import values_of

Positions: TypeAlias = NDArray[np.int64]


class Payment(NamedTuple):
    """A bank entry; amounts are minor units, negative for money that leaves. ``position`` counts in booking order."""

    payment: str
    position: int
    bank_account: str
    value_date: Any
    amount_minor: int
    currency: str
    counterparty_iban: str
    reversal: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payments(Mapping[str, Payment]):
    """Payments by their ids, in booking order; each is made when somebody asks for it.

    ``payers`` and ``currency_codes`` have the places of account numbers in ``ibans`` and of codes in ``currencies``.
    """

    names: Sequence[str]
    positions: Mapping[str, int]
    amounts_minor: NDArray[np.int64]
    payers: NDArray[np.int64]
    ibans: Sequence[str]
    currency_codes: NDArray[np.int64]
    currencies: Sequence[str]
    others: tuple[Sequence[Any], Sequence[Any], Sequence[bool]]

    @classmethod
    def of(cls, entries: DataFrame) -> "Payments":
        """Take the columns of BANK_ENTRIES with ``payment``, in booking order."""
        names = entries["payment"].tolist()
        payers, ibans = pd.factorize(entries["counterparty_iban"], use_na_sentinel=False)
        currency_codes, currencies = pd.factorize(entries["currency"], use_na_sentinel=False)
        bank_accounts, value_dates = (values_of(entries[column]) for column in ("account_iban", "value_date"))
        return cls(
            names=names,
            positions={name: position for position, name in enumerate(names)},
            amounts_minor=entries["amount_minor"].to_numpy(),
            payers=payers.astype(np.int64),
            ibans=list(ibans),
            currency_codes=currency_codes.astype(np.int64),
            currencies=list(currencies),
            others=(bank_accounts, value_dates, entries["reversal"].tolist()),
        )

    def __getitem__(self, name: str) -> Payment:
        return self.at(self.positions[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.positions

    def at(self, position: int) -> Payment:
        """Return the payment at a place in booking order."""
        bank_accounts, value_dates, reversals = self.others
        amount, currency = int(self.amounts_minor[position]), self.currencies[self.currency_codes[position]]
        money = (bank_accounts[position], value_dates[position], amount, currency)
        return Payment(self.names[position], position, *money, self.ibans[self.payers[position]], reversals[position])

    def where(self, chosen: NDArray[np.bool_]) -> list[Payment]:
        """Return the payments for which a column of flags holds."""
        return self.all_at(np.flatnonzero(chosen).tolist())

    def all_at(self, positions: Iterable[int]) -> list[Payment]:
        """Return the payments at several places."""
        return [self.at(position) for position in positions]


class LeftMinor(dict[str, int]):
    """What is left of each payment: its amount, until something was applied; only changes take room."""

    def __init__(self, payments: Payments) -> None:
        super().__init__()
        self._payments = payments

    def __missing__(self, name: str) -> int:
        return int(self._payments.amounts_minor[self._payments.positions[name]])

    def column(self) -> NDArray[np.int64]:
        """Return what is left of every payment, in booking order."""
        left = self._payments.amounts_minor.copy()
        positions = [self._payments.positions[name] for name in self]
        left[positions] = list(self.values())
        return left
