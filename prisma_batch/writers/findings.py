"""Print findings: for people, as annotations of a pull request, and in the formats that other programs read."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Literal, TypeAlias

from prisma_batch.base.findings import Finding
from prisma_batch.writers.annotations import annotations
from prisma_batch.writers.junit import junit
from prisma_batch.writers.sarif import sarif
from prisma_batch.writers.visible import masked, visible

FindingsFormat: TypeAlias = Literal["text", "github", "json", "sarif", "junit"]

# Their pointer ends with a key that somebody made up: it may say anything.
_INVENTED_KEYS = ("schema-unknown-key", "schema-key")


def findings_text(findings: Iterable[Finding], output_format: FindingsFormat) -> str:
    """Return findings as a text in one of the formats, in the order given; nobody's personal data is in it."""
    return _WRITERS[output_format](_without_personal_data(list(findings)))


def _without_personal_data(findings: Sequence[Finding]) -> list[Finding]:
    invented = {(finding.source, finding.pointer) for finding in findings if finding.code in _INVENTED_KEYS}
    return [
        replace(
            finding,
            message=masked(finding.message),
            remedy=masked(finding.remedy),
            pointer=_known_part(finding, invented),
        )
        for finding in findings
    ]


def _known_part(finding: Finding, invented: Set[tuple[str, str]]) -> str:
    """Return the pointer up to the first key that somebody made up."""
    parts = finding.pointer.split("/")
    known = (length for length in range(2, len(parts) + 1) if (finding.source, "/".join(parts[:length])) in invented)
    return "/".join(parts[: next(known, len(parts) + 1) - 1])


def _text(findings: Sequence[Finding]) -> str:
    return "".join(f"{visible(_headline(finding))}\n    {visible(finding.remedy)}\n" for finding in findings)


def _headline(finding: Finding) -> str:
    place = f"{finding.source}:{finding.line or 1}:{finding.column or 1}"
    warning = " (warning)" if finding.severity == "warning" else ""
    return f"{place}: {finding.code}: {finding.message}{warning}"


def _github(findings: Sequence[Finding]) -> str:
    return annotations(findings, _text)


def _json(findings: Sequence[Finding]) -> str:
    rows = [
        {
            "file": finding.source,
            "line": finding.line or 1,
            "column": finding.column or 1,
            "severity": finding.severity,
            "code": finding.code,
            "message": finding.message,
            "remedy": finding.remedy,
            "pointer": finding.pointer,
        }
        for finding in findings
    ]
    return json.dumps(rows, indent=2, ensure_ascii=True) + "\n"


_WRITERS: Mapping[FindingsFormat, Callable[[Sequence[Finding]], str]] = {
    "text": _text,
    "github": _github,
    "json": _json,
    "sarif": sarif,
    "junit": junit,
}
