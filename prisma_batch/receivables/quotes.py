"""Finds the numbers of documents in what payers write: at digit boundaries, and not in what only looks like them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from prisma_batch.receivables.look_alikes import context_of, is_look_alike

_CHAIN = re.compile(r"[0-9]+(?:[-/._ ][0-9]+)*")
_NO_DIGIT = re.compile(r"[^0-9]+")
_NO_SIGN = re.compile(r"[^0-9A-ZÄÖÜß]+")
_SHORTEST_ALONE = 4
_SURE_ALONE = 8
_MOST_PARTS = 12
_MOST_SHARING = 50


class Quote(NamedTuple):
    """A document that a payment quotes.

    ``exact`` means that a field holds its reference and nothing else; ``named`` that the text gives the whole number
    or says that it is an invoice's; ``likely`` that only digits agree, but many of them.
    """

    document: str
    evidence: str
    exact: bool = False
    named: bool = False
    likely: bool = False


class _Key(NamedTuple):
    document: str
    reference: str
    before: str
    after: str
    dotted: bool


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The references of documents by the digits in them, for finding them in free text."""

    keys: Mapping[str, Sequence[_Key]] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def of(cls, references: Iterable[tuple[str, str]]) -> "TextIndex":
        """Build the index from pairs of document and reference."""
        keys: dict[str, list[_Key]] = defaultdict(list)
        for document, reference in references:
            written = reference.upper()
            chain = max(_CHAIN.finditer(written), key=lambda found: len(_digits(found[0])), default=None)
            if chain:
                around = _bare(written[: chain.start()]), _bare(written[chain.end() :])
                key = _Key(document, reference, *around, "." in chain[0])
                digits = _digits(chain[0])
                if any(around) or len(digits) >= _SHORTEST_ALONE:
                    keys[digits].append(key)
        few = {digits: tuple(found) for digits, found in keys.items() if len(found) <= _MOST_SHARING}
        return cls(few, max(map(len, few), default=0))

    def quotes(self, text: str) -> tuple[Quote, ...]:
        """Return the documents that a text quotes."""
        if not any(digits in self.keys for chain in _CHAIN.findall(text) for digits in self._windows(chain)):
            return ()
        capital = text.upper()
        if len(capital) != len(text):  # some letters have no single capital
            capital = text
        found: dict[str, Quote] = {}
        for chain in _CHAIN.finditer(capital):
            for start, end in _spans(chain[0]) if len(chain[0]) > 1 else [(0, 1)]:
                span = chain.start() + start, chain.start() + end
                for quote in self._at(capital, span, chain):
                    known = found.get(quote.document)
                    if known is None or quote[2:] > known[2:]:
                        found[quote.document] = quote
        return tuple(found.values())

    def _windows(self, chain: str) -> Iterator[str]:
        if chain.isdigit():
            yield chain
            return
        for start, end in _spans(chain):
            yield _digits(chain[start:end])

    def _at(self, text: str, span: tuple[int, int], chain: "re.Match[str]") -> Iterator[Quote]:
        written = text[slice(*span)]
        for key in self.keys.get(_digits(written), ()):
            if _letters_agree(key, text, span):
                goes_on = span[1] < chain.end() and text[span[1]] != " "
                if not goes_on or text[span[1]] == "/":
                    yield Quote(key.document, f"the text quotes {key.reference}", named=not goes_on, likely=goes_on)
            elif len(_digits(written)) >= _SHORTEST_ALONE and not (key.before and key.after):
                yield from _bare_number(key, text, span)


def _bare_number(key: _Key, text: str, span: tuple[int, int]) -> Iterator[Quote]:
    """Take digits without the letters of the reference for it, unless they stand for something else."""
    context, written = context_of(text, span[0]), text[slice(*span)]
    if context != "other" and _stands_alone(text, span) and not is_look_alike(text, span, dotted=key.dotted):
        likely = len(_digits(written)) >= _SURE_ALONE
        yield Quote(key.document, f"the text quotes {written}", named=context == "invoice", likely=likely)


def _spans(chain: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a chain of numbers: the whole first, then each run of neighbours."""
    parts = [found.span() for found in re.finditer(r"[0-9]+", chain)]
    if len(parts) > _MOST_PARTS:
        parts = parts[:_MOST_PARTS]
    for length in range(len(parts), 0, -1):
        for first in range(len(parts) - length + 1):
            yield parts[first][0], parts[first + length - 1][1]


def _letters_agree(key: _Key, text: str, span: tuple[int, int]) -> bool:
    """Say whether the letters of the reference stand around its digits, and no others touch them."""
    if not (key.before or key.after):
        return False
    before, after = text[: span[0]], text[span[1] :]
    if (not key.before and before[-1:].isalnum()) or (not key.after and after[:1].isalpha()):
        return False
    return _ends_with(_NO_SIGN.sub(" ", before), key.before) and _ends_with(
        _NO_SIGN.sub(" ", after)[::-1], key.after[::-1]
    )


def _ends_with(text: str, wanted: str) -> bool:
    """Compare from the end, passing over blanks; a letter or digit must not go on where the wanted text begins."""
    position = len(text)
    for sign in reversed(wanted):
        while position and text[position - 1] == " ":
            position -= 1
        if not position or text[position - 1] != sign:
            return False
        position -= 1
    return not wanted or not position or not (text[position - 1].isalnum() and text[position - 1] != " ")


def _stands_alone(text: str, span: tuple[int, int]) -> bool:
    before, after = text[: span[0]][-1:], text[span[1] :][:2]
    return not before.isalnum() and before not in tuple("-/._") and not re.match(r"[-/._]?[0-9]|[A-Z]", after)


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", text)


def _bare(text: str) -> str:
    return _NO_SIGN.sub("", text)
