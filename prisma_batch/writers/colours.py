"""The issuer's colours, where they are colours; else those of the house."""

import re
from collections.abc import Mapping

from prisma_batch.records.settings import Issuer

DEFAULT_COLOURS = {"primary": "#1a3c6e", "accent": "#1d6fb8"}  # as they stand in the style sheets
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def colours_of(issuer: Issuer) -> Mapping[str, str]:
    """Return each colour by name; raises nothing: what is no colour is the house's."""
    chosen = {name: issuer.colours.get(name, default) for name, default in DEFAULT_COLOURS.items()}
    return {name: colour if _COLOUR.fullmatch(colour) else DEFAULT_COLOURS[name] for name, colour in chosen.items()}
