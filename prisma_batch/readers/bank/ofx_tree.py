"""The tags of OFX as a tree: SGML, whose values may stay unclosed, and XML."""

import re
from xml.sax.saxutils import unescape

from prisma_batch.readers.bank.amounts import Refused
from prisma_batch.readers.csv_text import Refusal

_TOKEN = re.compile(r"<(/?)([A-Za-z0-9._]+)\s*(/?)>([^<]*)")
_BROKEN = Refusal("broken-file", "the OFX is truncated or not well-formed", "fetch the file from the bank again")


class Branch:
    """A tag with others in it: by name the texts and branches below it, and the line it begins on."""

    __slots__ = ("children", "line")

    def __init__(self, line: int | None, children: "dict[str, list[str | Branch]]") -> None:
        self.line = line
        self.children = children

    def all(self, path: str) -> "list[Branch]":
        """Return every branch at a path such as ``BANKTRANLIST/STMTTRN``."""
        return [found for found in self._at(path) if isinstance(found, Branch)]

    def first(self, path: str) -> "Branch | None":
        return next(iter(self.all(path)), None)

    def has(self, path: str) -> bool:
        return bool(self._at(path))

    def text(self, *paths: str) -> str:
        """Return the text at the first path that has any, its blanks joined, else ""."""
        found = (text for path in paths for text in self._at(path) if isinstance(text, str) and text)
        return " ".join(next(found, "").split())

    def _at(self, path: str) -> "list[str | Branch]":
        *steps, last = path.split("/")
        holders = [self]
        for step in steps:
            found = [below for holder in holders for below in holder.children.get(step, ())]
            holders = [below for below in found if isinstance(below, Branch)]
        return [below for holder in holders for below in holder.children.get(last, ())]


def ofx_tree(text: str) -> Branch:
    """Return what is in <OFX>: names in capitals; a tag that is never closed and holds no text is empty.

    Raises:
        Refused: something closes that is not open, or the file ends before everything is closed.
    """
    top = Branch(1, {})
    stack: list[tuple[str, Branch]] = [("", top)]
    line, at, leaf = 1, 0, ""
    for token in _TOKEN.finditer(text):
        line, at = line + text.count("\n", at, token.start()), token.start()
        closes, name, is_empty, value = token[1], token[2].upper(), token[3], token[4].strip()
        if closes and name != leaf:
            _close(stack, name, line)
        elif not closes and (value or is_empty):
            stack[-1][1].children.setdefault(name, []).append(unescape(value, {"&nbsp;": " ", "&quot;": '"'}))
        elif not closes:
            stack.append((name, Branch(line, {})))
        leaf = name if not closes and value else ""
    root = top.first("OFX")
    if len(stack) != 1 or root is None:
        raise Refused(_BROKEN, line)
    return root


def _close(stack: list[tuple[str, Branch]], name: str, line: int) -> None:
    if name not in [opened for opened, _ in stack]:
        raise Refused(_BROKEN, line)
    while True:
        opened, branch = stack.pop()
        parent = stack[-1][1]
        if opened == name:
            parent.children.setdefault(name, []).append(branch if branch.children else "")
            return
        # It was a value without text, and what follows it stands beside it.
        for below, found in branch.children.items():
            parent.children.setdefault(below, []).extend(found)
