"""Findings as SARIF 2.1.0, which code scanning and editors read."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from prisma_batch import __version__
from prisma_batch.base.findings import Finding
from prisma_batch.writers.visible import visible

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: Sequence[Finding]) -> str:
    """Return one SARIF log with one run, a rule for each code that occurs, and a result for each finding.

    Source: OASIS SARIF 2.1.0, §3.13 (log), §3.14 (run), §3.27 (result), §3.49 (rule).
    """
    codes = sorted({finding.code for finding in findings})
    positions = {code: position for position, code in enumerate(codes)}
    run = {
        "tool": {"driver": {"name": "prisma-batch", "version": __version__, "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, positions[finding.code]) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=True) + "\n"


def _rule(code: str) -> dict[str, Any]:
    explained = {"text": f"docs/codes.md#{code} says what it means and what to do."}
    # GitHub's code scanning wants all three.
    return {
        "id": code,
        "shortDescription": {"text": code.replace("-", " ")},
        "fullDescription": explained,
        "help": explained,
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    # A name may hold what is no character; where it is refused for that, it must still be written.
    uri = quote(finding.source, errors="backslashreplace")
    region = {"startLine": finding.line or 1, "startColumn": finding.column or 1}
    return {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": finding.severity,
        "message": {"text": visible(f"{finding.message}: {finding.remedy}")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }
