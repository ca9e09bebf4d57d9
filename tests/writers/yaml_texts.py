"""YAML as people write it: strategies for texts with every layout, comments everywhere, and all kinds of scalars."""

import random
from dataclasses import dataclass

from hypothesis import strategies as st

FLOW_SCALARS = ("12", "a#b", "p q", '"#x"', "'s ''q'", "2026-01-01", '"q é \\n x"', "null", "true")
ONE_LINE = (*FLOW_SCALARS, "", "~", '"é"')
SEVERAL_LINES = (
    "plain one\n  two\n\n   three",
    '"dq one\n  two \\\n  three"',
    "'sq one \n  two\n\n three'",
    "|\n  lit\n    more\n\n  x # no comment",
    "|-  # c0\n  lit\n\n",
    "|+\n  lit\n\n\n",
    ">\n  fold\n  ed\n\n    more",
    "|2\n   lit\n  more",
    ">2-\n   fold\n  ed",
)


@dataclass
class Author:
    """Writes a YAML mapping, guided by chance."""

    chance: random.Random
    comments: int = 0

    def document(self) -> str:
        start = self.chance.choice(["", "", "---\n", f"--- {self.comment()}\n"])
        end = self.chance.choice(["", "...\n", self.comment()])
        text = self.lines("") + start + self.mapping("", 0) + self.lines("") + end
        return text.replace("\n", "\r\n") if self.chance.random() < 0.1 else text

    def comment(self) -> str:
        self.comments += 1
        return f"{self.chance.choice(['#', '# '])}c{self.comments}"

    def behind(self) -> str:
        """What stands behind a value."""
        choice = self.chance.random()
        spaces = " " * self.chance.randrange(1, 5)
        return spaces + self.comment() if choice < 0.25 else spaces if choice < 0.3 else ""

    def lines(self, indent: str) -> str:
        """Blank lines and comments of their own, in whatever column."""
        text = ""
        while self.chance.random() < 0.3:
            column = self.chance.choice([len(indent), self.chance.randrange(0, len(indent) + 4)])
            text += self.chance.choice(["\n", " " * column + self.comment() + "\n"])
        return text

    def mapping(self, indent: str, depth: int) -> str:
        return "".join(self.lines(indent) + self.pair(indent, depth, number) for number in range(self.count()))

    def sequence(self, indent: str, depth: int) -> str:
        return "".join(self.lines(indent) + self.item(indent, depth) for _ in range(self.count()))

    def count(self) -> int:
        return self.chance.randrange(1, 4)

    def pair(self, indent: str, depth: int, number: int) -> str:
        lead = indent + self.chance.choice(["k{}", '"q{}"', "'s{}'"]).format(number) + ":"
        deeper = indent + " " * self.chance.choice([1, 2, 4])
        choice = self.chance.random() if depth < 4 else 1
        if choice < 0.25:
            return f"{lead}{self.behind()}\n{self.mapping(deeper, depth + 1)}"
        if choice < 0.5:
            return f"{lead}{self.behind()}\n{self.sequence(self.chance.choice([indent, deeper]), depth + 1)}"
        return f"{lead}{self.value(indent, depth)}\n"

    def item(self, indent: str, depth: int) -> str:
        choice = self.chance.random() if depth < 4 else 1
        if choice < 0.1:
            return f"{indent}-\n{self.sequence(indent + '  ', depth + 1)}"
        if choice < 0.4:
            spaces = " " * self.chance.choice([1, 1, 3])
            inner = self.mapping(f"{indent} {spaces}", depth + 1)
            first = inner.partition("\n")[0].strip()
            if not first or first.startswith("#") or self.chance.random() < 0.2:
                return f"{indent}-{self.behind()}\n{inner}"
            return f"{indent}-{spaces}{inner.lstrip(' ')}"
        return f"{indent}-{self.value(indent, depth)}\n"

    def value(self, indent: str, depth: int) -> str:
        choice = self.chance.random()
        if choice < 0.3:
            return f" {self.flow(depth)}{self.behind()}"
        if choice < 0.5:
            return " " + self.chance.choice(SEVERAL_LINES).replace("\n", f"\n{indent}")
        lead = self.chance.choice([" ", " ", "   ", f"{self.behind()}\n{indent}  "])
        scalar = self.chance.choice(ONE_LINE)
        return (lead + scalar if scalar else "") + self.behind()

    def flow(self, depth: int) -> str:
        """A mapping or list in brackets, perhaps over several lines."""
        is_list = self.chance.random() < 0.5
        items = []
        for number in range(self.chance.randrange(0, 4)):
            inner = self.flow(depth + 1) if depth < 4 and self.chance.random() < 0.3 else None
            key = "" if is_list else f"k{number}: "
            items.append(f"{self.gap()}{key}{inner or self.chance.choice(FLOW_SCALARS)}{self.gap()}")
        inside = ",".join(items) + self.gap()
        return f"[{inside}]" if is_list else f"{{{inside}}}"

    def gap(self) -> str:
        if self.chance.random() < 0.7:
            return ""
        return self.chance.choice([" ", "\n" + " " * 16, f"  {self.comment()}\n" + " " * 16])


def text_of(seed: int) -> str:
    """Return the text that an author writes with this seed."""
    return Author(random.Random(seed)).document()  # noqa: S311 - nothing here is secret


yaml_texts = st.integers(min_value=0, max_value=2**32).map(text_of)
