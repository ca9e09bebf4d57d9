"""A finding is bad data as a value: what is wrong, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing wrong with one file.

    ``source`` is a path relative to the workspace root. ``pointer`` is a JSON pointer (RFC 6901) into a YAML record;
    ``line`` and ``column`` count from 1 and are filled in from the pointer when findings are written. In tables
    ``line`` is the row, the header being row 1, and ``column`` the column.
    """

    code: str
    message: str
    remedy: str
    source: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    severity: Severity = "error"

    def at(self, line: int, column: int) -> "Finding":
        """Return the same finding with its place known."""
        return replace(self, line=line, column=column)


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sort by file, line, column, code, then message, so that output never depends on the order of checks."""
    return sorted(findings, key=lambda f: (f.source, f.line or 0, f.column or 0, f.code, f.message))


def errors_in(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop a run or fail a pull request."""
    return [finding for finding in findings if finding.severity == "error"]


def pointer(*parts: str | int) -> str:
    """Join parts into a JSON pointer: ``pointer("lines", 0, "amount") == "/lines/0/amount"``."""
    joined = "/".join(["", *map(str, parts)])
    if joined.count("/") == len(parts) and "~" not in joined:
        return joined
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
