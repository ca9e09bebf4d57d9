"""The canonical text of a record: two spaces a level, one spelling of everything that means nothing."""

from collections.abc import Iterable, Iterator

from prisma_batch.records.layout import Block, Entry, Layout, Node, Scalar

WIDTH = 120


def record_text(layout: Layout) -> str:
    """Return the text of a record: values, their quotes and comments as they are laid out, everything else by rule.

    Two spaces a level, also below a list's dash; brackets where the layout has them, the whole fits in 120 columns and
    no comment is inside; at most one blank line, and none where a block begins or ends; no spaces at the end of a line,
    and at least two before a comment.
    """
    # The one place where a blank line may end a block: between the comments above a record and its first key.
    header = _squeezed(["", *layout.header], "")[1:]
    lines = [*header, *(_lines(layout.root, "") if layout.root.entries else ["{}"])]
    return "".join(f"{line}\n" for line in lines)


def _lines(block: Block, indent: str) -> Iterator[str]:
    for number, entry in enumerate(block.entries):
        before = _squeezed(["", *entry.before], indent)[1:] if not number else _squeezed(entry.before, indent)
        yield from before
        yield from _entry_lines(entry, indent)
    yield from _squeezed(_without_blank_end(block.after), indent)


def _entry_lines(entry: Entry, indent: str) -> Iterator[str]:
    lead = f"{indent}{entry.key.lines[0]}:" if entry.key else f"{indent}-"
    value = entry.value
    if isinstance(value, Block):
        inline = _inline(value)
        if inline is not None and len(lead) + 1 + len(inline) <= WIDTH:
            yield f"{lead} {inline}{entry.comment}"
        else:
            yield from _nested(lead, entry, value, indent)
        return
    head, *below = _scalar_lines(value, f"{indent}  ")
    lead = f"{lead} {head}".rstrip()
    if not below or value.literal:
        yield lead + entry.comment
        yield from below
    else:
        yield lead
        yield from below[:-1]
        yield below[-1] + entry.comment


def _nested(lead: str, entry: Entry, block: Block, indent: str) -> Iterator[str]:
    if entry.key:
        yield lead + entry.comment
        yield from _lines(block, f"{indent}  ")
        return
    if entry.comment:
        yield indent + entry.comment.strip()
    # A dash shares its line with the first entry: comments above that entry move above the dash.
    lines = list(_lines(block, f"{indent}  "))
    while not (line := lines.pop(0).lstrip()) or line.startswith("#"):
        if line:
            yield indent + line
    yield f"{lead} {line}"
    yield from lines


def _scalar_lines(scalar: Scalar, indent: str) -> list[str]:
    head, *below = scalar.lines
    if scalar.literal and any(line.startswith(" ") for line in _until_first_text(below)):
        head = f"{head[0]}2{head[1:]}"
    return [head, *(f"{indent}{line}" if line else "" for line in below)]


def _until_first_text(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.strip(" "):
            return


def _inline(node: Node) -> str | None:
    """Return a value on one line, or None where it is not written so, or has comments or texts of several lines."""
    if isinstance(node, Scalar):
        return node.lines[0] if len(node.lines) == 1 and not node.literal else None
    if node.after or (node.entries and not node.flow):
        return None
    parts = []
    for entry in node.entries:
        inline = _inline(entry.value)
        if inline is None or entry.comment or any(entry.before):
            return None
        parts.append(f"{entry.key.lines[0]}: {inline}" if entry.key else inline)
    return ("[%s]" if node.is_list else "{%s}") % ", ".join(parts)


def _squeezed(lines: Iterable[str], indent: str) -> list[str]:
    """Return comments indented, with one blank line where there are several."""
    squeezed: list[str] = []
    for line in lines:
        if line or squeezed[-1:] != [""]:
            squeezed.append(f"{indent}{line}" if line else "")
    return squeezed


def _without_blank_end(lines: tuple[str, ...]) -> tuple[str, ...]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines
