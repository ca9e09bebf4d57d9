"""What an unquoted YAML scalar means: only what YAML 1.1 and YAML 1.2 agree on.

Source: YAML 1.1 type repository (bool, int, float, merge, null, timestamp, value); YAML 1.2.2 §10.3 (core schema).
"""

import re
from datetime import date
from functools import lru_cache
from typing import Any

from prisma_batch.base.money import INT64_MAX

AMBIGUOUS = object()
NO_SUCH_DAY = object()
_WORDS: dict[str, Any] = dict.fromkeys(
    "y Y yes Yes YES n N no No NO on On ON off Off OFF True TRUE False FALSE Null NULL = <<".split(), AMBIGUOUS
) | {"true": True, "false": False, "null": None, "~": None, "": None}
# A field of the records themselves (an outcome's `on`, a decision's `on`): the one word that is text as a key.
_WORDS_AS_KEYS = frozenset({"on"})

_NUMBER_STARTS = frozenset("+-.0123456789")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
# Everything that the types of YAML 1.1 (its comma and base 60 included) or the core schema of YAML 1.2 may take for a
# number or a time, and a little more.
_NUMBER_LIKE = re.compile(
    r"[-+]?(?:[0-9._][0-9_.,:]*(?:[eE][-+]?[0-9_]+)?|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)"
    r"|[-+]?\.(?:inf|nan)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:T|[ \t]+)[0-9]{1,2}:[0-9]{2}.*)?",
    re.IGNORECASE,
)


def plain_value(text: str) -> Any:
    """Return what a plain scalar means (bool, int, None or text; dates stay text), ``AMBIGUOUS`` or ``NO_SUCH_DAY``."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _DATE.fullmatch(text):
        # To YAML 1.1 this is a date that cannot be read, to YAML 1.2 any text.
        return text if _is_day(text) else NO_SUCH_DAY
    if _DATE_TIME.fullmatch(text):
        return text
    if _INTEGER.fullmatch(text) and abs(int(text)) <= INT64_MAX:
        return int(text)
    return AMBIGUOUS if _NUMBER_LIKE.fullmatch(text) else text


def is_plain_key(text: str) -> bool:
    """Say whether a plain scalar is text to every parser when it is a key; dates are not."""
    if text in _WORDS:
        return text in _WORDS_AS_KEYS
    return text[0] not in _NUMBER_STARTS or not _NUMBER_LIKE.fullmatch(text)


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
