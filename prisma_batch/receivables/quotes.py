"""Finds the numbers of documents in what payers write: at digit boundaries, and not in what only looks like them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from prisma_batch.receivables.look_alikes import context_of, is_look_alike

_CHAIN = re.compile(r"[0-9]+(?:[-/._ ][0-9]+)*")
_MARK = "\x1e"
_SINGLE = re.compile(r"([^0-9]*)([0-9]+(?:[-/._ ][0-9]+)*)([^0-9]*)")
_SEPARATOR = re.compile(r"[-/._ ]")
_NUMBER = re.compile(r"[0-9]+")
_NO_DIGIT = re.compile(r"[^0-9]+")
_NO_SIGN = re.compile(r"[^0-9A-ZÄÖÜß]+")
_SHORTEST_ALONE = 4
_SURE_ALONE = 8
_MOST_PARTS = 12
_NEAR = 200  # how far the letters of a reference, at most 64 and signs between them, reach
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
class _Crowd:
    """The references that share digits, by the letters before and after; and how many letters those may be."""

    by_letters: Mapping[tuple[str, str], Sequence[_Key]]
    lengths: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, keys: Iterable[_Key]) -> "_Crowd":
        """Index references; what too many have in common tells nothing apart."""
        found: dict[tuple[str, str], list[_Key]] = defaultdict(list)
        for key in keys:
            found[key.before, key.after].append(key)
        few = {letters: tuple(same) for letters, same in found.items() if len(same) <= _MOST_SHARING}
        return cls(few, sorted({(len(before), len(after)) for before, after in few}))

    def between(self, before: str, after: str) -> Iterable[_Key]:
        """Return the references whose letters a text ends and goes on with, around their digits."""
        for long_before, long_after in self.lengths:
            start = max(0, len(before) - long_before)
            yield from self.by_letters.get((before[start:], after[:long_after]), ())


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The references of documents by the digits in them, for finding them in free text.

    ``crowds`` has those whose digits many share, such as a series for each customer, by the letters before and after.
    Others are looked at once somebody writes their digits, and ``seen`` keeps them: most are never written of.
    """

    references: Mapping[str, Sequence[tuple[str, str]]]
    crowds: Mapping[str, _Crowd]
    chain: "re.Pattern[str]"
    shortest: int
    seen: dict[str, Sequence[_Key]] = field(default_factory=dict)

    @classmethod
    def of(cls, references: Iterable[tuple[str, str]]) -> "TextIndex":
        """Build the index from pairs of document and reference."""
        by_digits: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for pair in references:
            parts = _longest_number(pair[1].upper())
            digits = _digits(parts[1]) if parts else ""
            if len(digits) >= _SHORTEST_ALONE or (digits and (_bare(parts[0]) or _bare(parts[2]))):
                by_digits[digits].append(pair)
        crowds = {
            digits: _Crowd.of(map(_key, pairs)) for digits, pairs in by_digits.items() if len(pairs) > _MOST_SHARING
        }
        # Chains with fewer digits than any reference has are passed over as they are read.
        shortest = min(map(len, by_digits), default=1)
        return cls(by_digits, crowds, re.compile(rf"[0-9](?:[-/._ ]?[0-9]){{{shortest - 1},}}"), shortest)

    def hits(self, texts: Sequence[str]) -> Iterator[int]:
        """Yield the positions of the texts with the digits of a reference: few of many, so all are read in one go."""
        joined = _MARK.join(texts)
        if joined.count(_MARK) >= len(texts):
            joined = _MARK.join(text.replace(_MARK, " ") for text in texts)
        position, last = 0, -1
        for token in re.findall(f"{_MARK}|{self.chain.pattern}", joined):
            if token == _MARK:
                position += 1
            elif position != last and (token in self.references or (not token.isdigit() and self._has(token))):
                last = position
                yield position

    def quotes(self, text: str) -> tuple[Quote, ...]:
        """Return the documents that a text quotes."""
        capital = text.upper()
        if len(capital) != len(text):  # some letters have no single capital
            capital = text
        found: dict[str, Quote] = {}
        for chain in filter(self._matches, self.chain.finditer(capital)):
            for start, end in _spans(chain[0]):
                span = chain.start() + start, chain.start() + end
                for quote in self._at(capital, span, chain):
                    known = found.get(quote.document)
                    if known is None or quote[2:] > known[2:]:
                        found[quote.document] = quote
        return tuple(found.values())

    def _matches(self, chain: "re.Match[str]") -> bool:
        return self._has(chain[0])

    def _has(self, chain: str) -> bool:
        """Say whether a chain of numbers, or neighbours in it, are the digits of any reference: most are of none."""
        if chain in self.references:
            return True
        if chain.isdigit():
            return False
        parts = _SEPARATOR.split(chain)[:_MOST_PARTS]
        whole = "".join(parts)
        if len(whole) <= self.shortest:
            return whole in self.references
        for first in range(len(parts)):
            digits = ""
            for part in parts[first:]:
                digits += part
                if digits in self.references:
                    return True
        return False

    def _at(self, text: str, span: tuple[int, int], chain: "re.Match[str]") -> Iterator[Quote]:
        written = text[slice(*span)]
        for key in self._keys_of(_digits(written), text, span):
            if _letters_agree(key, text, span):
                goes_on = span[1] < chain.end() and text[span[1]] != " "
                if not goes_on or text[span[1]] == "/":
                    yield Quote(key.document, f"the text quotes {key.reference}", named=not goes_on, likely=goes_on)
            elif len(_digits(written)) >= _SHORTEST_ALONE and not (key.before and key.after):
                yield from _bare_number(key, text, span)

    def _keys_of(self, digits: str, text: str, span: tuple[int, int]) -> Iterable[_Key]:
        if digits not in self.crowds:
            if digits not in self.seen and digits in self.references:
                self.seen[digits] = tuple(map(_key, self.references[digits]))
            return self.seen.get(digits, ())
        before = _bare(text[max(0, span[0] - _NEAR) : span[0]])
        after = _bare(text[span[1] : span[1] + _NEAR])
        return self.crowds[digits].between(before, after)


