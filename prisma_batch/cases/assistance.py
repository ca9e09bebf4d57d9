"""Payment assistance scored by written rules: which are met by what, and what may be offered. A person decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prisma_batch.base.money import from_minor, to_minor
from prisma_batch.records.policies import Assistance, AssistanceOffer, AssistanceRule


@dataclass(frozen=True, kw_only=True, slots=True)
class AssistanceFacts:
    """What rules look at; a fact of None is not known. ``open_minor`` is what is open by currency."""

    values: Mapping[str, int | None]
    open_minor: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleStep:
    """A rule, the value it was held against, and what it earned."""

    rule: AssistanceRule
    value: int | None
    is_met: bool
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferStep:
    """An offer; ``refused_because`` is empty where it may be granted."""

    offer: AssistanceOffer
    refused_because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """Every step of an assessment; ``points`` is the sum of those that were met."""

    rules: tuple[RuleStep, ...]
    points: int
    offers: tuple[OfferStep, ...]


def assess(facts: AssistanceFacts, policy: Assistance) -> Assessment:
    """Hold the facts of an account against the rules. What is not known meets no rule."""
    rules = tuple(_step(rule, facts.values.get(rule.fact)) for rule in policy.rules)
    points = sum(step.points for step in rules)
    lacking = [step.rule.name for step in rules if step.rule.required and not step.is_met]
    refusals = ((offer, _refusal(offer, points, lacking, facts)) for offer in policy.offers)
    offers = tuple(OfferStep(offer=offer, refused_because=reason) for offer, reason in refusals)
    return Assessment(rules=rules, points=points, offers=offers)


def _step(rule: AssistanceRule, value: int | None) -> RuleStep:
    is_met = value is not None and (rule.at_least or 0) <= value and (rule.at_most is None or value <= rule.at_most)
    return RuleStep(rule=rule, value=value, is_met=is_met, points=rule.points if is_met else 0)


def _refusal(offer: AssistanceOffer, points: int, lacking: list[str], facts: AssistanceFacts) -> str:
    if lacking:
        return f"required and not met: {', '.join(lacking)}"
    if points < offer.from_points:
        return f"{points} points, {offer.from_points} are needed"
    for currency, limit in offer.max_amount.items():
        open_minor = facts.open_minor.get(currency, 0)
        if open_minor > to_minor(limit, currency):
            return f"{from_minor(open_minor, currency):f} {currency} is open, {limit:f} is the most"
    return ""
