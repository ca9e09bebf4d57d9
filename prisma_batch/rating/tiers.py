"""What a quantity costs by each model: exact integers, mirror-symmetric (a negative quantity costs the negative)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

# Python integers in object arrays: exact at any size.
Exact: TypeAlias = Any


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaledTier:
    """A tier with integers: ``up_to`` at the quantity's scale (None: open), the price at its own, flat at both's."""

    up_to: int | None
    price: int
    flat: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaledPricing:
    """Prices of some quantities: ``price`` is one a quantity, ``unit`` is 1 at the quantity's scale."""

    price: Exact
    unit: int
    package_size: int
    tiers: Sequence[ScaledTier]


def flat(quantity: Exact, pricing: ScaledPricing) -> Exact:
    """Charge the price, whatever the quantity."""
    return pricing.price * pricing.unit + 0 * quantity


def per_unit(quantity: Exact, pricing: ScaledPricing) -> Exact:
    """Charge the price for each unit."""
    return quantity * pricing.price


def package(quantity: Exact, pricing: ScaledPricing) -> Exact:
    """Charge the price for each package begun."""
    return whole_blocks(quantity, pricing.package_size) * pricing.price * pricing.unit


def graduated(quantity: Exact, pricing: ScaledPricing) -> Exact:
    """Charge each part of the quantity at the price of its tier, and the flat amount of each tier reached."""
    units, cost, below = abs(quantity), 0 * quantity, 0
    for tier in pricing.tiers:
        inside = units if tier.up_to is None else np.minimum(units, tier.up_to)
        reached = units > below
        cost = cost + np.where(reached, (inside - below) * tier.price + tier.flat, 0)
        below = tier.up_to or below
    return np.where(quantity < 0, -cost, cost)


def volume(quantity: Exact, pricing: ScaledPricing) -> Exact:
    """Charge the whole quantity at the price of the tier that it reaches, and that tier's flat amount."""
    units, cost, below = abs(quantity), 0 * quantity, 0
    for tier in pricing.tiers:
        cost = np.where(units > below, units * tier.price + tier.flat, cost)
        below = tier.up_to or below
    return np.where(quantity < 0, -cost, cost)


def whole_blocks(quantity: Exact, size: int) -> Exact:
    """Return how many blocks a quantity begins, with its sign."""
    blocks = -(-abs(quantity) // size)
    return np.where(quantity < 0, -blocks, blocks)


COST_BY_MODEL: Mapping[str, Callable[[Any, ScaledPricing], Any]] = MappingProxyType(
    {"flat": flat, "per_unit": per_unit, "package": package, "graduated": graduated, "volume": volume}
)
