"""Findings as JUnit XML, which most CI servers show as tests: a suite for each file, a failure for each error."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.writers.visible import visible


def junit(findings: Sequence[Finding]) -> str:
    """Return JUnit XML; warnings pass, with what they say as output. Without findings one test says so."""
    root = Element("testsuites", {"name": "prisma-batch", **_counts(findings)})
    for source, found in groupby(findings, key=lambda finding: finding.source):
        _add_suite(root, visible(source), list(found))
    if not findings:
        suite = SubElement(root, "testsuite", {"name": "records", **_counts(findings)})
        SubElement(suite, "testcase", classname="records", name="no findings")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Element, name: str, findings: Sequence[Finding]) -> None:
    suite = SubElement(root, "testsuite", {"name": name, **_counts(findings)})
    for finding in findings:
        line, column = str(finding.line or 1), str(finding.column or 1)
        place = {"classname": name, "name": f"{finding.code} {line}:{column}", "file": name, "line": line}
        case = SubElement(suite, "testcase", place)
        message, remedy = visible(finding.message), visible(finding.remedy)
        if finding.severity == "error":
            SubElement(case, "failure", type=finding.code, message=message).text = remedy
        else:
            SubElement(case, "system-out").text = f"{message}: {remedy}"


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    # A report without tests counts as a failure on some servers: without findings one test passes.
    failures = len(errors_in(findings))
    return {"tests": str(max(1, len(findings))), "failures": str(failures), "errors": "0", "skipped": "0"}
