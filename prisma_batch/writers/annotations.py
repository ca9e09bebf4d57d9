"""Findings as workflow commands, which GitHub shows beside the lines of a pull request."""

from collections import Counter
from collections.abc import Callable, Sequence

from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.writers.visible import visible

# GitHub drops what a step says beyond ten annotations of one level.
ANNOTATIONS_PER_LEVEL = 10


def annotations(findings: Sequence[Finding], as_lines: Callable[[Sequence[Finding]], str]) -> str:
    """Return annotations, the most important first; what GitHub would drop follows as lines of the log, and a total.

    Args:
        as_lines: writes findings as lines for people.
    """
    errors = errors_in(findings)
    warnings = [finding for finding in findings if finding.severity == "warning"]
    by_importance = [_most_telling_first(errors), _most_telling_first(warnings)]
    shown = [finding for level in by_importance for finding in level[:ANNOTATIONS_PER_LEVEL]]
    left_out = [finding for level in by_importance for finding in level[ANNOTATIONS_PER_LEVEL:]]
    text = "".join(map(_annotation, shown))
    if not left_out:
        return text
    lines = f"::group::{len(left_out)} more\n{as_lines(left_out)}::endgroup::\n"
    total = f"{len(errors)} errors, {len(warnings)} warnings; those without an annotation are in the log of this step"
    return f"{text}{lines}::notice title=prisma-batch::{total}\n"


def _most_telling_first(findings: Sequence[Finding]) -> list[Finding]:
    """Sort the first finding of each code before the second ones, so that one mistake made often hides no other."""
    count_by_code: Counter[str] = Counter()
    ranked = []
    for finding in findings:
        count_by_code[finding.code] += 1
        ranked.append((count_by_code[finding.code], finding))
    return [finding for _, finding in sorted(ranked, key=lambda entry: entry[0])]


def _annotation(finding: Finding) -> str:
    properties = {
        "file": finding.source,
        "line": str(finding.line or 1),
        "col": str(finding.column or 1),
        "title": finding.code,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{finding.severity} {written}::{_message(f'{finding.message}: {finding.remedy}')}\n"


def _message(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
