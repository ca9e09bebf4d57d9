"""What was agreed for a unit of the match: in words, and what another quantity would have cost."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor
from prisma_batch.rating.formulas import amount_at, formula_of, printed_quantities
from prisma_batch.rating.minimums import MINIMUM_KINDS
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.units import UNIT
from prisma_batch.records.table import rows_of

_FORMULAS_SHOWN = 3


class AgreedPrices:
    """The charges of the units that differ, without minimums, and the terms that priced them."""

    def __init__(self, charges: DataFrame, terms: Sequence[Terms]) -> None:
        self._terms = terms
        self._charges: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for charge in rows_of(charges[~charges["kind"].isin(MINIMUM_KINDS)]):
            self._charges[_unit(charge)].append(charge)

    def may_show(self, unit: Any, quantity: Decimal) -> bool:
        """Say whether an invoice may have this quantity for the unit: what was used, or what the terms make of it."""
        charges = self._charges[_unit(unit)]
        return len(charges) == 1 and quantity in printed_quantities(charges[0], self._agreed(charges[0]))

    def value(self, unit: Any, quantity_scaled: int, quantity_scale: int) -> int | None:
        """Return what another quantity costs, or None where no single price explains the amount of the unit."""
        charges = self._charges[_unit(unit)]
        if len(charges) != 1:
            return None
        [charge] = charges
        if len(printed_quantities(charge, self._agreed(charge))) > 1:  # a line may count something else
            return None
        own = amount_at(charge, self._terms, charge.quantity_scaled, charge.quantity_scale)
        if own != charge.amount_minor:  # capped, or raised to a minimum
            return None
        return amount_at(charge, self._terms, quantity_scaled, quantity_scale)

    def words(self, unit: Any) -> str:
        """Return how the amount of the unit came about: ``12 core-pair × 23.45 = 281.40 EUR``."""
        charges = self._charges[_unit(unit)]
        total = f"{from_minor(sum(int(charge.amount_minor) for charge in charges), unit.currency)} {unit.currency}"
        if not charges or len(charges) > _FORMULAS_SHOWN:
            return f"{len(charges)} charges = {total}"
        formulas = [formula_of(charge, self._terms) for charge in charges]
        return f"{formulas[0]} {unit.currency}" if len(charges) == 1 else f"{' and '.join(formulas)}, together {total}"

    def words_at(self, unit: Any, quantity_scaled: int, quantity_scale: int, amount_minor: int) -> str:
        """Return the words for another quantity, of which ``value`` has said the amount."""
        charges = self._charges[_unit(unit)]
        if len(charges) != 1:
            return self.words(unit)
        changed = charges[0]._replace(
            quantity_scaled=quantity_scaled, quantity_scale=quantity_scale, amount_minor=amount_minor
        )
        return f"{formula_of(changed, self._terms)} {unit.currency}"

    def _agreed(self, charge: Any) -> Terms:
        return self._terms[int(charge.terms)]


def _unit(row: Any) -> tuple[str, ...]:
    return tuple(getattr(row, column) for column in UNIT)