def _bare_number(key: _Key, text: str, span: tuple[int, int]) -> Iterator[Quote]:
    """Take digits without the letters of the reference for it, unless they stand for something else."""
    context, written = context_of(text, span[0]), text[slice(*span)]
    if context == "other" or not _stands_alone(text, span):
        return
    if context == "invoice" or not is_look_alike(text, span, dotted=key.dotted):
        likely = len(_digits(written)) >= _SURE_ALONE
        yield Quote(key.document, f"the text quotes {written}", named=context == "invoice", likely=likely)


def _key(pair: tuple[str, str]) -> _Key:
    """Return what a text is compared with, of a document and a reference that has a number."""
    document, reference = pair
    before, chain, after = _longest_number(reference.upper())
    return _Key(document, reference, _bare(before), _bare(after), "." in chain)


def _longest_number(reference: str) -> Sequence[str]:
    """Return what stands before, in and after the longest chain of numbers of a reference; nothing without one."""
    single = _SINGLE.fullmatch(reference)
    if single:
        return single.groups()
    chain = max(_CHAIN.finditer(reference), key=lambda found: len(_digits(found[0])), default=None)
    return (reference[: chain.start()], chain[0], reference[chain.end() :]) if chain else ()


def _spans(chain: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a chain of numbers: the whole first, then each run of neighbours."""
    parts = [found.span() for found in _NUMBER.finditer(chain)][:_MOST_PARTS]
    for length in range(len(parts), 0, -1):
        for first in range(len(parts) - length + 1):
            yield parts[first][0], parts[first + length - 1][1]


def _letters_agree(key: _Key, text: str, span: tuple[int, int]) -> bool:
    """Say whether the letters of the reference stand around its digits, and no others touch them."""
    if not (key.before or key.after):
        return False
    if not key.before and text[span[0] - 1 : span[0]].isalnum():
        return False
    if not key.after and text[span[1] : span[1] + 1].isalpha():
        return False
    return _ends_with(text[max(0, span[0] - _NEAR) : span[0]], key.before) and _ends_with(
        text[span[1] : span[1] + _NEAR][::-1], key.after[::-1]
    )


def _ends_with(text: str, wanted: str) -> bool:
    """Compare from the end, passing over signs; a letter or digit must not go on where the wanted text begins."""
    position = len(text)
    for sign in reversed(wanted):
        while position and not text[position - 1].isalnum():
            position -= 1
        if not position or text[position - 1] != sign:
            return False
        position -= 1
    return not wanted or not position or not text[position - 1].isalnum()


def _stands_alone(text: str, span: tuple[int, int]) -> bool:
    before, after = text[: span[0]][-1:], text[span[1] :][:2]
    return not before.isalnum() and before not in tuple("-/._") and not re.match(r"[-/._]?[0-9]|[A-Z]", after)


def _digits(text: str) -> str:
    bare = text.replace("-", "")  # what most numbers have between their digits
    return bare if bare.isdecimal() else _NO_DIGIT.sub("", bare)


def _bare(text: str) -> str:
    return _NO_SIGN.sub("", text) if text else ""
